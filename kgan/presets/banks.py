"""Networks of the methods with many generators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from kgan.models import GeneratorBank

Builder = Callable[..., keras.Model]


def networks(
    generator: Builder, discriminator: Builder, outputs: Callable[[int], int]
) -> Callable[..., dict[str, Any]]:
    """Builder of a bank and a discriminator.

    The number of generators, how many layers are each one's own, and the mixture weights are
    among the preset's `network_arguments`: `generators`, `private_layers`, `mixture_weights`.

    Args:
        generator: `(example_shape, dtype=) -> model` of one generator.
        discriminator: `(example_shape, outputs, dtype=) -> model`.
        outputs: the discriminator's width for K generators.
    """

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        generators = arguments["generators"]
        bank = GeneratorBank(
            generator(example_shape, dtype=dtype),
            generators,
            private_layers=arguments["private_layers"],
            mixture_weights=arguments["mixture_weights"],
            name="generator",
        )
        return {
            "generator": bank,
            "discriminator": discriminator(example_shape, outputs(generators), dtype=dtype),
        }

    return build


def arguments(generators: int, private_layers: int | None) -> dict[str, Any]:
    """`network_arguments` of a preset, the generators of equal weight."""
    return {
        "generators": generators,
        "private_layers": private_layers,
        "mixture_weights": None,
    }
