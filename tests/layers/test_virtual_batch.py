"""Virtual batch normalisation against NumPy: its moments, its rows, and what is kept of it."""

import keras
import numpy as np
import pytest
from keras import layers
from tiny_methods import precision

from kgan import InputError
from kgan.layers import ReferenceBatch, VirtualBatchNormalization, WithoutReference

RNG = np.random.default_rng(0)
ROWS = 3


def oracle(x, epsilon):
    """Each row with the reference, as one batch of `ROWS + 1`."""
    reference, axes = x[:ROWS], tuple(range(x.ndim - 1))
    scaled = (reference - reference.mean(axis=axes)) / np.sqrt(reference.var(axis=axes) + epsilon)
    found = [scaled]
    for row in x[ROWS:]:
        batch = np.concatenate([reference, row[None]])
        mean, variance = batch.mean(axis=axes), batch.var(axis=axes)
        found.append(((row - mean) / np.sqrt(variance + epsilon))[None])
    return np.concatenate(found)


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4)])
def test_moments_are_of_the_reference_and_the_row(shape):
    x = RNG.normal(1, 2, size=(8, *shape))
    with precision("float64"):
        layer = VirtualBatchNormalization(ROWS, epsilon=0.01)
        found = layer(x).numpy()
        np.testing.assert_allclose(found, oracle(x, 0.01), rtol=1e-9)
        layer.set_weights([np.full(4, 2.0), np.full(4, 0.5)])
        np.testing.assert_allclose(layer(x), 2 * found + 0.5, rtol=1e-9)


def network():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((2,)),
            ReferenceBatch(ROWS),
            layers.Dense(4),
            VirtualBatchNormalization(ROWS),
            layers.ReLU(),
            WithoutReference(ROWS),
            layers.Dense(1),
        ]
    )


def test_the_first_batch_in_training_is_the_reference(tmp_path):
    model = network()
    first, other = RNG.normal(size=(2, 5, 2)).astype("float32")
    before = model(other).numpy()
    model(first, training=True)
    model(other, training=True)
    np.testing.assert_array_equal(model.layers[0].reference, first[:ROWS])
    together = model(other).numpy()
    assert together.shape == (5, 1)
    assert (together != before).any()
    # No row bears on another: neither in training.
    np.testing.assert_allclose(together, model(other, training=True), rtol=1e-6)
    for i in range(5):
        np.testing.assert_allclose(model(other[i : i + 1])[0], together[i], rtol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        keras.models.load_model(tmp_path / "model.keras")(other), together
    )


def test_what_they_refuse():
    with pytest.raises(InputError, match=r"takes 3 rows of the first batch\. Received: 2"):
        ReferenceBatch(ROWS)(np.zeros((2, 4), "float32"), training=True)
    for cls in (ReferenceBatch, VirtualBatchNormalization, WithoutReference):
        with pytest.raises(InputError, match="rows must be a whole number of at least 1"):
            cls(0)
    with pytest.raises(InputError, match="epsilon must be at least 0"):
        VirtualBatchNormalization(2, epsilon=-1.0)
