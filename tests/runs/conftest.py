"""Small games to train: every kind of state that a checkpoint must hold."""

import re

import keras
import numpy as np
import pytest
from keras import layers

import kgan
from kgan.data import Dataset


def _networks():
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(8),
            layers.BatchNormalization(momentum=0.9, synchronized=True),
            layers.LeakyReLU(0.2),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


@pytest.fixture
def make_gan():
    """Builds a compiled GAN with batch norm, Dropout and a moving average of the generator."""

    def make(seed=0, *, steps_per_execution=1, learning_rate=0.01, **arguments):
        keras.utils.set_random_seed(seed)
        gan = kgan.GAN(*_networks(), seed=seed, **{"ema_decay": 0.9, **arguments})
        gan.compile(
            {
                name: kgan.Adam(
                    keras.optimizers.schedules.CosineDecay(learning_rate, 1_000), beta_1=0.5
                )
                for name in gan.players
            },
            steps_per_execution=steps_per_execution,
        )
        return gan

    return make


@pytest.fixture(scope="session")
def points():
    """A data set of 50 points."""
    examples = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    return Dataset(name="cloud", split="train", examples=examples)


@pytest.fixture
def state():
    """A function from a model to copies of all its values, by place and path."""

    def of(model):
        variables = [*model.variables]
        for optimizer in model.optimizers.values():
            variables += optimizer.variables
        # Keras numbers the layers of a process.
        paths = [re.sub(r"_\d+", "", v.path) for v in variables]
        return {
            f"{i} {p}": v.numpy().copy()
            for i, (p, v) in enumerate(zip(paths, variables, strict=True))
        }

    return of


@pytest.fixture
def same():
    """Asserts that two states have not one differing bit."""

    def check(one, other):
        assert list(one) == list(other)
        different = [k for k in one if one[k].tobytes() != other[k].tobytes()]
        assert not different

    return check
