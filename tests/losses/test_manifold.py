"""MaEM-GAN's terms against NumPy, at zeros, and that a step on each moves its quantity."""

import numpy as np
import pytest
import tensorflow as tf

from kgan.losses import manifold

RNG = np.random.default_rng(0)
CODES, OTHERS = RNG.normal(size=(2, 6, 4))
NEAREST = OTHERS / np.linalg.norm(OTHERS, axis=1, keepdims=True)


def cosines(first, second):
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(axis=1) / norms


def distances(first, second):
    return np.sqrt(((first - second) ** 2).sum(axis=1))


TERMS = {
    "nearest_similarity": (
        lambda x: manifold.nearest_similarity(x, NEAREST),
        cosines(CODES, OTHERS).mean(),
    ),
    "mean_norm": (manifold.mean_norm, distances(CODES, 0 * CODES).mean()),
    "mean_norm squared": (
        lambda x: manifold.mean_norm(x, squared=True),
        (CODES**2).sum(axis=1).mean(),
    ),
    "local_error": (
        lambda x: manifold.local_error(x, OTHERS),
        distances(CODES, OTHERS).mean(),
    ),
    "local_error squared": (
        lambda x: manifold.local_error(x, OTHERS, squared=True),
        (distances(CODES, OTHERS) ** 2).mean(),
    ),
    "isometric_loss": (
        lambda x: manifold.isometric_loss(x, OTHERS),
        1 - cosines(CODES, OTHERS).mean(),
    ),
    "log_distance": (
        lambda x: -manifold.log_distance(x, OTHERS),
        -np.log((distances(CODES, OTHERS) ** 2 / 4).mean()),
    ),
    "log_distance, mean of logs": (
        lambda x: -manifold.log_distance(x, OTHERS, mean_of_logs=True),
        -np.log(distances(CODES, OTHERS) ** 2 / 4).mean(),
    ),
    "mean_squared local": (
        lambda x: manifold.mean_squared(x, OTHERS),
        ((CODES - OTHERS) ** 2).mean(),
    ),
}
# What a descent step on the term must do to codes: name of the quantity, and its direction.
QUANTITIES = {
    "nearest_similarity": (lambda x: cosines(x, OTHERS), -1),
    "mean_norm": (lambda x: np.linalg.norm(x, axis=1), -1),
    "mean_norm squared": (lambda x: np.linalg.norm(x, axis=1), -1),
    "local_error": (lambda x: distances(x, OTHERS), -1),
    "local_error squared": (lambda x: distances(x, OTHERS), -1),
    "isometric_loss": (lambda x: cosines(x, OTHERS), 1),
    "log_distance": (lambda x: distances(x, OTHERS), 1),
    "log_distance, mean of logs": (lambda x: distances(x, OTHERS), 1),
    "mean_squared local": (lambda x: distances(x, OTHERS), -1),
}


def gradient(term, codes):
    codes = tf.constant(codes, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(codes)
        value = term(codes)
    return value.numpy(), tape.gradient(value, codes).numpy()


@pytest.mark.parametrize("name", TERMS)
def test_values(name):
    term, expected = TERMS[name]
    assert float(term(np.float32(CODES))) == pytest.approx(expected, rel=1e-5)
    assert float(term(tf.constant(CODES, "float16"))) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("name", TERMS)
def test_gradients_are_those_of_finite_differences(name):
    term, _ = TERMS[name]
    _, found = gradient(term, CODES)
    step, direction = 1e-2, RNG.normal(size=CODES.shape)
    ends = [float(term(np.float32(CODES + s * direction))) for s in (step, -step)]
    assert (found * direction).sum() == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=2e-2)


@pytest.mark.parametrize("name", TERMS)
def test_a_small_step_moves_every_rows_quantity_the_right_way(name):
    (term, _), (quantity, sign) = TERMS[name], QUANTITIES[name]
    _, slope = gradient(term, CODES)
    change = quantity(CODES - 1e-2 * slope) - quantity(CODES)
    assert (sign * change > 0).all()


@pytest.mark.parametrize("name", TERMS)
def test_values_and_gradients_at_zeros_are_finite(name):
    term, _ = TERMS[name]
    for codes in (0 * CODES, 1e-20 * CODES, 1e-7 * CODES, OTHERS, 1e15 * CODES):
        value, slope = gradient(term, codes)
        assert np.isfinite(value)
        assert np.isfinite(slope).all()
    _, slope = gradient(term, 0 * CODES)
    if "local" not in name and "log" not in name:
        np.testing.assert_array_equal(slope, 0)
    if "local" in name:
        np.testing.assert_array_equal(gradient(term, OTHERS)[1], 0)


def test_units():
    found = manifold.unit(np.float32([[3, 4], [0, 0], [1e-9, 0]]))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0], [0, 0]], atol=1e-7)


def test_similarity_with_no_neighbour_is_0_and_moves_nothing():
    value, slope = gradient(lambda x: manifold.nearest_similarity(x, 0 * NEAREST), CODES)
    assert value == 0
    np.testing.assert_array_equal(slope, 0)


def test_known_angles():
    right, same, back = np.float32([[[1, 0]], [[0, 2]], [[0, -3]]])
    assert float(manifold.isometric_loss(right, same)) == 1
    assert float(manifold.isometric_loss(same, same)) == pytest.approx(0, abs=1e-6)
    assert float(manifold.isometric_loss(same, back)) == pytest.approx(2)


def test_mixes():
    first, second = np.float32(RNG.normal(size=(2, 6, 3, 2)))
    shares = np.float32([0, 1, 0.5, 0.25, 0.75, 0.1])
    wide = shares[:, None, None]
    expected = wide * first + (1 - wide) * second
    np.testing.assert_allclose(manifold.mixes(first, second, shares), expected, atol=1e-6)
    # Fewer of the first: each meets two of the second.
    expected = wide * np.repeat(first[:3], 2, axis=0) + (1 - wide) * second
    np.testing.assert_allclose(manifold.mixes(first[:3], second, shares), expected, atol=1e-6)


def test_a_linear_map_is_isometric():
    """DIsoMap's loss is 0 for a critic that keeps convex combinations."""
    kernel = RNG.normal(size=(5, 4))
    first, second = RNG.normal(size=(2, 6, 5))
    shares = np.float32(RNG.uniform(size=6))
    codes = [np.float32(x @ kernel) for x in (first, second)]
    mixed = manifold.mixes(np.float32(first), np.float32(second), shares)
    loss = manifold.isometric_loss(
        np.float32(mixed.numpy() @ kernel), manifold.mixes(*codes, shares)
    )
    assert float(loss) == pytest.approx(0, abs=1e-6)
