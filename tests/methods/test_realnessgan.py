"""Realness GAN: who looks at what, its outputs, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.losses import realness

POINTS = np.random.default_rng(0).normal(2, 1, (48, 2)).astype("float32")


def make(outcomes=7, **kwargs):
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(outcomes)])
    return kgan.RealnessGAN(generator, discriminator, **kwargs)


@pytest.mark.parametrize("objective", realness.OBJECTIVES)
def test_losses_are_those_of_the_two_sides(objective):
    model = make(objective=objective, skew=0.5)
    model.compile(keras.optimizers.SGD(0.0))
    logs = model.train_step(tf.constant(POINTS)).numpy()
    fake = model._samples(1 << 40, tf.constant(POINTS))().values
    sides = model.discriminator(POINTS), model.discriminator(fake)
    anchors = realness.anchors(7, 0.5)
    expected = [
        float(realness.discriminator_loss(*sides, *anchors)),
        float(realness.generator_loss(*sides, *anchors, objective)),
    ]
    np.testing.assert_allclose(logs, expected, rtol=1e-4)


def test_discriminate_gives_distributions():
    model = make()
    found = model.discriminate(POINTS)
    np.testing.assert_allclose(found["realness"].numpy().sum(axis=1), 1, rtol=1e-5)
    expected = realness.real_probability(model.discriminator(POINTS), *realness.anchors(7))
    np.testing.assert_allclose(found["probability"], expected, rtol=1e-5)


def test_training_tells_real_from_generated():
    model = make(discriminator_steps=2)
    model.compile({"discriminator": keras.optimizers.Adam(0.05), "generator": "sgd"})
    model.optimizers["generator"].learning_rate = 0.0
    model.fit(POINTS, batch_size=48, epochs=60, verbose=0)
    real, fake = (
        model.discriminate(x)["probability"].numpy().mean() for x in (POINTS, model.sample(200))
    )
    assert real > fake + 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"outcomes": 1}, "at least 2 outcomes. Received: 1"),
        ({"objective": 1, "flee": False}, "Objective 1 is to flee"),
        ({"objective": 0}, r"one of \(1, 2, 3\). Received: 0"),
        ({"skew": -1.0}, "skew must be at least 0. Received: -1.0"),
        ({"discriminator_steps": 0}, "at least 1. Received: 0"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        make(**arguments)
