"""Networks of the methods with many generators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from kgan.game import DiscriminatorBank, GeneratorBank
from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Networks, Preset, Shared
from kgan.networks import mlp

Builder = Callable[..., keras.Model]
# Generator and discriminator of all methods on points.
POINT_NETWORKS: tuple[Builder, Builder] = (points.generator, points.discriminator)
_TABLES = "as in MGAN's tables 4 to 7"
SHARED: Shared = {
    "generators": (10, _TABLES),
    "samples_per_generator": (12, _TABLES),
    "private_layers": (1, "as MGAN's paper has it: all but the first layer is shared"),
    "same_noise": (False, "each generator has latents of its own"),
}
# Generated samples of a step are about as many as the real ones, but 16 of each generator at least.
_LEAST_SAMPLES = 16


def networks(
    generator: Builder,
    discriminator: Builder,
    outputs: Callable[[int], int],
    facts: Mapping[str, Any],
    options: Mapping[str, Sequence[str]] | None = None,
) -> Networks:
    """Builder of a bank and a discriminator.

    The number of generators, how many layers are each one's own, and the mixture weights are
    among the preset's `network_arguments`: `generators`, `private_layers`, `mixture_weights`.

    Args:
        generator: `(example_shape, dtype=) -> model` of one generator.
        discriminator: `(example_shape, outputs, dtype=) -> model`.
        outputs: the discriminator's width for K generators.
        facts: what is known of them, see `Networks`.
        options: what can be chosen of them, the same.
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
            "discriminator": discriminator(
                example_shape,
                outputs(generators),
                dtype=dtype,
                **images.norm_asked_for(arguments),
            ),
        }

    return Networks(build, facts, options or {})


def one_output(generators: int) -> int:
    """The width of a discriminator that tells real from generated alone."""
    return 1


def discriminators(networks: Networks) -> Networks:
    """The same networks with a bank of discriminators, `discriminators` of the arguments."""

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = networks(example_shape, dtype, arguments)
        bank = DiscriminatorBank(
            found["discriminator"], arguments["discriminators"], name="discriminator"
        )
        return {**found, "discriminator": bank}

    return networks.differing(build)


def arguments(generators: int, private_layers: int | None) -> dict[str, Any]:
    """`network_arguments` of a preset, the generators of equal weight."""
    return {
        "generators": generators,
        "private_layers": private_layers,
        "mixture_weights": None,
    }


def point_presets(
    networks: Callable[[str], Networks],
    network_arguments: Callable[[int], Mapping[str, Any]],
    *,
    arguments: Mapping[str, Any] | None = None,
    without: str | None = None,
    **changes: Any,
) -> dict[str, Preset]:
    """Presets of a mixture on points: a generator for each mode, the budget of all methods there.

    Args:
        networks: their builder, by data set.
        network_arguments: by number of generators.
        arguments: of the class, besides what all mixtures have.
        without: the data set that has a preset of its own.
        **changes: the rest of a `Preset`.
    """
    return {
        name: Preset(
            dataset=name,
            example_shape=(width,),
            networks=networks(name),
            network_arguments=network_arguments(modes),
            arguments={
                "samples_per_generator": _samples(modes),
                "latent_distribution": "uniform",
                **(arguments or {}),
            },
            **points.BUDGET,
            **{**changes, "shared": {**_shared_on_points(modes), **(changes.get("shared") or {})}},
        )
        for name, (width, modes) in points.SETS.items()
        if name != without
    }


def _samples(modes: int) -> int:
    return max(_LEAST_SAMPLES, points.BUDGET["batch_size"] // modes)


def _shared_on_points(modes: int) -> Shared:
    """The reasons of what all mixtures have on points."""
    return {
        **points.SHARED,
        **SHARED,
        "generators": (modes, "a generator for each mode, which tells a method how many there are"),
        "samples_per_generator": (
            _samples(modes),
            "about as many generated samples as real ones, 16 of each generator at least",
        ),
    }


def _ring_generator(example_shape: tuple[int, ...], dtype: Any = None) -> keras.Model:
    """The generator of MGAN's table 3."""
    (width,) = points.checked(example_shape)
    return mlp(256, (128, 128), width, initializer=_normal(), dtype=dtype, name="generator")


def _ring_discriminator(
    example_shape: tuple[int, ...], outputs: int, dtype: Any = None
) -> keras.Model:
    """The discriminator and classifier of MGAN's table 3."""
    (width,) = points.checked(example_shape)
    return mlp(
        width,
        (128,),
        outputs,
        activation="leaky_relu",
        initializer=_normal(),
        dtype=dtype,
        name="discriminator",
    )


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.02)


RING_NETWORKS: tuple[Builder, Builder] = (_ring_generator, _ring_discriminator)
RING_FACTS: Mapping[str, Any] = {
    "networks": "MGAN's table 3",
    "latent_dim": 256,
    "discriminator_norm": "none",
    "stddev": 0.02,
}
# MGAN's table 3, but for the decay: at a constant rate modes stay tighter than the data's
# (Wasserstein distance 0.11 to 0.13 on the ring, 0.05 with it; real data against itself 0.03).
RING_BUDGET: Mapping[str, Any] = {
    "steps": 25_000,
    "batch_size": 512,
    "learning_rate": 2e-4,
    "beta_1": 0.5,
    "decay": "cosine",
    "interval": 500,
    "snapshot_interval": 2_500,
    "steps_per_execution": 250,
}
