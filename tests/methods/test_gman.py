"""GMAN in NumPy: its means and weights, one step, GMAN*'s hardness, and the bank that it plays."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import precision

import kgan
from kgan.losses import gman
from kgan.networks import mlp

RNG = np.random.default_rng(0)
POINTS = RNG.normal(1, 2, size=(8, 2))
VALUES = -RNG.uniform(0.5, 2.5, size=4)


def oracle(values, hardness, mean):
    shares = np.exp(hardness * values) / np.exp(hardness * values).sum()
    if mean == "arithmetic":
        return shares @ values
    sign, sizes = np.sign(values[0]), np.abs(values)
    if mean == "geometric":
        return sign * np.exp(shares @ np.log(sizes))
    return sign / (shares @ (1 / sizes))


@pytest.mark.parametrize("mean", gman.MEANS)
@pytest.mark.parametrize("sign", [1, -1])
def test_means_and_their_ends(mean, sign):
    values = sign * VALUES
    found = float(gman.combined(tf.constant(values), 1.5, mean))
    assert found == pytest.approx(oracle(values, 1.5, mean), rel=1e-5)
    # Lambda 0 is the plain mean of its kind, a large one the harshest discriminator.
    assert float(gman.combined(tf.constant(values), 1e3, mean)) == pytest.approx(values.max())
    plain = float(gman.combined(tf.constant(values), 0.0, "arithmetic"))
    assert plain == pytest.approx(values.mean(), rel=1e-6)


def test_the_slope_in_lambda_is_the_weighted_variance():
    """So F rises with lambda, and a reward c for it holds lambda where the two are equal."""
    with precision("float64"):
        hardness = tf.constant(0.7, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(hardness)
            found = gman.combined(tf.constant(VALUES), hardness)
        slope = float(tape.gradient(found, hardness))
    shares = np.exp(0.7 * VALUES) / np.exp(0.7 * VALUES).sum()
    assert slope == pytest.approx(shares @ (VALUES - shares @ VALUES) ** 2, rel=1e-9)


def make(discriminators=3, **kwargs):
    keras.utils.set_random_seed(1)
    bank = kgan.DiscriminatorBank(mlp(2, (4,), 1, activation="tanh"), discriminators)
    return kgan.GMAN(keras.Sequential([keras.Input((3,)), layers.Dense(2)]), bank, **kwargs)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
def test_a_step_in_numpy(loss):
    """Each discriminator alone, as a model of its own; the generator's gradient by differences."""
    with precision("float64"):
        model = make(loss=loss, learn_hardness=True, hardness=0.8, hardness_reward=0.1)
        model.compile(
            {"discriminator": keras.optimizers.SGD(0.0), "generator": keras.optimizers.SGD(1.0)}
        )
        alone = [model.discriminator.bank.generator(k) for k in range(3)]
        latents = model.draw_latents(8, model.stream_seed(1 << 40)).numpy()
        weights = [w.copy() for w in model.generator.get_weights()]

        def played(kernel, bias, hardness):
            sides = POINTS, latents @ kernel + bias
            real, fake = (np.stack([d(x)[:, 0] for d in alone]) for x in sides)
            each = np.logaddexp(0, -real).mean(axis=1) + np.logaddexp(0, fake).mean(axis=1)
            losses = -each if loss == "minimax" else np.logaddexp(0, -fake).mean(axis=1)
            return each.sum(), oracle(losses, hardness, "arithmetic") - 0.1 * hardness

        logs = dict(
            zip(model.log_names, model.train_step(tf.constant(POINTS)).numpy(), strict=True)
        )
        assert logs["hardness"] == pytest.approx(0.8, rel=1e-7)
        raw = np.log(np.expm1(logs["hardness"]))
        total, value = played(*weights, logs["hardness"])
        assert logs["discriminator_loss"] == pytest.approx(total, rel=1e-9)
        assert logs["generator_loss"] == pytest.approx(value, rel=1e-9)
        for place in ((0, 0), (2, 1)):
            ends = []
            for sign in (1, -1):
                kernel = weights[0].copy()
                kernel[place] += sign * 1e-6
                ends.append(played(kernel, weights[1], 0.8)[1])
            moved = weights[0][place] - model.generator.get_weights()[0][place]
            assert moved == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)
        ends = [played(*weights, np.log1p(np.exp(raw + sign * 1e-6)))[1] for sign in (1, -1)]
        moved = raw - float(model.learnt_hardness.raw)
        assert moved == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)


def test_a_bank_is_its_discriminators():
    bank = make().discriminator
    found = bank(POINTS).numpy()
    for k in range(3):
        np.testing.assert_allclose(found[:, k], bank.bank.generator(k)(POINTS)[:, 0], rtol=1e-5)
    assert len({float(v) for v in found[0]}) == 3
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(bank))
    assert again.discriminators == 3 and again.input_shape == (None, 2)
    told = make().discriminate(np.float32(POINTS))
    mean = np.mean(told["discriminator_probabilities"], axis=1)
    np.testing.assert_allclose(told["probability"], mean, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"average": "median"}, "average must be one of .*arithmetic.* Received: 'median'"),
        ({"hardness": -1.0}, "hardness must be at least 0. Received: -1.0"),
        ({"learn_hardness": True, "hardness": 0.0}, "must start over 0. Received: 0.0"),
        ({"hardness_reward": 0.0}, "hardness_reward must be over 0"),
        ({"discriminators": 0}, "discriminators must be a whole number of at least 1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        make(**arguments)


def test_bad_banks():
    normed = keras.Sequential([keras.Input((2,)), layers.LayerNormalization(), layers.Dense(1)])
    with pytest.raises(kgan.InputError, match=r"may be Dense, .* of LayerNormalization"):
        kgan.DiscriminatorBank(normed, 2)
