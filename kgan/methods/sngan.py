"""SN-GAN (Miyato et al., ICLR 2018, https://arxiv.org/abs/1802.05957): spectral discriminators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Networks
from kgan.networks import (
    sndcgan_discriminator,
    sndcgan_generator,
)

_ARGUMENTS: Mapping[str, Any] = {
    "loss": "hinge",
    "latent_distribution": "normal",
    "value_range": (-1.0, 1.0),
}
_ONE_OUTPUT: Mapping[str, Any] = {"outputs": 1}
_POINT_SLOPE = 8.0
_TABLE_3 = "as on CIFAR-10, the paper's table 3"
_SEARCH = "ours, nothing is kept of how it was found; what it does: docs/results/critics_grid.md"


def _networks(generator: Callable[..., Any], discriminator: Callable[..., Any]) -> Networks:
    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "generator": generator(example_shape, dtype=dtype),
            "discriminator": discriminator(example_shape, arguments["outputs"], dtype=dtype),
        }

    facts = {"networks": "SN-GAN's table 3", "latent_dim": 128, "discriminator_norm": "spectral"}
    return Networks(build, facts)


def _point_networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Those of all methods, the discriminator's layers of spectral norm 1.

    Its input is scaled up, so that its slope is at most 8: a discriminator of slope 1 tells points
    within a mode of the grid, of std 0.05, from points beside it by a hundredth of the hinge's
    margin (no mode covered for long; 25 with this, and 21 with 30).
    """
    return {
        "generator": points.generator(example_shape, dtype=dtype),
        "discriminator": points.discriminator(
            example_shape,
            arguments["outputs"],
            input_scale=_POINT_SLOPE,
            spectral_norm=True,
            dtype=dtype,
        ),
    }


# Of 28 pixels, for which the paper has no networks: those of all methods.
_SMALL = {"mnist", "fashion_mnist"}
_IMAGES = images.presets(
    _networks(sndcgan_generator, sndcgan_discriminator),
    _ARGUMENTS,
    without=_SMALL,
    network_arguments=_ONE_OUTPUT,
    more={
        "networks": ("SN-GAN's table 3", _TABLE_3),
        "latent_dim": (128, _TABLE_3),
        "latent_distribution": ("normal", _TABLE_3),
        "value_range": ((-1.0, 1.0), _TABLE_3),
    },
) | images.presets(
    images.networks("spectral"),
    {"loss": "hinge", "latent_distribution": "uniform"},
    without=images.SETS.keys() - _SMALL,
    network_arguments=_ONE_OUTPUT,
)
_POINTS = points.presets(
    {"loss": "hinge", "latent_distribution": "uniform", "discriminator_steps": 2},
    points.networks.differing(
        _point_networks, discriminator_norm="spectral", discriminator_slope=_POINT_SLOPE
    ),
    network_arguments=_ONE_OUTPUT,
    rate_factors={"discriminator": 2.0},
    reasons={
        "discriminator_steps": _SEARCH,
        "discriminator_rate": _SEARCH,
        "discriminator_slope": "of slope 1 it tells points within a mode from those beside it by a "
        "hundredth of the hinge's margin: no mode covered for long, 25 with 8, 21 with 30",
    },
)

METHOD = Method(
    name="sngan",
    title="SN-GAN",
    model=GAN,
    idea="spectral normalisation",
    source="Miyato et al. 2018",
    link="https://arxiv.org/abs/1802.05957",
    application="gan",
    cost=1.8,
    code="pfnet-research/sngan_projection",
    terms=True,
    presets={**_IMAGES, **_POINTS},
)
