"""Two replicas with half the batch each must train like one with the whole."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.data import Dataset

SIDE = 8
# MD-GAN has kinks (the best component, likelihood 1) that rounding can push a long step over.
RATES = {
    "gan": 0.02,
    "gan_2_steps": 0.02,
    "mdgan": 0.005,
    "mgan": 0.02,
    "mgan_private": 0.02,
    "invertgan": 0.005,
    "veegan": 0.005,
    "bigan": 0.02,
    "unrolledgan": 0.02,
    "wgan": 0.02,
    "wgan_gp": 0.005,
    "ragan_dragan": 0.005,
    "realnessgan": 0.02,
    "began": 0.05,
}
# Games of a generator against a discriminator, by their arguments.
CRITICS = {
    "wgan": {"loss": "wasserstein", "weight_clip": 0.05, "discriminator_steps": 2},
    "wgan_gp": {"loss": "wasserstein", "penalty": "gradient", "instance_noise": 0.1},
    "ragan_dragan": {"loss": "relativistic_average", "penalty": "dragan", "penalty_weight": 1.0},
}


def networks(outputs=1):
    def norm():
        return layers.BatchNormalization(momentum=0.9, synchronized=True)

    generator = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(4 * 4 * 3),
            norm(),
            layers.LeakyReLU(0.2),
            layers.Reshape((4, 4, 3)),
            layers.Conv2DTranspose(1, 4, 2, "same", activation="sigmoid"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(4, 4, 2, "same"),
            norm(),
            layers.LeakyReLU(0.2),
            layers.Flatten(),
            layers.Dense(outputs),
        ]
    )
    return generator, discriminator


def autoencoder():
    layer = layers.Conv2DTranspose(1, 4, 2, "same", activation="sigmoid")
    return keras.Sequential([*networks()[1].layers[:3], layer])


def inverse():
    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(4)])


def pairs():
    inputs = keras.Input((SIDE, SIDE, 1)), keras.Input((4,))
    both = layers.Concatenate()([layers.Flatten()(inputs[0]), inputs[1]])
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(8, activation="tanh")(both)))


def dataset(count=100):
    images = np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 1), dtype=np.uint8)
    return Dataset(name="noise", split="train", examples=images)


def make(method):
    keras.utils.set_random_seed(3)
    if method == "gan":
        return kgan.GAN(*networks(), ema_decay=0.9)
    if method == "gan_2_steps":
        return kgan.GAN(*networks(), discriminator_steps=2)
    if method in CRITICS:
        return kgan.GAN(*networks(3), **CRITICS[method])
    if method == "realnessgan":
        return kgan.RealnessGAN(*networks(5))
    if method == "began":
        model = kgan.BEGAN(networks()[0], autoencoder(), balance_rate=0.5)
        model.balance.assign(0.5)
        return model
    if method == "mdgan":
        return kgan.MDGAN(*networks(3))
    if method == "unrolledgan":
        return kgan.UnrolledGAN(*networks(), unrolled_steps=2)
    if method in ("invertgan", "veegan", "bigan"):
        generator, discriminator = networks()
        if method == "invertgan":
            return kgan.InvertGAN(generator, inverse(), discriminator, gaussian_loss="p_norm")
        return {"veegan": kgan.VEEGAN, "bigan": kgan.BiGAN}[method](generator, inverse(), pairs())
    generator, discriminator = networks(3)
    bank = kgan.GeneratorBank(generator, 2, private_layers=1 if method == "mgan" else None)
    return kgan.MGAN(bank, discriminator, same_noise=method == "mgan_private", instance_noise=0.1)


def trained(method, strategy, steps=20):
    with strategy.scope():
        gan = make(method)
        gan.compile(keras.optimizers.SGD(RATES[method]), steps_per_execution=5)
    gan.fit(dataset(), batch_size=16, steps_per_epoch=steps, verbose=0)
    return gan


@pytest.mark.parametrize("method", RATES)
def test_two_replicas_train_like_one(method, two_replicas):
    one = trained(method, tf.distribute.get_strategy())
    two = trained(method, two_replicas)
    assert one.steps_taken == two.steps_taken == 20
    moved = 0.0
    for a, b, start in zip(one.weights, two.weights, make(method).weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-6, rtol=0, err_msg=a.path)
        moved = max(moved, np.abs(a.numpy() - start.numpy()).max())
    assert moved > 1e-3  # The comparison is no comparison of two models that stood still.


def test_mirrored_strategy_of_one_device_is_exactly_no_strategy():
    one = trained("mdgan", tf.distribute.get_strategy())
    mirrored = trained("mdgan", tf.distribute.MirroredStrategy(["CPU:0"]))
    for a, b in zip(one.weights, mirrored.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_batch_must_divide_by_the_replicas(two_replicas):
    with two_replicas.scope():
        gan = make("gan")
        gan.compile(keras.optimizers.SGD(0.05))
    with pytest.raises(kgan.InputError, match="batch_size=15 on 2 replicas"):
        gan.fit(dataset(), batch_size=15, verbose=0)


def test_batch_norm_of_one_replica_is_warned_of(two_replicas):
    with two_replicas.scope():
        generator = keras.Sequential(
            [keras.Input((4,)), layers.Dense(2), layers.BatchNormalization(name="local")]
        )
        gan = kgan.GAN(generator, keras.Sequential([keras.Input((2,)), layers.Dense(1)]))
        with pytest.warns(UserWarning, match="generator's local is not synchronized"):
            gan.compile(keras.optimizers.SGD(0.05))
