"""The learnt prior's loss: its formula, and its minimum."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from kgan.losses import prior

K = 5
RNG = np.random.default_rng(0)
POSTERIORS = softmax(RNG.normal(0, 2, (9, K)), axis=1)


def test_the_loss_is_that_of_the_authors_code():
    logits = RNG.normal(size=K)
    logs = log_softmax(logits)
    entropy = -sum(np.exp(logs) * logs)
    assert float(prior.entropy(tf.constant(logits, tf.float32))) == pytest.approx(entropy, rel=1e-6)
    for weight in (0.0, 1000.0):
        # The mean of all batch x K terms, not the sum over K.
        expected = -np.mean(POSTERIORS * logs) - weight * entropy
        found = prior.prior_loss(
            tf.constant(POSTERIORS, tf.float32), tf.constant(logits, tf.float32), weight
        )
        assert float(found) == pytest.approx(expected, rel=1e-6)


def test_entropies():
    for logits, expected in (
        ([0.0] * K, np.log(K)),
        ([0, -1e4, -1e4], 0),
        ([7, 7, -1e4], np.log(2)),
    ):
        assert float(prior.entropy(tf.constant(logits, tf.float32))) == pytest.approx(
            expected, abs=1e-6
        )


def least(posteriors, weight):
    """The prior `(K,)` of the least loss."""
    posteriors = tf.constant(posteriors, tf.float32)

    @tf.function
    def loss_and_gradient(logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = prior.prior_loss(posteriors, logits, weight)
        return loss, tape.gradient(loss, logits)

    def function(logits):
        return tuple(x.numpy().astype("float64") for x in loss_and_gradient(tf.constant(logits)))

    start = RNG.normal(0, 0.5, K).astype("float32")
    found = minimize(lambda z: function(z.astype("float32")), start, jac=True)
    return softmax(found.x)


def test_without_entropy_the_prior_becomes_the_mean_posterior():
    np.testing.assert_allclose(least(POSTERIORS, 0.0), POSTERIORS.mean(axis=0), atol=2e-3)


def test_the_prior_follows_the_encoder_to_few_generators():
    few = np.tile([0.5, 0.0, 0.5, 0.0, 0.0], (4, 1))
    np.testing.assert_allclose(least(few, 0.0), few[0], atol=0.01)


def test_a_large_weight_of_the_entropy_holds_the_prior_uniform():
    one = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], (4, 1))
    np.testing.assert_allclose(least(one, 1000.0), np.full(K, 1 / K), atol=1e-3)
    assert least(one, 0.0)[0] > 0.97
