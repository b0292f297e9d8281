"""Two replicas with half the batch each must train like one with the whole.

In float64, where only rounding sets them apart, and on any processor little. `test_golden.py` does
it for every method's presets; here is what no preset has.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.data import Dataset

SIDE = 8
# By game, its rate: an average and several moves a step, one noise for all generators, noise on
# what is seen, a comparison of batches with a penalty, parts that go together, with
# virtual batch norms.
RATES = {
    "gan_average": 0.02,
    "mdgan": 0.005,
    "mgan_private": 0.02,
    "ragan_dragan": 0.005,
    "r3gan_parts": 0.005,
}
# Games of a generator against a discriminator, by their arguments.
CRITICS = {
    "gan_average": {"ema_decay": 0.9, "discriminator_steps": 2},
    "r3gan_parts": {
        "loss": "relativistic_pairing",
        "penalties": ["r1:0.1", "r2:0.1"],
        "augment": ["flip", "translation", "cutout", "color"],
        "terms": ["mode_seeking:0.1", "feature_matching:0.1", "historical_averaging:0.1"],
    },
    "ragan_dragan": {"loss": "relativistic_average", "penalty": "dragan", "penalty_weight": 1.0},
}
# Rounding of a step, grown over twenty.
TOLERANCE = 1e-10


def networks(outputs=1, virtual=False):
    """With batch norms, or with virtual ones in the discriminator."""

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
            *([kgan.layers.ReferenceBatch(6)] if virtual else []),
            layers.Conv2D(4, 4, 2, "same"),
            kgan.layers.VirtualBatchNormalization(6) if virtual else norm(),
            layers.LeakyReLU(0.2),
            *([kgan.layers.WithoutReference(6)] if virtual else []),
            layers.Flatten(),
            layers.Dense(outputs),
        ]
    )
    return generator, discriminator


def dataset(count=100):
    images = np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 1), dtype=np.uint8)
    return Dataset(name="noise", split="train", examples=images)


def make(method):
    keras.utils.set_random_seed(3)
    if method in CRITICS:
        return kgan.GAN(*networks(3, method == "r3gan_parts"), **CRITICS[method])
    if method == "mdgan":
        return kgan.MDGAN(*networks(3))
    generator, discriminator = networks(3)
    bank = kgan.GeneratorBank(generator, 2)
    return kgan.MGAN(bank, discriminator, same_noise=True, instance_noise=0.1)


def trained(method, strategy, steps=20):
    with strategy.scope():
        gan = make(method)
        gan.compile(keras.optimizers.SGD(RATES[method]), steps_per_execution=5)
    gan.fit(dataset(), batch_size=16, steps_per_epoch=steps, verbose=0)
    return gan


@pytest.mark.parametrize("method", RATES)
def test_two_replicas_train_like_one(method, two_replicas, float64):
    one = trained(method, tf.distribute.get_strategy())
    two = trained(method, two_replicas)
    assert one.steps_taken == two.steps_taken == 20
    moved = 0.0
    for a, b, start in zip(one.weights, two.weights, make(method).weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=TOLERANCE, rtol=0, err_msg=a.path)
        moved = max(moved, np.abs(a.numpy() - start.numpy()).max())
    assert moved > 1e-3  # The comparison is no comparison of two models that stood still.


def test_in_float32_linear_games_differ_by_the_rounding_of_sums(two_replicas):
    """Of a linear critic's game every step is a sum of n terms, which replicas add in two parts.

    Either order errs by at most `gamma = n u / (1 - n u)` of the sum of absolute terms (Higham
    2002, section 4.2), u = 2^-24; the errors of a step add up over the steps.
    """
    steps, rate, batch = 5, 0.01, 16

    def trained(strategy):
        with strategy.scope():
            keras.utils.set_random_seed(3)
            generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
            critic = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
            gan = kgan.GAN(generator, critic, loss="wasserstein")
            gan.compile(keras.optimizers.SGD(rate))
        points = np.random.default_rng(0).uniform(-1, 1, (64, 2)).astype("float32")
        data = Dataset(name="points", split="train", examples=points)
        gan.fit(data, batch_size=batch, steps_per_epoch=steps, verbose=0)
        return gan

    one, two = trained(tf.distribute.get_strategy()), trained(two_replicas)
    terms = 4 * batch + 8  # Products and sums behind one gradient.
    gamma = terms * 2.0**-24 / (1 - terms * 2.0**-24)
    largest = max(1.0, *(np.abs(v.numpy()).max() for v in one.weights))
    bound = 2 * steps * rate * gamma * 2 * largest**2 * (1 + rate * 2 * largest) ** steps
    for a, b in zip(one.weights, two.weights, strict=True):
        assert np.abs(a.numpy() - b.numpy()).max() < bound
    assert bound < 1e-4


def test_mirrored_strategy_of_one_device_is_exactly_no_strategy():
    one = trained("mdgan", tf.distribute.get_strategy())
    mirrored = trained("mdgan", tf.distribute.MirroredStrategy(["CPU:0"]))
    for a, b in zip(one.weights, mirrored.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_batch_must_divide_by_the_replicas(two_replicas):
    with two_replicas.scope():
        gan = make("gan_average")
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
