"""Perceptrons against their matrix products in NumPy."""

import keras
import numpy as np
import pytest

from kgan.networks import mlp

INPUTS = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")


def product(model, x, scale=1.0):
    """The network's linear algebra in float64, with ReLU between layers."""
    x = np.float64(x) * scale
    weights = [np.float64(w) for w in model.get_weights()]
    for i in range(0, len(weights), 2):
        x = x @ weights[i] + weights[i + 1]
        if i < len(weights) - 2:
            x = np.maximum(x, 0)
    return x


def test_weights_and_output():
    model = mlp(3, (5, 7), 2)
    assert [w.shape for w in model.get_weights()] == [(3, 5), (5,), (5, 7), (7,), (7, 2), (2,)]
    found = model(INPUTS).numpy()
    np.testing.assert_allclose(found, product(model, INPUTS), rtol=1e-5, atol=1e-6)
    assert (found != 0).any()


def test_no_hidden_layers():
    model = mlp(3, (), 2)
    np.testing.assert_allclose(model(INPUTS), product(model, INPUTS), rtol=1e-5, atol=1e-6)


def test_scales_and_bound():
    model = mlp(3, (4,), 2, input_scale=0.25, output_scale=3.0)
    np.testing.assert_allclose(
        model(INPUTS), 3 * product(model, INPUTS, 0.25), rtol=1e-5, atol=1e-6
    )
    # The authors' output layer of MD-GAN: 5 sigmoid(x) - 2.5.
    model = mlp(3, (4,), 2, output_bound=2.5)
    expected = 5 / (1 + np.exp(-product(model, INPUTS))) - 2.5
    np.testing.assert_allclose(model(INPUTS), expected, rtol=1e-5, atol=1e-6)
    assert np.abs(model(1e6 * INPUTS)).max() == pytest.approx(2.5)


def test_an_initializer_is_drawn_anew_for_every_layer():
    first, second = mlp(
        4, (4,), 4, initializer=keras.initializers.RandomNormal(stddev=0.02)
    ).get_weights()[::2]
    assert (first != second).all()
    assert first.std() == pytest.approx(0.02, rel=0.6)


def test_activation():
    model = mlp(3, (4,), 1, activation="tanh")
    weights = model.get_weights()
    expected = np.tanh(INPUTS @ weights[0] + weights[1]) @ weights[2] + weights[3]
    np.testing.assert_allclose(model(INPUTS), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16", "mixed_float16"])
def test_output_is_float32_under_any_policy(dtype):
    model = mlp(3, (4,), 2, input_scale=0.5, output_bound=1.0, output_scale=2.0, dtype=dtype)
    assert model(INPUTS).dtype == "float32"
    assert all(v.dtype == "float32" for v in model.variables)
    hidden = model.layers[2].compute_dtype
    assert hidden == ("float32" if dtype is None else dtype.removeprefix("mixed_"))


def test_spectral_norm():
    model = mlp(3, (5, 4), 2, spectral_norm=True)
    plain = mlp(3, (5, 4), 2)
    for _ in range(200):
        model(INPUTS, training=True)
    dense = [x for x in model.layers if hasattr(x, "kernel")]
    weights = []
    for layer in dense:
        kernel = np.float64(layer.kernel.numpy())
        weights += [kernel / np.linalg.svd(kernel, compute_uv=False)[0], layer.bias.numpy()]
    plain.set_weights(weights)
    np.testing.assert_allclose(model(INPUTS), plain(INPUTS), atol=1e-5)
    assert sum(np.prod(v.shape) for v in model.trainable_variables) == plain.count_params()
