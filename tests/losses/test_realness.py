"""Realness as a distribution: anchors, divergences and optima, in NumPy."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax

from kgan import InputError
from kgan.losses import realness

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(size=(8, 7)), RNG.normal(size=(8, 7))
A0, A1 = realness.anchors(7)


def tensor(x):
    return tf.constant(x, tf.float32)


def kl(p, q):
    return np.sum(np.where(p > 0, p * np.log(np.maximum(p, 1e-300) / q), 0), axis=-1)


@pytest.mark.parametrize("outcomes", [2, 3, 10, 51])
@pytest.mark.parametrize("skew", [0.3, 1.0])
def test_anchors_are_distributions_moved_apart(outcomes, skew):
    fake, real = realness.anchors(outcomes, skew)
    places = np.linspace(-1, 1, outcomes)
    for anchor in (fake, real):
        assert anchor.shape == (outcomes,)
        assert anchor.sum() == pytest.approx(1)
        assert (anchor >= 0).all()
    assert fake @ places < 0 < real @ places


def test_anchors_by_hand():
    # Five outcomes moved by two places: the upper three gather at the end.
    np.testing.assert_allclose(realness.anchors(5, 1.0)[1], [0, 0, 0.2, 0.2, 0.6], atol=1e-12)
    # By half a place: each is split between two.
    np.testing.assert_allclose(realness.anchors(5, 0.25)[1], [0.1, 0.2, 0.2, 0.2, 0.3], atol=1e-12)
    bell = np.exp(-4.5 * np.linspace(-1, 1, 5) ** 2)
    fake, real = realness.anchors(5, 0.0)
    np.testing.assert_allclose(fake, bell / bell.sum(), atol=1e-12)
    np.testing.assert_allclose(real, 0.2)


def test_discriminator_loss():
    expected = kl(A1, softmax(REAL, 1)).mean() + kl(A0, softmax(FAKE, 1)).mean()
    found = realness.discriminator_loss(tensor(REAL), tensor(FAKE), A0, A1)
    assert float(found) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("objective", realness.OBJECTIVES)
def test_generator_losses(objective):
    real, fake = softmax(REAL, 1), softmax(FAKE, 1)
    expected = -kl(A0, fake).mean()
    expected += {1: 0, 2: kl(real, fake).mean(), 3: kl(A1, fake).mean()}[objective]
    found = realness.generator_loss(tensor(REAL), tensor(FAKE), A0, A1, objective)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_the_best_discriminator_mixes_the_anchors():
    """Theorem 1, on five kinds of examples, and what the loss then is."""
    p, q = np.array([4, 2, 2, 1, 1]), np.array([1, 1, 2, 2, 4])
    shares = (p / (p + q))[:, None]
    best = np.log(shares * A1 + (1 - shares) * A0)

    def loss(logits):
        sides = (np.repeat(logits, counts, axis=0) for counts in (p, q))
        return float(realness.discriminator_loss(*map(tensor, sides), A0, A1))

    for _ in range(20):
        assert loss(best + RNG.normal(0, 0.3, best.shape)) > loss(best)
    found = realness.real_probability(tensor(best), A0, A1)
    np.testing.assert_allclose(found, shares[:, 0], atol=1e-6)


def test_equal_distributions():
    middle = tensor(np.log(np.tile((A0 + A1) / 2, (6, 1))))
    found = float(realness.discriminator_loss(middle, middle, A0, A1))
    assert found == pytest.approx(2 * jensenshannon(A0, A1) ** 2, rel=1e-5)
    np.testing.assert_allclose(realness.real_probability(middle, A0, A1), 0.5, atol=1e-6)
    # The second objective's new term is 0, the third's makes it 0 altogether, by symmetry.
    one, two, three = (
        float(realness.generator_loss(middle, middle, A0, A1, i)) for i in realness.OBJECTIVES
    )
    assert two == pytest.approx(one, rel=1e-6)
    assert three == pytest.approx(one + float(kl(A1, (A0 + A1) / 2)), abs=1e-6)


def test_generator_losses_of_the_authors_code():
    """The objective's own term alone."""
    real, fake = softmax(REAL, 1), softmax(FAKE, 1)
    for objective, expected in ((2, kl(real, fake).mean()), (3, kl(A1, fake).mean())):
        found = realness.generator_loss(tensor(REAL), tensor(FAKE), A0, A1, objective, flee=False)
        assert float(found) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(InputError, match="Objective 1 is to flee"):
        realness.generator_loss(tensor(REAL), tensor(FAKE), A0, A1, 1, flee=False)


@pytest.mark.parametrize("objective", realness.OBJECTIVES)
def test_generators_leave_the_fake_anchor(objective):
    """A step on the loss moves generated distributions towards the real anchor's side."""
    logits = tensor(np.log(np.tile(0.6 * A0 + 0.4 * A1, (4, 1))))
    real = tensor(np.log(np.tile(0.1 * A0 + 0.9 * A1, (4, 1))))
    before = realness.real_probability(logits, A0, A1)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = realness.generator_loss(real, logits, A0, A1, objective)
    after = realness.real_probability(logits - 0.5 * tape.gradient(loss, logits), A0, A1)
    assert (after.numpy() > before.numpy()).all()


def test_large_logits_are_finite():
    logits = tensor(1e4 * np.eye(7))
    for objective in realness.OBJECTIVES:
        loss = realness.generator_loss(logits, logits[::-1], A0, A1, objective)
        assert np.isfinite(float(loss))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((1,), "at least 2 outcomes. Received: 1"), ((5, -0.1), "skew must be at least 0"),
     ((5, float("nan")), "skew"), ((2, 0.0), "must differ")],
)  # fmt: skip
def test_bad_anchors(arguments, message):
    with pytest.raises(InputError, match=message):
        realness.anchors(*arguments)


def test_bad_objective():
    with pytest.raises(InputError, match=r"one of \(1, 2, 3\)\. Received: 4"):
        realness.generator_loss(tensor(REAL), tensor(FAKE), A0, A1, 4)
