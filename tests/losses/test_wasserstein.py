"""The Wasserstein game's losses."""

import numpy as np
import pytest
import tensorflow as tf

from kgan.losses import wasserstein
from kgan.losses.mixture import mixture_mean

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(2, 1, (8, 1)), RNG.normal(-1, 3, (12, 1))


@pytest.mark.parametrize("shape", [(-1, 1), (-1,)])
def test_losses(shape):
    real, fake = (tf.constant(x.reshape(shape), tf.float32) for x in (REAL, FAKE))
    loss = wasserstein.critic_loss(real, fake)
    assert float(loss) == pytest.approx(FAKE.mean() - REAL.mean(), rel=1e-6)
    assert float(loss) < 0  # The critic descends it: real is above generated.
    assert float(wasserstein.generator_loss(fake)) == pytest.approx(-FAKE.mean(), rel=1e-6)


def test_a_mixture_is_averaged_by_weight():
    weights = np.array([0.1, 0.2, 0.7])

    def mean(values):
        return mixture_mean(values, tf.constant(weights, tf.float32))

    expected = sum(weights[k] * FAKE[k::3].mean() for k in range(3))
    real, fake = tf.constant(REAL, tf.float32), tf.constant(FAKE, tf.float32)
    assert float(wasserstein.generator_loss(fake, mean)) == pytest.approx(-expected, rel=1e-6)
    found = wasserstein.critic_loss(real, fake, mean)
    assert float(found) == pytest.approx(expected - REAL.mean(), rel=1e-6)


def test_half_values_are_averaged_in_float32():
    values = tf.cast(np.linspace(0, 1000, 4096), tf.float16)
    expected = values.numpy().astype("float64").mean()
    loss = wasserstein.generator_loss(values)
    assert loss.dtype == tf.float32
    assert float(loss) == pytest.approx(-expected, rel=1e-6)
