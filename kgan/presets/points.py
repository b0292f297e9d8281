"""Networks and budget for ring and grid.

The papers name Metz et al.'s and VEEGAN's networks, with which MD-GAN lost modes in our runs. These
were found by search on the grid: three hidden layers, data scaled to unit variance at the
discriminator's input, and an embedding's bounded output as in MD-GAN's code.
`docs/results/mdgan_grid.md` has the numbers. Rates are the methods' own: one for both players
unless a search found better, as a discriminator that learns at a quarter of the generator's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.errors import InputError
from kgan.networks import mlp

LATENT_DIM = 2
UNITS = (128, 128, 128)
DATA_SCALE = 4.0
EMBEDDING_BOUND = 2.5
# What the presets of all methods share on ring and grid.
BUDGET: Mapping[str, Any] = {
    "example_shape": (2,),
    "steps": 10_000,
    "batch_size": 256,
    "learning_rate": 1e-3,
    "beta_1": 0.5,
    "decay": "cosine",
    "interval": 500,
    "snapshot_interval": 1_000,
    "steps_per_execution": 250,
}
# What MD-GAN needs to keep all modes, and makes others lose them: of 25 a GAN keeps one with it,
# and 16 to 25 with the budget as it is.
SLOW_DISCRIMINATOR: Mapping[str, Any] = {
    "learning_rate": 2e-3,
    "rate_factors": {"discriminator": 0.25},
}


def networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Generator and discriminator, of `outputs` or 1; with `components`, one that embeds."""
    (width,) = checked(example_shape)
    components = arguments.get("components")
    return {
        "generator": mlp(
            LATENT_DIM, UNITS, width, output_scale=DATA_SCALE, dtype=dtype, name="generator"
        ),
        "discriminator": mlp(
            width,
            UNITS,
            arguments.get("outputs", 1) if components is None else components - 1,
            input_scale=1 / DATA_SCALE,
            output_bound=None if components is None else EMBEDDING_BOUND,
            dtype=dtype,
            name="discriminator",
        ),
    }


def checked(example_shape: tuple[int, ...]) -> tuple[int, ...]:
    """`example_shape`, where it is one of points.

    Raises:
        InputError: if it is not.
    """
    if len(example_shape) != 1:
        raise InputError(f"This preset is for points. Received: examples of shape {example_shape}")
    return example_shape
