"""K layers as one, against K Keras layers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kgan import InputError
from kgan.layers import STACKED, StackedBatchNormalization, StackedDense

GENERATORS, ROWS = 3, 4
MAKERS = {
    "dense": (lambda: layers.Dense(5, activation="relu"), (6,)),
    "dense without bias": (lambda: layers.Dense(5, use_bias=False), (6,)),
    "convolution": (lambda: layers.Conv2D(4, 3, 2, "same", activation="tanh"), (8, 6, 2)),
    "transposed": (lambda: layers.Conv2DTranspose(4, 5, 2, "same"), (4, 3, 2)),
    "no bias": (lambda: layers.Conv2DTranspose(4, 4, 2, "valid", use_bias=False), (4, 3, 2)),
}


def batch(shape, seed=0):
    return np.random.default_rng(seed).normal(size=(GENERATORS * ROWS, *shape)).astype("float32")


def pair(make, shape):
    """A stacked layer, and K layers with its weights."""
    template = make()
    stacked = STACKED[type(template)].from_config(
        {**template.get_config(), "generators": GENERATORS}
    )
    stacked.build((None, *shape))
    rng = np.random.default_rng(1)
    stacked.set_weights([rng.normal(0.5, 0.2, w.shape) ** 2 for w in stacked.weights])
    singles = []
    for k in range(GENERATORS):
        single = make()
        single.build((None, *shape))
        single.set_weights([w[k] for w in stacked.get_weights()])
        singles.append(single)
    return stacked, singles


@pytest.mark.parametrize("name", MAKERS)
def test_outputs_and_gradients_are_those_of_k_layers(name):
    make, shape = MAKERS[name]
    stacked, singles = pair(make, shape)
    x = tf.constant(batch(shape))
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = stacked(x)
        loss = tf.reduce_sum(tf.sin(outputs))
    gradient_x, *gradients = tape.gradient(loss, [x, *(w.value for w in stacked.weights)])
    for k, single in enumerate(singles):
        rows = slice(k * ROWS, (k + 1) * ROWS)
        part = x[rows]
        with tf.GradientTape() as tape:
            tape.watch(part)
            expected = single(part)
            loss = tf.reduce_sum(tf.sin(expected))
        part_gradient, *expected_gradients = tape.gradient(
            loss, [part, *(w.value for w in single.weights)]
        )
        np.testing.assert_allclose(outputs[rows], expected, atol=1e-5)
        np.testing.assert_allclose(gradient_x[rows], part_gradient, atol=1e-5)
        for found, wanted in zip(gradients, expected_gradients, strict=True):
            np.testing.assert_allclose(found[k], wanted, atol=1e-4)


@pytest.mark.parametrize("name", MAKERS)
def test_one_selected_takes_all_rows(name):
    make, shape = MAKERS[name]
    stacked, singles = pair(make, shape)
    x = batch(shape)
    for k in (0, 2):
        stacked.selected = k
        np.testing.assert_allclose(stacked(x), singles[k](x), atol=1e-5)


@pytest.mark.parametrize("shape", [(3,), (4, 2, 3)])
@pytest.mark.parametrize("center", [True, False])
def test_batch_norm_has_statistics_of_each_generator(shape, center):
    def make():
        return layers.BatchNormalization(momentum=0.7, epsilon=1e-2, center=center)

    stacked, singles = pair(make, shape)
    assert isinstance(stacked, StackedBatchNormalization)
    x = batch(shape) * np.linspace(1, 3, GENERATORS * ROWS).reshape(-1, *[1] * len(shape))
    x = x.astype("float32")
    for training in (False, True, False):  # The last: with the statistics of the second.
        outputs = stacked(x, training=training)
        for k, single in enumerate(singles):
            rows = slice(k * ROWS, (k + 1) * ROWS)
            expected = single(x[rows], training=training)
            np.testing.assert_allclose(outputs[rows], expected, atol=1e-5)
    for mine, *theirs in zip(stacked.weights, *(s.weights for s in singles), strict=True):
        np.testing.assert_allclose(mine, np.stack(theirs), atol=1e-6)
    stacked.selected = 1
    np.testing.assert_allclose(stacked(x), singles[1](x), atol=1e-5)


def test_batch_norm_in_float64_by_hand():
    x = batch((2,)).astype("float64")
    layer = StackedBatchNormalization(generators=GENERATORS, epsilon=1e-3)
    groups = x.reshape(GENERATORS, ROWS, 2)
    expected = (groups - groups.mean(1, keepdims=True)) / np.sqrt(groups.var(1)[:, None] + 1e-3)
    found = layer(x.astype("float32"), training=True)
    np.testing.assert_allclose(found, expected.reshape(-1, 2), atol=1e-5)


@pytest.mark.parametrize("seed", [None, 7])
def test_initial_weights_are_drawn_for_each(seed):
    layer = StackedDense(
        generators=GENERATORS,
        units=200,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.02, seed=seed),
    )
    layer.build((None, 50))
    kernels = layer.kernel.numpy()
    assert kernels.shape == (GENERATORS, 50, 200)
    for k in range(GENERATORS):
        assert kernels[k].std() == pytest.approx(0.02, rel=0.05)
        for other in range(k):
            assert abs(np.corrcoef(kernels[k].ravel(), kernels[other].ravel())[0, 1]) < 0.05


def test_fan_is_that_of_one_generator():
    layer = StackedDense(generators=50, units=30)  # Glorot: uniform within sqrt(6 / (20 + 30)).
    layer.build((None, 20))
    assert np.abs(layer.kernel.numpy()).max() == pytest.approx(np.sqrt(6 / 50), rel=0.01)


def test_fewer_than_one():
    with pytest.raises(InputError, match=r"generators must be at least 1\. Received: generators=0"):
        StackedDense(generators=0, units=3)
