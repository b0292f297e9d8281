"""Where embeddings lie: bounded norms, and a spread that the first batch decides."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kgan.errors import InputError
from kgan.layers import NormBound, Whitening


def test_norms_are_bounded_and_directions_stay():
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [-6e4, 8e4]], "float32")
    found = NormBound(2.0)(rows).numpy()
    # |e| = 5: 2 * 5 / sqrt(4 + 25) = 1.857; far out: 2.
    expected = [[3 * 2 / 29**0.5, 4 * 2 / 29**0.5], [0, 0], [-1.2, 1.6]]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_the_first_batch_in_training_decides_the_map():
    rng = np.random.default_rng(0)
    batch = (rng.normal(size=(400, 3)) @ rng.normal(size=(3, 3)) + 5).astype("float32")
    layer = Whitening(0.25)
    np.testing.assert_array_equal(layer(batch), batch)  # Not in training.
    step = tf.function(lambda x: layer(x, training=True))
    found = step(batch).numpy()
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(np.cov(found.T), 0.25 * np.eye(3), atol=1e-4)
    other = rng.normal(size=(400, 3)).astype("float32")
    later = step(other).numpy()
    assert np.abs(np.cov(later.T) - 0.25 * np.eye(3)).max() > 0.01
    np.testing.assert_allclose(layer(batch), found, atol=1e-5)
    matrix, offset, _ = layer.get_weights()
    np.testing.assert_allclose(later, (other - offset) @ matrix, atol=1e-5)


def test_rows_on_a_line_or_all_alike_stay_finite():
    line = np.outer(np.linspace(-1, 1, 50), [1.0, 2.0, 0.0, 0.0]).astype("float32")
    found = Whitening(1.0)(line, training=True).numpy()
    # Along the line as much as asked for; what has no spread is not blown up.
    assert np.trace(np.cov(found.T)) == pytest.approx(1, rel=1e-3)
    alike = np.full((4, 2), 7.0, "float32")
    np.testing.assert_array_equal(Whitening(1.0)(alike, training=True), np.zeros((4, 2)))


def test_gradients_pass_the_map_and_not_what_made_it():
    batch = tf.constant(np.random.default_rng(1).normal(size=(20, 2)).astype("float32"))
    layer = Whitening()
    with tf.GradientTape() as tape:
        tape.watch(batch)
        total = tf.reduce_sum(layer(batch, training=True)[:, 0])
    matrix, _, _ = layer.get_weights()
    np.testing.assert_allclose(tape.gradient(total, batch), np.tile(matrix[:, 0], (20, 1)))


@pytest.mark.parametrize("layer", [NormBound(1.5), Whitening(0.3)])
def test_they_come_back_from_their_configuration(layer):
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize("layer", [NormBound, Whitening])
@pytest.mark.parametrize("value", [0.0, -1.0, "2"])
def test_bad_arguments(layer, value):
    with pytest.raises(InputError, match=r"(radius|variance).* must be .*Received"):
        layer(value)
