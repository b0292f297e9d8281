"""DMGAN-PL (Khayatkhoei et al., NeurIPS 2018, https://arxiv.org/abs/1806.00880)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras

from kgan.methods import DMGANPL
from kgan.networks import lucic_discriminator, lucic_generator, mlp
from kgan.presets import banks, images, points
from kgan.presets.preset import Preset

# The author's encoder has one hidden layer of as many units, with batch norm.
_ENCODER_UNITS = 128
# With the layers of all methods it is four times as slow, and of the grid's modes it loses some.
_POINT_UNITS = (64, 64)
# The author's Adams; the prior's rate does not decay.
_OPTIMIZERS: Mapping[str, Any] = {
    "learning_rate": 2e-4,
    "beta_1": 0.5,
    "beta_2": 0.5,
    "player_options": {
        "encoder": {"beta_1": 0.9, "beta_2": 0.999},
        "prior": {"learning_rate": 1e-3},
    },
}


def _networks(generator: banks.Builder, critic: banks.Builder) -> Any:
    """Builder of a bank, a critic without its last layer, and an encoder of what is left."""
    build_bank = banks.networks(generator, critic, lambda generators: 1)

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = build_bank(example_shape, dtype, arguments)
        whole = found["discriminator"]
        features = whole.layers[-1].input
        return {
            "generator": found["generator"],
            "discriminator": keras.Model(whole.input, features, name="discriminator"),
            "encoder": mlp(
                features.shape[-1],
                (_ENCODER_UNITS,),
                arguments["generators"],
                activation="leaky_relu",
                dtype=dtype,
                name="encoder",
            ),
        }

    return build


_IMAGES = {
    f"dmganpl_{name or 'images'}": Preset(
        model=DMGANPL,
        dataset=name,
        example_shape=shape,
        networks=_networks(
            functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
            functools.partial(lucic_discriminator, batch_norm=False),
        ),
        network_arguments=banks.arguments(10, private_layers=None),
        arguments={"samples_per_generator": 12, "latent_distribution": "uniform"},
        steps=steps,
        batch_size=images.BUDGET["batch_size"],
        source="the author's code, on the networks and budget of Lucic et al.",
        **_OPTIMIZERS,
    )
    for name, (shape, steps) in images.SETS.items()
}


def _generator(example_shape: tuple[int, ...], dtype: Any = None) -> keras.Model:
    return points.generator(example_shape, _POINT_UNITS, dtype=dtype)


def _critic(example_shape: tuple[int, ...], outputs: int, dtype: Any = None) -> keras.Model:
    return points.discriminator(
        example_shape, outputs, _POINT_UNITS, activation="leaky_relu", dtype=dtype
    )


_POINTS = {
    f"dmganpl_{name}": Preset(
        model=DMGANPL,
        dataset=name,
        example_shape=(width,),
        networks=_networks(_generator, _critic),
        network_arguments=banks.arguments(generators, private_layers=None),
        arguments={
            "samples_per_generator": 16,
            "latent_distribution": "uniform",
            "entropy_decay": 0.99,
        },
        steps=6_000,
        batch_size=128,
        learning_rate=1e-3,
        beta_1=0.5,
        beta_2=0.9,
        player_options={
            "encoder": {"beta_1": 0.9, "beta_2": 0.999},
            "prior": {"learning_rate": 1e-3, "beta_2": 0.5},
        },
        decay="cosine",
        interval=250,
        snapshot_interval=1_000,
        steps_per_execution=250,
        source="networks, smaller than those of all methods, and budget are ours",
    )
    for name, (width, generators) in points.SETS.items()
}
PRESETS = _IMAGES | _POINTS
