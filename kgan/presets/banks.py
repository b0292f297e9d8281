"""Networks of the methods with many generators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from kgan.models import GeneratorBank
from kgan.presets import points

Builder = Callable[..., keras.Model]
# Generator and discriminator of all methods on points.
POINT_NETWORKS: tuple[Builder, Builder] = (points.generator, points.discriminator)
# Generated samples of a step are about as many as the real ones, but 16 of each generator at least.
_LEAST_SAMPLES = 16


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


def point_arguments(generators: int) -> dict[str, Any]:
    """Arguments of a mixture on points, with the budget of all methods there."""
    samples = max(_LEAST_SAMPLES, points.BUDGET["batch_size"] // generators)
    return {"samples_per_generator": samples, "latent_distribution": "uniform"}


def arguments(generators: int, private_layers: int | None) -> dict[str, Any]:
    """`network_arguments` of a preset, the generators of equal weight."""
    return {
        "generators": generators,
        "private_layers": private_layers,
        "mixture_weights": None,
    }
