"""Networks and budget for ring, grid and embedded grid.

The papers name Metz et al.'s and VEEGAN's networks, with which MD-GAN lost modes in runs that are
not kept; the authors' own are the preset `mdgan_grid_authors`. These
were found by search on the grid: three hidden layers, data scaled to unit variance at the
discriminator's input, and an embedding's bounded output as in MD-GAN's code.
`docs/results/mdgan_grid.md` has the numbers. Rates are the methods' own: one for both players
unless a search found better, as a discriminator that learns at a quarter of the generator's.

In d dimensions they are the same but for widths: as many latents as coordinates, so that a
generator can fill the space; hidden layers of 2 d units at least; and coordinates scaled by
`sqrt(d / 2)` more, as an isometric embedding shares the plane's variance out among d. Ring and grid
have d = 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kgan.errors import InputError
from kgan.methods.presets.preset import Networks, Preset, Shared
from kgan.networks import mlp

# Data set: coordinates of a point, modes.
SETS: Mapping[str, tuple[int, int]] = {"ring": (2, 8), "grid": (2, 25), "embedded_grid": (128, 25)}
UNITS = (128, 128, 128)
DATA_SCALE = 4.0
EMBEDDING_BOUND = 2.5
# What the presets of all methods share on points.
BUDGET: Mapping[str, Any] = {
    "steps": 10_000,
    "batch_size": 256,
    "learning_rate": 1e-3,
    "beta_1": 0.5,
    "decay": "cosine",
    "interval": 500,
    "snapshot_interval": 1_000,
    "steps_per_execution": 250,
}


def _networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Generator and discriminator, of `outputs` or 1; with `components`, one that embeds."""
    components = arguments.get("components")
    return {
        "generator": generator(example_shape, dtype=dtype),
        "discriminator": discriminator(
            example_shape,
            arguments.get("outputs", 1) if components is None else components - 1,
            output_bound=None if components is None else EMBEDDING_BOUND,
            dtype=dtype,
        ),
    }


def generator(
    example_shape: tuple[int, ...], hidden: Sequence[int] = UNITS, *, dtype: Any = None
) -> keras.Model:
    """As many latents as coordinates to points, in layers as wide as `hidden` in the plane."""
    (width,) = checked(example_shape)
    return mlp(
        width,
        units(width, hidden),
        width,
        output_scale=data_scale(width),
        dtype=dtype,
        name="generator",
    )


def discriminator(
    example_shape: tuple[int, ...],
    outputs: int = 1,
    hidden: Sequence[int] = UNITS,
    *,
    dtype: Any = None,
    **options: Any,
) -> keras.Model:
    """Points to `outputs` numbers; `options` of `mlp` to add or to change."""
    (width,) = checked(example_shape)
    options = {"input_scale": 1 / data_scale(width), "name": "discriminator", **options}
    return mlp(width, units(width, hidden), outputs, dtype=dtype, **options)


def units(width: int, hidden: Sequence[int] = UNITS) -> tuple[int, ...]:
    """Widths of hidden layers for points of `width` coordinates, `hidden` in the plane."""
    return tuple(hidden) if width == 2 else tuple(max(n, 2 * width) for n in hidden)


def data_scale(width: int) -> float:
    """What coordinates are divided by, to be near unit variance."""
    return DATA_SCALE * math.sqrt(2 / width)


def checked(example_shape: tuple[int, ...]) -> tuple[int, ...]:
    """`example_shape`, where it is one of points.

    Raises:
        InputError: if it is not.
    """
    if len(example_shape) != 1:
        raise InputError(f"This preset is for points. Received: examples of shape {example_shape}")
    return example_shape


def _latents(example_shape: tuple[int, ...]) -> int:
    return example_shape[0]


def _hidden(example_shape: tuple[int, ...]) -> list[int]:
    return list(units(example_shape[0]))


FACTS: Mapping[str, Any] = {
    "networks": "four linear layers with ReLU",
    "hidden_units": _hidden,
    "latent_dim": _latents,
    "discriminator_norm": "none",
}
networks = Networks(_networks, FACTS)
"""Generator and discriminator of `outputs` or 1; with `components`, one that embeds."""
_BUDGET = "one budget for all methods on points"
_SEARCH = "by search on the grid, for all methods on points: docs/results/mdgan_grid.md"
SHARED: Shared = {
    "networks": ("four linear layers with ReLU", _SEARCH),
    "hidden_units": (_hidden, f"{_SEARCH}; 2 d units in d dimensions"),
    "latent_dim": (_latents, "as many latents as coordinates, so that a generator fills the space"),
    "latent_distribution": ("uniform", "as on images, for all methods without an inverse"),
    "steps": (10_000, _BUDGET),
    "batch_size": (256, _BUDGET),
    "learning_rate": (1e-3, "of three rates that which loses the fewest modes: docs/methods.md"),
    "discriminator_rate": (1.0, "one rate for both players, unless a search found better"),
    "beta_1": (0.5, "DCGAN's (Radford et al. 2016), for all methods on points"),
    "decay": ("cosine", "narrow modes need a rate that goes to 0: docs/results/mgan_ring.md"),
}


def presets(
    arguments: Mapping[str, Any],
    networks: Networks = networks,
    *,
    more: Shared | None = None,
    **fields: Any,
) -> dict[str, Preset]:
    """A method's presets for all sets, on the budget of all methods: see `images.presets`."""
    return {
        name: Preset(
            dataset=name,
            example_shape=(width,),
            networks=networks,
            arguments={"fresh_noise": True, **arguments},
            shared={**SHARED, **(more or {})},
            **{**BUDGET, **fields},
        )
        for name, (width, _) in SETS.items()
    }
