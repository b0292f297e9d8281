"""Layers that compare the samples of a batch, against the papers' formulas in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.layers import MinibatchDiscrimination, MinibatchStandardDeviation
from kgan.networks import mlp

RNG = np.random.default_rng(0)


def deviations(x, group, features):
    """Karras et al.'s feature, group by group and part by part of the channels."""
    rows = len(x)
    groups = rows // group
    found = np.empty((rows, features))
    for first in range(groups):
        members = np.arange(first, rows, groups)
        each = np.sqrt(x[members].var(axis=0) + 1e-8)
        parts = np.split(each, features, axis=-1)
        found[members] = [part.mean() for part in parts]
    wide = found.reshape(rows, *[1] * (x.ndim - 2), features)
    return np.concatenate([x, np.broadcast_to(wide, (*x.shape[:-1], features))], axis=-1)


@pytest.mark.parametrize("shape", [(12, 4), (12, 3, 2, 4)])
@pytest.mark.parametrize(("size", "group"), [(4, 4), (1, 1), (5, 12), (50, 12)])
@pytest.mark.parametrize("features", [1, 2])
def test_minibatch_standard_deviation(shape, size, group, features):
    x = RNG.normal(size=shape)
    layer = MinibatchStandardDeviation(size, features)
    expected = deviations(x, group, features)
    np.testing.assert_allclose(layer(x.astype("float32")), expected, atol=1e-6)
    unknown = tf.TensorSpec((None, *shape[1:]), tf.float32)
    found = tf.function(layer, input_signature=[unknown])(x.astype("float32"))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_samples_that_are_all_one_have_a_gradient():
    x = tf.ones((4, 3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        spread = MinibatchStandardDeviation()(x)
    assert float(spread[0, -1]) == pytest.approx(1e-4)
    assert np.isfinite(tape.gradient(spread, x)).all()


def test_minibatch_discrimination():
    x = RNG.normal(size=(6, 4))
    layer = MinibatchDiscrimination(3, 2)
    found = layer(x.astype("float32")).numpy()
    projected = (x @ layer.kernel.numpy()).reshape(6, 3, 2)
    for i in range(6):
        close = [
            np.exp(-np.abs(projected[i] - projected[j]).sum(axis=1)) for j in range(6) if j != i
        ]
        np.testing.assert_allclose(found[i], [*x[i], *np.sum(close, axis=0)], rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(layer(x[:1].astype("float32"))[0, 4:], [0, 0, 0])  # Alone.


def test_a_generator_of_one_sample_is_told_by_the_batch():
    """What a discriminator of single samples cannot: one mode of two, hit exactly."""
    both = np.float32([[-1, 0], [1, 0]] * 8)
    one = np.float32([[1, 0]] * 16)
    for layer in (MinibatchStandardDeviation(16), MinibatchDiscrimination(4)):
        seen = [layer(x).numpy()[:, 2:] for x in (both, one)]
        assert np.abs(seen[0].mean() - seen[1].mean()) > 0.1


@pytest.mark.parametrize("layer", [MinibatchStandardDeviation, lambda: MinibatchDiscrimination(4)])
def test_a_discriminator_holds_them(layer, tmp_path):
    critic = keras.Sequential(
        [keras.Input((2,)), layers.Dense(8, "relu"), layer(), layers.Dense(1)]
    )
    gan = kgan.GAN(mlp(3, (4,), 2), critic)
    gan.compile()
    gan.fit(RNG.normal(size=(22, 2)).astype("float32"), batch_size=8, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    rows = RNG.normal(size=(5, 2)).astype("float32")
    np.testing.assert_array_equal(
        loaded.discriminate(rows)["logits"], gan.discriminate(rows)["logits"]
    )


def test_bad_input():
    for arguments, name in (({"group_size": 0}, "group_size"), ({"features": 0}, "features")):
        with pytest.raises(kgan.InputError, match=f"{name} must be a whole number"):
            MinibatchStandardDeviation(**arguments)
    with pytest.raises(kgan.InputError, match=r"divide the 3 channels\. Received: features=2"):
        MinibatchStandardDeviation(features=2)(np.ones((4, 3), "float32"))
    with pytest.raises(kgan.InputError, match=r"rows of numbers.*\(4, 2, 2, 3\); put a Flatten"):
        MinibatchDiscrimination(3)(np.ones((4, 2, 2, 3), "float32"))
