"""MGAN (Hoang et al., ICLR 2018, https://openreview.net/forum?id=rkmu5b0a-)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras

from kgan.methods import MGAN
from kgan.networks import (
    dcgan_discriminator,
    dcgan_generator,
    lucic_discriminator,
    lucic_generator,
    mlp,
)
from kgan.presets import banks, images, points
from kgan.presets.preset import Preset


def _one_and_generators(generators: int) -> int:
    return 1 + generators


# Data set: table, example shape, steps, beta. An "iteration" of the tables is an epoch; batches of
# 64 from 50,000 images of CIFAR-10, 100,000 of STL-10 and 1,281,167 of ImageNet.
_TABLES: dict[str, tuple[int, tuple[int, int, int], int, float]] = {
    "cifar10": (4, (32, 32, 3), 195_313, 0.01),
    "stl10": (5, (48, 48, 3), 390_625, 1.0),
    "stl10_96": (6, (96, 96, 3), 390_625, 1.0),
    "imagenet_resized/32x32": (7, (32, 32, 3), 1_000_912, 0.1),
}
_PAPER = {
    f"mgan_{name}": Preset(
        model=MGAN,
        dataset=name.removesuffix("_96"),
        example_shape=shape,
        networks=banks.networks(dcgan_generator, dcgan_discriminator, _one_and_generators),
        network_arguments=banks.arguments(10, private_layers=1),
        arguments={
            "diversity": beta,
            "samples_per_generator": 12,
            "latent_distribution": "uniform",
            "value_range": (-1.0, 1.0),
        },
        steps=steps,
        batch_size=64,
        learning_rate=2e-4,
        beta_1=0.5,
        source=f"table {table}; batch norm as in the authors' code",
    )
    for name, (table, shape, steps, beta) in _TABLES.items()
}
# The networks that all methods have on the image sets that the paper has not.
_IMAGES = {
    f"mgan_{name or 'images'}": Preset(
        model=MGAN,
        dataset=name,
        example_shape=shape,
        networks=banks.networks(
            functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
            lucic_discriminator,
            _one_and_generators,
        ),
        network_arguments=banks.arguments(10, private_layers=1),
        arguments={
            "diversity": 0.1,
            "samples_per_generator": 12,
            "latent_distribution": "uniform",
        },
        steps=steps,
        source="the game of tables 4 to 7 on the networks and budget of Lucic et al.",
        **images.BUDGET,
    )
    for name, (shape, steps) in images.SETS.items()
    if name != "cifar10"
}


def point_generator(example_shape: tuple[int, ...], dtype: Any = None) -> keras.Model:
    """Table 3's generator, for MIM-GAN's ring too."""
    (width,) = points.checked(example_shape)
    return mlp(256, (128, 128), width, initializer=_normal(), dtype=dtype, name="generator")


def point_discriminator(
    example_shape: tuple[int, ...], outputs: int, dtype: Any = None
) -> keras.Model:
    """Table 3's discriminator and classifier."""
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


# Table 3's, but for the decay: at a constant rate modes stay tighter than the data's
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
_POINT_DIVERSITY = 0.125
_POINTS = {
    "mgan_ring": Preset(
        model=MGAN,
        dataset="ring",
        example_shape=(2,),
        networks=banks.networks(point_generator, point_discriminator, _one_and_generators),
        network_arguments=banks.arguments(8, private_layers=1),
        arguments={
            "diversity": _POINT_DIVERSITY,
            "samples_per_generator": 128,
            "latent_distribution": "normal",
        },
        source="table 3; the learning rate's decay is ours",
        **RING_BUDGET,
    )
}
# Of more modes, which the paper has not, table 3 has learnt nothing after 10,000 steps.
_POINTS |= banks.point_presets(
    "mgan",
    MGAN,
    lambda name: banks.networks(*banks.POINT_NETWORKS, _one_and_generators),
    functools.partial(banks.arguments, private_layers=1),
    arguments={"diversity": _POINT_DIVERSITY},
    without="ring",
    source="table 3's game, a generator for each mode, on the networks, rates and steps of all "
    "methods",
)
PRESETS = _PAPER | _IMAGES | _POINTS
