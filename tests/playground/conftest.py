"""The zoo's models, opened once, and a tiny one of images."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

import kgan
from kgan.playground import shelf
from kgan.playground.trained import Trained

MODELS = Path(__file__).parents[2] / "saved_models"


@pytest.fixture(scope="session")
def ring_mixture():
    """MGAN on the ring."""
    return opened("mgan_ring")


@pytest.fixture(scope="session")
def inverse():
    """InvertGAN on the grid."""
    return opened("invertgan_grid")


def opened(name):
    found = shelf.find([MODELS])[name]
    return Trained(found.load(), found.data)


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory):
    """The folder of an untrained InvertGAN of 6x5 images, as `save_to_preset` writes it."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(30, "sigmoid"), layers.Reshape((6, 5, 1))]
    )
    discriminator = keras.Sequential([keras.Input((6, 5, 1)), layers.Flatten(), layers.Dense(1)])
    inverse = keras.Sequential([keras.Input((6, 5, 1)), layers.Flatten(), layers.Dense(3)])
    gan = kgan.InvertGAN(generator=generator, discriminator=discriminator, inverse=inverse)
    return gan.save_to_preset(tmp_path_factory.mktemp("models") / "tiny_images")


@pytest.fixture(scope="session")
def embedding_folder(image_folder):
    """The folder of an untrained MD-GAN of such images, whose discriminator embeds."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(30, "sigmoid"), layers.Reshape((6, 5, 1))]
    )
    discriminator = keras.Sequential([keras.Input((6, 5, 1)), layers.Flatten(), layers.Dense(3)])
    gan = kgan.MDGAN(generator, discriminator)
    return gan.save_to_preset(image_folder.parent / "tiny_embedding")


@pytest.fixture(scope="session")
def images(tmp_path_factory, image_folder):
    """The same, opened, with data of its own."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 6, 5, 1), dtype=np.uint8)
    path = tmp_path_factory.mktemp("data") / "noise.npz"
    np.savez(path, x_train=pixels, x_test=pixels[:5])
    (found,) = shelf.find([image_folder]).values()
    return Trained(found.load(), {"name": "npz", "data_dir": path})
