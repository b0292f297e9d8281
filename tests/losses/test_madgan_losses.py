"""MAD-GAN's losses against NumPy in float64, and at the optimum on distributions of few points."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import minimize
from scipy.special import logsumexp

from kgan.losses import madgan

K, ROWS = 3, 5
RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(0, 2, (7, 1 + K)), RNG.normal(0, 2, (ROWS * K, 1 + K))
UNEQUAL = np.array([0.2, 0.5, 0.3])
# Distributions on four points: the data, and three generators.
DATA = np.array([0.4, 0.3, 0.2, 0.1])
GENERATORS = np.array([[0.7, 0.1, 0.1, 0.1], [0.0, 0.9, 0.05, 0.05], [0.1, 0.2, 0.3, 0.4]])


def tensors(*arrays):
    return [tf.constant(a, tf.float32) for a in arrays]


def log_softmax(logits):
    return logits - logsumexp(logits, axis=1, keepdims=True)


def equal(count=K):
    return np.full(count, 1 / count)


@pytest.mark.parametrize("weights", [equal(), UNEQUAL])
def test_losses_are_the_papers(weights):
    real, fake = log_softmax(REAL)[:, 0], log_softmax(FAKE)
    cross_entropy, real_logs, fake_logs = -real.mean(), 0.0, 0.0
    for k in range(K):
        own = fake[k::K]  # Row r is one of generator r % K.
        cross_entropy -= K * weights[k] * own[:, 1 + k].mean()
        real_logs -= K * weights[k] * own[:, 0].mean()
        fake_logs += K * weights[k] * np.log(1 - np.exp(own[:, 0])).mean()
    arguments = tensors(REAL, FAKE, weights)
    assert float(madgan.discriminator_loss(*arguments)) == pytest.approx(cross_entropy, rel=1e-6)
    found = madgan.non_saturating_generator_loss(*arguments[1:])
    assert float(found) == pytest.approx(real_logs, rel=1e-6)
    found = madgan.minimax_generator_loss(*arguments[1:])
    assert float(found) == pytest.approx(fake_logs, rel=1e-6)


def test_equal_weights_are_the_papers_sum_over_generators():
    one = log_softmax(FAKE)
    expected = -log_softmax(REAL)[:, 0].mean() - sum(one[k::K, 1 + k].mean() for k in range(K))
    found = madgan.discriminator_loss(*tensors(REAL, FAKE, equal()))
    assert float(found) == pytest.approx(expected, rel=1e-6)


def test_log_odds_are_those_of_being_real():
    probability = np.exp(log_softmax(REAL)[:, 0])
    found = madgan.real_log_odds(*tensors(REAL)).numpy()
    np.testing.assert_allclose(found, np.log(probability / (1 - probability)), rtol=1e-5)
    assert madgan.real_log_odds(tf.cast(REAL, tf.bfloat16)).dtype == tf.float32


def samples_of(distribution, count=40):
    """Point numbers, each as often as the distribution says."""
    return np.repeat(np.arange(len(distribution)), np.round(distribution * count).astype(int))


def optimal_discriminator(data, generators):
    """Free logits `(points, 1 + K)` that minimise the discriminator's loss."""
    count = len(generators)
    real = tf.constant(samples_of(data))
    fake = tf.constant(np.stack([samples_of(p) for p in generators], axis=1).ravel())
    weights = tf.constant(equal(count), tf.float32)

    @tf.function
    def loss_and_gradient(logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = madgan.discriminator_loss(
                tf.gather(logits, real), tf.gather(logits, fake), weights
            )
        return loss, tf.convert_to_tensor(tape.gradient(loss, logits))

    def function(flat):
        logits = tf.constant(flat.reshape(len(data), 1 + count), tf.float32)
        loss, gradient = (x.numpy().astype("float64") for x in loss_and_gradient(logits))
        return loss, gradient.ravel()

    start = RNG.normal(size=len(data) * (1 + count))
    found = minimize(function, start, jac=True, method="L-BFGS-B").x
    return tf.constant(found.reshape(len(data), -1), tf.float32), real, fake, weights


def test_the_optimal_discriminator_is_that_of_the_theorem():
    logits = optimal_discriminator(DATA, GENERATORS)[0]
    found = tf.nn.softmax(logits).numpy()
    densities = np.vstack([DATA, GENERATORS]).T
    expected = densities / densities.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=0.01)
    # The mean over generators in place of the sum would give p_data / (p_data + mean_i p_i).
    mean = DATA / (DATA + GENERATORS.mean(axis=0))
    assert np.abs(found[:, 0] - mean).min() > 0.1


def test_the_games_value_at_the_equilibrium():
    for generators in (
        [DATA] * 3,
        [[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]],
    ):
        generators = np.array(generators)
        count, data = len(generators), generators.mean(axis=0)
        logits, real, fake, weights = optimal_discriminator(data, generators)
        odds = madgan.real_log_odds(tf.gather(logits, real))
        value = tf.reduce_mean(tf.math.log_sigmoid(odds))
        value += madgan.minimax_generator_loss(tf.gather(logits, fake), weights)
        expected = -(count + 1) * np.log(count + 1) + count * np.log(count)
        assert float(value) == pytest.approx(expected, abs=2e-3)
    # Any other mixture has a higher value.
    logits, real, fake, weights = optimal_discriminator(DATA, GENERATORS)
    value = tf.reduce_mean(tf.math.log_sigmoid(madgan.real_log_odds(tf.gather(logits, real))))
    value += madgan.minimax_generator_loss(tf.gather(logits, fake), weights)
    assert float(value) > -4 * np.log(4) + 3 * np.log(3) + 0.02


def test_sure_discriminators_leave_finite_losses_and_gradients():
    logits = tf.Variable([[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0], [0.0, 0.0, 0.0], [50.0, -50, 0]])
    weights = tf.constant(equal(2), tf.float32)
    for loss in (
        lambda x: madgan.discriminator_loss(x, x, weights),
        lambda x: madgan.minimax_generator_loss(x, weights),
        lambda x: madgan.non_saturating_generator_loss(x, weights),
    ):
        with tf.GradientTape() as tape:
            result = loss(logits)
        assert np.isfinite(float(result))
        assert np.isfinite(tape.gradient(result, logits).numpy()).all()
