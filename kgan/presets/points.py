"""Networks and budgets for ring and grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.networks import mlp

LATENT_DIM = 2
UNITS = (128, 128, 128)


def networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Generator and discriminator; the latter as wide as `components` asks for."""
    (width,) = example_shape
    return {
        "generator": mlp(LATENT_DIM, UNITS, width, dtype=dtype, name="generator"),
        "discriminator": mlp(
            width, UNITS, arguments.get("components", 2) - 1, dtype=dtype, name="discriminator"
        ),
    }
