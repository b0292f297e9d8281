"""MaEM-GAN (Liu et al., https://arxiv.org/abs/2208.12055)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.errors import InputError
from kgan.models import MaEMGAN
from kgan.networks import (
    dcgan_discriminator,
    dcgan_generator,
    lucic_discriminator,
    lucic_generator,
    mlp,
)
from kgan.presets import images, points
from kgan.presets.preset import Preset

# DCGAN's latents, with which the paper's CIFAR-10 baselines were trained.
_DCGAN_LATENT_DIM = 100
# Below a mode's standard deviation, 0.14 on the ring and 0.05 on the grid.
_POINT_NOISE: Mapping[str, float] = {"ring": 0.05, "grid": 0.02}


def _point_networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    (width,) = points.checked(example_shape)
    return {
        "generator": mlp(
            points.LATENT_DIM,
            points.UNITS,
            width,
            output_scale=points.DATA_SCALE,
            dtype=dtype,
            name="generator",
        ),
        "discriminator": mlp(
            width,
            points.UNITS,
            _width(arguments),
            input_scale=1 / points.DATA_SCALE,
            dtype=dtype,
            name="discriminator",
        ),
    }


def _lucic_networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "generator": lucic_generator(example_shape, images.LATENT_DIM, dtype=dtype),
        "discriminator": lucic_discriminator(
            example_shape, _width(arguments), batch_norm=False, dtype=dtype
        ),
    }


def _dcgan_networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "generator": dcgan_generator(example_shape, _DCGAN_LATENT_DIM, centers=True, dtype=dtype),
        "discriminator": dcgan_discriminator(example_shape, _width(arguments), dtype=dtype),
    }


def _width(arguments: Mapping[str, Any]) -> int:
    """m, of the embedding."""
    width = int(arguments["embedding_dim"])
    if width < 1:
        raise InputError(f"embedding_dim must be at least 1. Received: {width}")
    return width


_IMAGES = {
    f"maemgan_{name or 'images'}": Preset(
        model=MaEMGAN,
        dataset=name,
        example_shape=shape,
        networks=_lucic_networks,
        network_arguments={"embedding_dim": 128},
        arguments={},
        steps=steps,
        source="the paper's buffer on the networks and budget of Lucic et al., without batch norm "
        "in the critic; the embedding's width is ours",
        **images.BUDGET,
    )
    for name, (shape, steps) in images.SETS.items()
    if name != "cifar10"
}
_CIFAR10 = {
    "maemgan_cifar10": Preset(
        model=MaEMGAN,
        dataset="cifar10",
        example_shape=images.SETS["cifar10"][0],
        networks=_dcgan_networks,
        network_arguments={"embedding_dim": 128},
        arguments={"value_range": (-1.0, 1.0)},
        steps=images.SETS["cifar10"][1],
        source="table 5, DCGAN: batch norm in both networks; the budget of Lucic et al.",
        **images.BUDGET,
    )
}
_POINTS = {
    f"maemgan_{name}": Preset(
        model=MaEMGAN,
        dataset=name,
        networks=_point_networks,
        network_arguments={"embedding_dim": 16},
        arguments={"noise": noise},
        source="not in the paper: MD-GAN's networks and budget, neighbours within a mode",
        **points.BUDGET,
    )
    for name, noise in _POINT_NOISE.items()
}
PRESETS = _IMAGES | _CIFAR10 | _POINTS
