"""The gradient penalty against critics whose gradient is known."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kgan.backend.input_gradients import input_gradients
from kgan.losses import gradient_penalty
from kgan.metrics.tfgan import tfgan

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(6, 2)).astype("float32")
IMAGES = RNG.normal(size=(6, 4, 3, 2)).astype("float32")


def penalties(function, inputs, **options):
    return gradient_penalty.penalty(input_gradients(function, tf.constant(inputs)), **options)


@pytest.mark.parametrize("inputs", [POINTS, IMAGES])
@pytest.mark.parametrize("norm", [0.25, 1.0, 3.0])
def test_a_linear_critics_penalty(inputs, norm):
    slope = RNG.normal(size=inputs.shape[1:])
    slope = tf.constant(norm * slope / np.linalg.norm(slope), tf.float32)

    def critic(x):
        return tf.tensordot(x, slope, axes=len(slope.shape)) + 5.0

    np.testing.assert_allclose(
        input_gradients(critic, tf.constant(inputs)), np.stack([slope] * 6), rtol=1e-6
    )
    found = penalties(critic, inputs)
    assert found.shape == (6,)
    np.testing.assert_allclose(found, (norm - 1) ** 2, atol=1e-5)
    found = penalties(critic, inputs, one_sided=True)
    np.testing.assert_allclose(found, max(norm - 1, 0) ** 2, atol=1e-5)


@pytest.mark.parametrize("one_sided", [False, True])
def test_the_penalty_is_tfgans(one_sided):
    """Between real and generated points, wherever: the critic's slope is the same all over."""
    real, fake = (tf.constant(RNG.normal(size=(6, 3)), tf.float32) for _ in range(2))
    kernel = tf.Variable([[2.0], [-1.0], [0.5]])

    @tf.function
    def theirs():
        return tfgan().losses.wargs.wasserstein_gradient_penalty(
            real,
            fake,
            generator_inputs=None,
            discriminator_fn=lambda x, _: x @ kernel,
            discriminator_scope="critic",
            one_sided=one_sided,
        )

    ours = penalties(lambda x: x @ kernel, real, one_sided=one_sided)
    assert float(tf.reduce_mean(ours)) == pytest.approx(float(theirs()), rel=1e-4)
    assert float(theirs()) > 0


def test_each_row_has_its_own_penalty():
    # f(x) = |x|^2 has the gradient 2 x.
    expected = (2 * np.linalg.norm(POINTS.astype("float64"), axis=1) - 1) ** 2
    found = penalties(lambda x: tf.reduce_sum(x**2, axis=1, keepdims=True), POINTS)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def gradient_in_the_slope(slope, one_sided):
    """Penalty of `f(x) = slope x` at many points, and its gradient in the slope."""
    slope = tf.Variable(slope)
    with tf.GradientTape() as tape:
        penalty = penalties(lambda x: tf.linalg.matvec(x, slope), POINTS, one_sided=one_sided)
        loss = tf.reduce_mean(penalty)
    return float(loss), tape.gradient(loss, slope).numpy()


def test_the_penaltys_gradient_in_the_critics_weights():
    # Penalty (|w| - 1)^2, its gradient 2 (|w| - 1) w / |w|.
    for weights, one_sided in (([3.0, 4.0], True), ([3.0, 4.0], False), ([0.3, 0.4], False)):
        norm = np.linalg.norm(weights)
        expected = 2 * (norm - 1) * np.array(weights) / norm
        found = gradient_in_the_slope(weights, one_sided)[1]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("size", [0.0, 1e-30, 1e-8])
def test_the_gradient_at_no_slope_is_finite(one_sided, size):
    loss, gradient = gradient_in_the_slope([size, 0.0], one_sided)
    np.testing.assert_array_equal(gradient, [0, 0])
    assert loss == pytest.approx(0.0 if one_sided else 1.0, abs=1e-5)


def test_slopes_under_one_are_left_alone_on_one_side_only():
    loss, gradient = gradient_in_the_slope([0.6, 0.0], True)
    assert loss == 0
    np.testing.assert_array_equal(gradient, [0, 0])


def test_a_constant_critic_has_no_slope():
    found = input_gradients(lambda x: tf.zeros((len(x), 1)), tf.constant(IMAGES))
    np.testing.assert_array_equal(found, np.zeros_like(IMAGES))


def test_half_gradients_are_squared_in_float32():
    found = gradient_penalty.penalty(tf.cast([[300.0, 400.0]], tf.float16))
    assert found.dtype == tf.float32
    assert float(found[0]) == pytest.approx(499**2, rel=1e-6)


def test_a_networks_slopes_are_those_of_finite_differences():
    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)]
    )
    found = input_gradients(network, tf.constant(POINTS)).numpy()
    for axis in range(2):
        step = np.zeros(2, "float32")
        step[axis] = 1e-2
        slope = (network(POINTS + step) - network(POINTS - step)).numpy()[:, 0] / 2e-2
        np.testing.assert_allclose(found[:, axis], slope, atol=1e-3)


def test_squared_norms():
    gradients = RNG.normal(size=(5, 4, 3))
    found = gradient_penalty.squared_norms(tf.constant(gradients, tf.float32))
    np.testing.assert_allclose(found, (gradients**2).sum(axis=(1, 2)), rtol=1e-5)


def test_perturbed_points():
    real, directions = RNG.normal(size=(2, 4, 3, 2))
    lengths = RNG.normal(size=4)
    found = gradient_penalty.perturbed(
        tf.constant(real, tf.float32),
        3.0,
        tf.constant(directions, tf.float32),
        tf.constant(lengths, tf.float32),
    )
    expected = real + 1.5 * lengths[:, None, None] * directions
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


# Interpolates ------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 2), (4, 3, 3, 1)])
def test_interpolates(shape):
    real, fake, shares = RNG.normal(size=shape), RNG.normal(size=shape), np.array([0, 1, 0.5, 0.2])
    wide = shares.reshape(-1, *[1] * (len(shape) - 1))
    found = gradient_penalty.interpolates(
        *(tf.constant(x, tf.float32) for x in (real, fake, shares))
    )
    np.testing.assert_allclose(found, wide * real + (1 - wide) * fake, atol=1e-6)


@pytest.mark.parametrize(
    ("real", "fake", "partners"),
    [(2, 6, [0, 0, 0, 1, 1, 1]), (4, 6, [0, 0, 1, 2, 2, 3]), (6, 3, [0, 2, 4]), (3, 3, [0, 1, 2])],
)
def test_real_examples_are_spread_over_the_generated_ones(real, fake, partners):
    found = gradient_penalty.interpolates(
        tf.reshape(tf.range(float(real)), (-1, 1)), tf.zeros((fake, 1)), tf.ones(fake)
    )
    np.testing.assert_array_equal(found[:, 0], partners)
    # Two replicas with half of each meet the same pairs.
    if real % 2 == fake % 2 == 0:
        half = gradient_penalty.interpolates(
            tf.reshape(tf.range(float(real))[real // 2 :], (-1, 1)),
            tf.zeros((fake // 2, 1)),
            tf.ones(fake // 2),
        )
        np.testing.assert_array_equal(half[:, 0], partners[fake // 2 :])
