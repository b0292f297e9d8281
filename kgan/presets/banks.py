"""Networks of the methods with many generators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from kgan.game import AdversarialModel, GeneratorBank
from kgan.presets import points
from kgan.presets.preset import Preset

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


def arguments(generators: int, private_layers: int | None) -> dict[str, Any]:
    """`network_arguments` of a preset, the generators of equal weight."""
    return {
        "generators": generators,
        "private_layers": private_layers,
        "mixture_weights": None,
    }


def point_presets(
    method: str,
    model: type[AdversarialModel],
    networks: Callable[[str], Callable[..., dict[str, Any]]],
    network_arguments: Callable[[int], Mapping[str, Any]],
    *,
    arguments: Mapping[str, Any] | None = None,
    without: str | None = None,
    **changes: Any,
) -> dict[str, Preset]:
    """Presets of a mixture on points: a generator for each mode, the budget of all methods there.

    Args:
        method: the start of their names.
        model: its class.
        networks: their builder, by data set.
        network_arguments: by number of generators.
        arguments: of the class, besides what all mixtures have.
        without: the data set that has a preset of its own.
        **changes: the rest of a `Preset`.
    """
    return {
        f"{method}_{name}": Preset(
            model=model,
            dataset=name,
            example_shape=(width,),
            networks=networks(name),
            network_arguments=network_arguments(modes),
            arguments={
                "samples_per_generator": max(_LEAST_SAMPLES, points.BUDGET["batch_size"] // modes),
                "latent_distribution": "uniform",
                **(arguments or {}),
            },
            **points.BUDGET,
            **changes,
        )
        for name, (width, modes) in points.SETS.items()
        if name != without
    }
