"""One worker: trains a small game by `fit` and writes what it ended with to the file it is given.

Run by `test_multi_worker.py`, which names the strategy.
"""

import sys

import keras
import numpy as np
from keras import layers

import kgan
from kgan.backend.strategies import make_strategy
from kgan.data import Dataset


def trained(strategy):
    """A GAN with batch norm, instance noise and a moving average after 12 steps of SGD."""
    images = np.random.default_rng(0).integers(0, 256, (100, 8, 8, 1), dtype=np.uint8)
    with make_strategy(strategy).scope():
        keras.utils.set_random_seed(3)
        norm = {"momentum": 0.9, "synchronized": True}
        generator = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(64),
                layers.BatchNormalization(**norm),
                layers.LeakyReLU(0.2),
                layers.Reshape((8, 8, 1)),
            ]
        )
        discriminator = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Conv2D(4, 4, 2, "same"),
                layers.BatchNormalization(**norm),
                layers.LeakyReLU(0.2),
                layers.Flatten(),
                layers.Dense(1),
            ]
        )
        gan = kgan.GAN(
            generator,
            discriminator,
            ema_decay=0.9,
            instance_noise=0.1,
            instance_noise_steps=20,
            value_range=(0, 1),
        )
        gan.compile(keras.optimizers.SGD(0.02), steps_per_execution=3)
    data = Dataset(name="noise", split="train", examples=images)
    history = gan.fit(data, batch_size=16, epochs=2, steps_per_epoch=6, verbose=0)
    return gan, history.history


if __name__ == "__main__":
    game, losses = trained(sys.argv[1])
    weights = {f"weight_{i}": w.numpy() for i, w in enumerate(game.weights)}
    np.savez(sys.argv[2], **weights, **losses, sample=game.sample(5, seed=1))
