"""One train step against the same step written out with plain tapes."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import kgan
from kgan.losses import adversarial


def networks(outputs=1):
    keras.utils.set_random_seed(5)
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(8),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.2),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(8),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.2),
            layers.Dense(outputs),
        ]
    )
    return generator, discriminator


def written_out(gan, real, latents, rate):
    """Goodfellow's algorithm: D on (real, G(z)), then G on the same z through the new D."""
    g, d = gan.generator, gan.discriminator
    with tf.GradientTape() as tape:
        loss_d = adversarial.discriminator_loss(
            d(real, training=True), d(g(latents, training=True), training=True)
        )
    for v, dv in zip(
        d.trainable_variables, tape.gradient(loss_d, d.trainable_variables), strict=True
    ):
        v.assign_sub(rate * dv)
    with tf.GradientTape() as tape:
        loss_g = adversarial.non_saturating_generator_loss(
            d(g(latents, training=True), training=True)
        )
    for v, dv in zip(
        g.trainable_variables, tape.gradient(loss_g, g.trainable_variables), strict=True
    ):
        v.assign_sub(rate * dv)
    return float(loss_d), float(loss_g)


def test_a_step_is_the_algorithm_with_a_shared_generator_pass():
    real = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")
    ours, oracle = kgan.GAN(*networks()), kgan.GAN(*networks())
    ours.compile(keras.optimizers.SGD(0.1))
    latents = {}
    generate = ours.generate

    def recording(z, training):
        latents["z"] = z
        return generate(z, training)

    ours.generate = recording
    logs = ours.train_step(tf.constant(real))
    expected = written_out(oracle, real, latents["z"], 0.1)
    np.testing.assert_allclose(logs.numpy(), expected, rtol=1e-5)
    for a, b in zip(ours.trainable_variables, oracle.trainable_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=2e-6, err_msg=a.path)
