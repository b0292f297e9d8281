"""Terms of games with K generators, against NumPy in float64, and MGAN's optimum."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from scipy.special import log_softmax

from kgan.losses import adversarial, mixture

GENERATORS = 3
WEIGHTS = np.array([0.5, 0.2, 0.3])
# Three generators over six atoms, each 10 samples; rows in turns.
COUNTS = np.array([[5, 5, 0, 0, 0, 0], [0, 2, 3, 5, 0, 0], [0, 0, 1, 0, 4, 5]])
DENSITIES = COUNTS / 10


def in_turns(counts):
    """Atoms of the samples, `(m * K,)`, row r of generator r % K."""
    return np.stack([np.repeat(np.arange(counts.shape[1]), c) for c in counts], axis=1).ravel()


def entropy(p):
    return float(stats.entropy(p))


def test_mixture_mean():
    values = np.random.default_rng(0).normal(size=12)
    expected = sum(WEIGHTS[k] * values[k::3].mean() for k in range(3))
    found = mixture.mixture_mean(tf.constant(values, tf.float32), tf.constant(WEIGHTS, tf.float32))
    assert float(found) == pytest.approx(expected, abs=1e-6)
    even = mixture.mixture_mean(tf.constant(values, tf.float32), tf.fill((3,), 1 / 3))
    assert float(even) == pytest.approx(values.mean(), abs=1e-6)


def test_cross_entropy_and_accuracy():
    logits = np.random.default_rng(1).normal(size=(12, 3)) * 3
    owners = np.arange(12) % 3
    own = log_softmax(logits, axis=1)[np.arange(12), owners]
    right = logits.argmax(axis=1) == owners
    weights = tf.constant(WEIGHTS, tf.float32)
    found = mixture.generator_cross_entropy(tf.constant(logits, tf.float32), weights)
    expected = -sum(WEIGHTS[k] * own[k::3].mean() for k in range(3))
    assert float(found) == pytest.approx(expected, abs=1e-6)
    found = mixture.generator_accuracy(tf.constant(logits, tf.float32), weights)
    assert float(found) == pytest.approx(sum(WEIGHTS[k] * right[k::3].mean() for k in range(3)))


def test_the_classifiers_optimum_is_the_divergence_of_the_generators():
    """Proposition 1 and Theorem 2: `H(pi) - JSD_pi`, and no other classifier does better."""
    joint = WEIGHTS[:, None] * DENSITIES
    within = sum(w * entropy(p) for w, p in zip(WEIGHTS, DENSITIES, strict=True))
    divergence = entropy(joint.sum(0)) - within
    optimum = np.log(np.maximum(joint / joint.sum(0), 1e-9)).T
    weights = tf.constant(WEIGHTS, tf.float32)

    def loss(table):
        logits = tf.constant(table[in_turns(COUNTS)], tf.float32)
        return float(mixture.generator_cross_entropy(logits, weights))

    assert loss(optimum) == pytest.approx(entropy(WEIGHTS) - divergence, abs=1e-5)
    rng = np.random.default_rng(2)
    for _ in range(20):
        assert loss(optimum + rng.normal(size=optimum.shape) * 0.3) > loss(optimum)


@pytest.mark.parametrize("diversity", [0.125, 1.0])
def test_mgans_value_at_the_equilibrium(diversity):
    """Theorem 3: -beta H(pi), where the data is the mixture and no two generators overlap."""
    counts = np.array([[6, 4, 0, 0, 0], [0, 0, 10, 0, 0], [0, 0, 0, 3, 7]])
    model = WEIGHTS @ (counts / 10)
    value = equilibrium_value(counts, data=model, diversity=diversity)
    assert value == pytest.approx(-diversity * entropy(WEIGHTS), abs=1e-5)
    # Every other state is worse: another data distribution, or generators that overlap.
    assert equilibrium_value(counts, np.full(5, 0.2), diversity) > value + 1e-3
    overlapping = np.array([[6, 4, 0, 0, 0], [0, 1, 9, 0, 0], [0, 0, 0, 3, 7]])
    same_data = WEIGHTS @ (overlapping / 10)
    assert equilibrium_value(overlapping, same_data, diversity) > value + 1e-3


def equilibrium_value(counts, data, diversity):
    """Eq. (3), from the losses at the optima of Proposition 1."""
    joint = WEIGHTS[:, None] * counts / 10
    model = joint.sum(0)
    atoms = in_turns(counts)
    weights = tf.constant(WEIGHTS, tf.float32)
    posterior = np.log(np.maximum(joint / np.maximum(model, 1e-30), 1e-9)).T
    apart = mixture.generator_cross_entropy(tf.constant(posterior[atoms], tf.float32), weights)
    with np.errstate(divide="ignore"):
        logits = np.clip(np.log(data) - np.log(model), -50, 50)
    real = np.repeat(np.arange(len(data)), np.rint(data * 1000).astype(int))
    loss = adversarial.discriminator_loss(
        tf.constant(logits[real], tf.float32),
        tf.constant(logits[atoms], tf.float32),
        lambda values: mixture.mixture_mean(values, weights),
    )
    # -L_D is 2 JSD - 2 log 2, and the class term H(pi) - JSD_pi.
    return (2 * np.log(2) - float(loss)) - diversity * (entropy(WEIGHTS) - float(apart))


def test_equal_generators_cannot_be_told_apart():
    logits = tf.zeros((12, 3))
    weights = tf.constant(WEIGHTS, tf.float32)
    found = float(mixture.generator_cross_entropy(logits, weights))
    assert found == pytest.approx(np.log(3), abs=1e-6)
