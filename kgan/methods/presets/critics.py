"""What the presets of critics share: one generator, other games than the original one.

All are on the networks and budgets that the other methods have. On images, learning rates and
numbers of steps are the defaults of Lucic et al. (arXiv:1711.10337) where they have the method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Preset

FIVE: Mapping[str, Any] = {"discriminator_steps": 5}
PENALTY: Mapping[str, Any] = {"penalty": "gradient", "penalty_weight": 10.0}
# On points that of Gulrajani et al.'s own code for 25 Gaussians: where 10 holds a critic's slope at
# 1, modes of std 0.05 are nothing to it (1.5% within 3 std on the grid, 84% with this).
LIGHT_PENALTY: Mapping[str, Any] = {"penalty_weight": 0.1}
# Images whose discriminator has batch norm too, as the GAN's.
WITH_NORM = images.networks(batch_norm=True)


def presets(
    source: str,
    arguments: Mapping[str, Any],
    *,
    on_images: Callable[..., dict[str, Any]] | None = None,
    on_points: Callable[..., dict[str, Any]] = points.networks,
    outputs: tuple[int, int] | None = (1, 1),
    image_budget: Mapping[str, Any] | None = None,
    point_budget: Mapping[str, Any] | None = None,
    point_arguments: Mapping[str, Any] | None = None,
    budget: Mapping[str, Any] | None = None,
) -> dict[str, Preset]:
    """A method's presets for the image sets and the points.

    Args:
        source: the paper, and what is ours.
        arguments: of the class.
        on_images: builder of networks; Lucic et al.'s without batch norm by default.
        on_points: the same for points.
        outputs: the discriminator's, on images and on points; None where they cannot be chosen.
        image_budget: what differs from that of all methods on images.
        point_budget: the same on points.
        point_arguments: of the class, what differs on points.
        budget: what differs on images and on points.
    """
    arguments = {"latent_distribution": "uniform", **arguments}
    widths = [{"outputs": n} for n in outputs] if outputs else [{}, {}]
    shared = budget or {}
    return {
        **images.presets(
            source,
            on_images or images.networks(batch_norm=False),
            arguments,
            network_arguments=widths[0],
            **{**shared, **(image_budget or {})},
        ),
        **points.presets(
            source,
            {**arguments, **(point_arguments or {})},
            on_points,
            network_arguments=widths[1],
            **{**shared, **(point_budget or {})},
        ),
    }
