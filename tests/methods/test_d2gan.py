"""D2GAN's losses against NumPy, its optimum and value at q = p, and what it refuses."""

import keras
import numpy as np
import pytest
from keras import layers

import kgan
from kgan.methods import d2gan

ALPHA, BETA = 0.2, 0.1


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def test_losses_are_those_of_the_paper():
    rng = np.random.default_rng(0)
    first, second = rng.normal(scale=3, size=(2, 2, 50))
    (real1, fake1), (real2, fake2) = softplus(first), softplus(second)
    value = ALPHA * np.log(real1).mean() - real2.mean() - fake1.mean() + BETA * np.log(fake2).mean()
    found = d2gan.discriminator_loss(tuple(first), tuple(second), ALPHA, BETA)
    assert float(found) == pytest.approx(-value, rel=1e-5)
    found = d2gan.generator_loss(first[1], second[1], BETA)
    assert float(found) == pytest.approx(-fake1.mean() + BETA * np.log(fake2).mean(), rel=1e-5)


def test_the_logarithm_is_finite_where_softplus_rounds_to_nothing():
    values = np.array([-1e4, -200.0, -20.5, -19.5, 0.0, 30.0], "float32")
    expected = [-1e4, -200.0, -20.5, np.log(softplus(-19.5)), np.log(np.log(2)), np.log(30.0)]
    np.testing.assert_allclose(d2gan.log_softplus(values), expected, rtol=1e-5)


def test_the_optimum_is_the_ratio_of_the_densities():
    """On four atoms with p and q, no other outputs have a higher value than alpha p/q, beta q/p."""
    p, q = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])

    def value(one, two):
        return (ALPHA * p * np.log(one) - q * one - p * two + BETA * q * np.log(two)).sum()

    best = value(ALPHA * p / q, BETA * q / p)
    rng = np.random.default_rng(0)
    others = [value(*rng.uniform(0.01, 2, (2, 4))) for _ in range(200)]
    assert max(others) < best
    for step in (-1e-3, 1e-3):
        assert value(ALPHA * p / q + step, BETA * q / p + step) < best
    # Where q is p, the value is alpha (log alpha - 1) + beta (log beta - 1).
    logits = np.log(np.expm1([ALPHA, BETA]))
    sides = [(np.full(3, x, "float32"),) * 2 for x in logits]
    expected = ALPHA * (np.log(ALPHA) - 1) + BETA * (np.log(BETA) - 1)
    assert -float(d2gan.discriminator_loss(*sides, ALPHA, BETA)) == pytest.approx(expected, 1e-5)


def networks(outputs=1):
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    return generator, *(
        keras.Sequential([keras.Input((2,)), layers.Dense(n)]) for n in (1, outputs)
    )


@pytest.mark.parametrize(
    ("outputs", "arguments", "message"),
    [
        (1, {"alpha": 0.0}, r"alpha must lie in \(0, 1\]. Received: 0.0"),
        (1, {"beta": 1.5}, r"beta must lie in \(0, 1\]. Received: 1.5"),
        (2, {}, r"must have one output. Received: .* with the output shape \(None, 2\)"),
    ],
)
def test_what_it_refuses(outputs, arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        kgan.D2GAN(*networks(outputs), **arguments)


def test_values_are_above_zero():
    model = kgan.D2GAN(*networks())
    told = model.discriminate(np.random.default_rng(0).normal(size=(5, 2)).astype("float32"))
    assert (np.array(told["value"]) > 0).all()
