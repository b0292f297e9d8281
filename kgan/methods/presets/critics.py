"""What the presets of critics share: one generator, other games than the original one.

All are on the networks and budgets that the other methods have. On images, numbers of critic steps
are the defaults of Lucic et al. (arXiv:1711.10337) where they have the method.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Networks, Preset, Shared

FIVE: Mapping[str, Any] = {"discriminator_steps": 5}
PENALTY: Mapping[str, Any] = {"penalty": "gradient", "penalty_weight": 10.0}
LIGHT_PENALTY: Mapping[str, Any] = {"penalty_weight": 0.1}
_SLOPE = "where 10 holds a critic's slope at 1, modes of std 0.05 are nothing to it: 1.5% within 3 "
LIGHT = (0.1, f"{_SLOPE}std on the grid, 84% with WGAN-GP's code's 0.1")
RATE = "of three rates that which loses the fewest modes: docs/methods.md"
# Images whose discriminator has batch norm too, as the GAN's.
WITH_NORM = images.networks("batch")


def presets(
    arguments: Mapping[str, Any],
    *,
    on_images: Networks | None = None,
    on_points: Networks = points.networks,
    without: Collection[str] = (),
    outputs: tuple[int, int] | None = (1, 1),
    image_budget: Mapping[str, Any] | None = None,
    point_budget: Mapping[str, Any] | None = None,
    point_arguments: Mapping[str, Any] | None = None,
    budget: Mapping[str, Any] | None = None,
    more: Shared | None = None,
    image_reasons: Mapping[str, str] | None = None,
    point_reasons: Mapping[str, str] | None = None,
) -> dict[str, Preset]:
    """A method's presets for the image sets and the points.

    Args:
        arguments: of the class.
        on_images: builder of networks; Lucic et al.'s without batch norm by default.
        on_points: the same for points.
        without: image sets that have no preset of their own, but that for any images.
        outputs: the discriminator's, on images and on points; None where they cannot be chosen.
        image_budget: what differs from that of all methods on images.
        point_budget: the same on points.
        point_arguments: of the class, what differs on points.
        budget: what differs on images and on points.
        more: shared reasons of its own.
        image_reasons: reasons that hold on images alone.
        point_reasons: the same on points.
    """
    arguments = {"latent_distribution": "uniform", **arguments}
    # Who names penalties of his own gets those alone.
    replaced = dict.fromkeys(PENALTY.keys() & arguments.keys(), "penalties")
    widths = [{"outputs": n} for n in outputs] if outputs else [{}, {}]
    shared = budget or {}
    return {
        **images.presets(
            on_images or images.networks("none"),
            arguments,
            without=without,
            network_arguments=widths[0],
            more=more,
            reasons=image_reasons or {},
            goes_with=replaced,
            **{**shared, **(image_budget or {})},
        ),
        **points.presets(
            {**arguments, **(point_arguments or {})},
            on_points,
            network_arguments=widths[1],
            more=more,
            reasons=point_reasons or {},
            goes_with=replaced,
            **{**shared, **(point_budget or {})},
        ),
    }
