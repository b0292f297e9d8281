"""Spectral layers in a game: replicas, runs that repeat, and what the players' passes do to u."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.data import Dataset
from kgan.layers import SpectralConv2D, SpectralDense

SIDE = 8


def make():
    keras.utils.set_random_seed(3)
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(SIDE * SIDE, activation="sigmoid"),
            layers.Reshape((SIDE, SIDE, 1)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            SpectralConv2D(4, 4, strides=2, padding="same", activation="leaky_relu"),
            layers.Flatten(),
            SpectralDense(8, activation="relu"),
            SpectralDense(1),
        ]
    )
    return kgan.GAN(generator, discriminator, discriminator_steps=2)


def trained(strategy, optimizer, steps=20):
    images = np.random.default_rng(0).integers(0, 256, (64, SIDE, SIDE, 1), dtype=np.uint8)
    with strategy.scope():
        gan = make()
        gan.compile(optimizer(), steps_per_execution=5)
    data = Dataset(name="noise", split="train", examples=images)
    gan.fit(data, batch_size=16, steps_per_epoch=steps, verbose=0)
    return gan


def vectors(model):
    return [w for w in model.weights if w.name == "output_vector"]


def test_two_replicas_train_like_one(two_replicas, float64):
    def sgd():
        return keras.optimizers.SGD(0.02)

    one, two = (trained(s, sgd) for s in (tf.distribute.get_strategy(), two_replicas))
    moved = 0.0
    for a, b, start in zip(one.weights, two.weights, make().weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-10, rtol=0, err_msg=a.path)
        moved = max(moved, np.abs(a.numpy() - start.numpy()).max())
    assert moved > 1e-3
    for vector in vectors(two):
        first, second = two_replicas.experimental_local_results(vector.value)
        np.testing.assert_array_equal(first, second)


def test_runs_repeat_bit_by_bit():
    """u is written in the forward pass, between reads of the same step."""

    def adam():
        return kgan.Adam(0.01, beta_1=0.5)

    first, *others = (trained(tf.distribute.get_strategy(), adam) for _ in range(3))
    for other in others:
        for a, b in zip(first.weights, other.weights, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)


@pytest.mark.parametrize("training", [True, False])
def test_a_step_iterates_once_for_each_pass(training):
    """Two moves of the discriminator, which passes real and generated, and one of the generator."""
    gan = make()
    gan.compile(keras.optimizers.SGD(0.0))
    kernel = np.float64(gan.discriminator.layers[2].kernel.numpy())
    expected = np.float64(vectors(gan)[1].numpy())
    if training:
        for _ in range(2 * 2 + 1):
            expected = kernel.T @ (kernel @ expected)
            expected /= np.linalg.norm(expected)
    images = np.zeros((8, SIDE, SIDE, 1), "float32")
    gan.train_step(images) if training else gan.test_step(images)
    np.testing.assert_allclose(vectors(gan)[1], expected, atol=1e-6)
