"""Networks of the games whose discriminator is an autoencoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Networks
from kgan.networks import lucic_autoencoder, lucic_generator


def _of_images(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "generator": lucic_generator(example_shape, images.LATENT_DIM, dtype=dtype),
        "discriminator": lucic_autoencoder(example_shape, dtype=dtype),
    }


def _of_points(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """The discriminator of points, its last layer as wide as its input."""
    (width,) = points.checked(example_shape)
    return {
        "generator": points.generator(example_shape, dtype=dtype),
        "discriminator": points.discriminator(
            example_shape, width, output_scale=points.data_scale(width), dtype=dtype
        ),
    }


IMAGES = Networks(_of_images, images.facts())
POINTS = points.networks.differing(_of_points)
