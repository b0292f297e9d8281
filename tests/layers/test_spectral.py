"""Spectral layers: sigma against the SVD, gradients by differences, state, files, precision."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kgan.errors import InputError
from kgan.layers import SpectralConv2D, SpectralDense

MAKERS = {
    "dense": (lambda **options: SpectralDense(5, **options), layers.Dense(5), (7,)),
    "conv": (
        lambda **options: SpectralConv2D(5, 3, strides=2, padding="same", **options),
        layers.Conv2D(5, 3, strides=2, padding="same"),
        (6, 6, 3),
    ),
}


@pytest.fixture(params=MAKERS)
def kind(request):
    """A maker of layers, the plain Keras layer, a batch of inputs."""
    make, plain, shape = MAKERS[request.param]
    keras.utils.set_random_seed(1)
    inputs = np.random.default_rng(0).normal(size=(4, *shape)).astype("float32")
    return make, type(plain).from_config(plain.get_config()), inputs


def matrix(layer):
    """The kernel as the paper's matrix, transposed, in float64."""
    kernel = np.float64(layer.kernel.numpy())
    return kernel.reshape(-1, kernel.shape[-1])


def sigma_of(layer):
    return np.linalg.svd(matrix(layer), compute_uv=False)[0]


def iterated(weight, vector, iterations):
    """Algorithm 1 in NumPy: sigma's estimate, v and the new u."""
    for _ in range(iterations):
        right = weight @ vector / np.linalg.norm(weight @ vector)
        vector = right @ weight / np.linalg.norm(right @ weight)
    return right @ weight @ vector, right, vector


def converged(layer, inputs, passes=200):
    for _ in range(passes):
        layer(inputs, training=True)
    return layer


def test_outputs_are_the_plain_layers_of_the_kernel_over_sigma(kind):
    make, plain, inputs = kind
    layer = converged(make(activation="relu"), inputs)
    layer.bias.assign(np.linspace(-1, 1, 5))
    plain.build(inputs.shape)
    plain.set_weights([layer.kernel.numpy() / sigma_of(layer), layer.bias.numpy()])
    for training in (True, False):
        expected = np.maximum(plain(inputs), 0)
        np.testing.assert_allclose(layer(inputs, training=training), expected, atol=1e-5)


def test_sigma_of_the_normalised_kernel_is_1(kind):
    make, _, inputs = kind
    layer = make()
    layer.build(inputs.shape)
    layer.kernel.assign(3 * layer.kernel)
    converged(layer, inputs)
    for training in (True, False):
        found = np.float64(layer.normalised_kernel(training)).reshape(-1, 5)
        assert np.linalg.svd(found, compute_uv=False)[0] == pytest.approx(1, abs=1e-5)


def test_a_known_matrix():
    # Singular values 3 and 2: a power iteration errs by (2 / 3)^2 times less each time.
    layer = SpectralDense(2, use_bias=False)
    layer.build((None, 2))
    layer.kernel.assign([[0.0, 2.0], [3.0, 0.0]])
    layer.output_vector.assign([1.0, 0.0])
    found = layer(np.eye(2, dtype="float32"), training=True)
    np.testing.assert_allclose(found, [[0, 2 / 3], [1, 0]], atol=1e-6)
    layer.output_vector.assign([0.0, 5.0])  # An eigenvector of the smaller one, and not of norm 1.
    found = layer(np.eye(2, dtype="float32"))
    np.testing.assert_allclose(found, [[0, 1], [3 / 2, 0]], atol=1e-6)


@pytest.mark.parametrize("iterations", [1, 3])
def test_each_training_pass_iterates_and_keeps_u(kind, iterations):
    make, _, inputs = kind
    layer = make(iterations=iterations)
    layer.build(inputs.shape)
    vector = np.float64(layer.output_vector.numpy())
    for _ in range(2):  # Real and generated samples pass apart: two passes a step.
        sigma, _, vector = iterated(matrix(layer), vector, iterations)
        found = np.float64(layer.normalised_kernel(training=True))
        np.testing.assert_allclose(found, layer.kernel.numpy() / sigma, rtol=1e-5)
        np.testing.assert_allclose(layer.output_vector, vector, atol=1e-6)


def test_inference_takes_u_as_it_is(kind):
    make, _, inputs = kind
    layer = make()
    for _ in range(2):
        layer(inputs, training=True)
    before = layer.output_vector.numpy()
    sigma = np.linalg.norm(matrix(layer) @ np.float64(before))
    for options in ({}, {"training": False}):
        found = np.float64(layer.normalised_kernel(**options))
        np.testing.assert_allclose(found, layer.kernel.numpy() / sigma, rtol=1e-5)
    layer.trainable = False  # A frozen layer stays as it is in training passes too.
    layer(inputs, training=True)
    np.testing.assert_array_equal(layer.output_vector, before)


def test_gradient_passes_through_sigma(kind):
    """Against differences of <weights, W / sigma(W)> with the true sigma, in float64."""
    make, _, inputs = kind
    layer = make(dtype="float64")
    layer.build(inputs.shape)
    converged(layer, inputs.astype("float64"), 500)
    shape = layer.kernel.shape
    cotangent = np.random.default_rng(1).normal(size=shape)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(cotangent * layer.normalised_kernel(training=True))
    found = tape.gradient(value, layer.kernel.value).numpy()
    kernel, expected, step = layer.kernel.numpy(), np.zeros(shape), 1e-6

    def objective(kernel):
        norm = np.linalg.svd(kernel.reshape(-1, 5), compute_uv=False)[0]
        return (cotangent * kernel).sum() / norm

    for place in np.ndindex(*shape):
        moved = np.zeros(shape)
        moved[place] = step
        expected[place] = (objective(kernel + moved) - objective(kernel - moved)) / (2 * step)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    # W / sigma(W) does not change when W is made longer, so nothing is to be gained by it.
    assert np.abs((found * kernel).sum()) < 1e-8 < np.abs((cotangent * kernel).sum())


def test_gradient_before_convergence_is_equation_12(kind):
    make, _, inputs = kind
    layer = make(dtype="float64")
    layer.build(inputs.shape)
    sigma, right, vector = iterated(matrix(layer), layer.output_vector.numpy(), 1)
    cotangent = np.random.default_rng(1).normal(size=layer.kernel.shape)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(cotangent * layer.normalised_kernel(training=True))
    found = tape.gradient(value, layer.kernel.value).numpy().reshape(-1, 5)
    flat = cotangent.reshape(-1, 5)
    along = (flat * matrix(layer)).sum() / sigma
    np.testing.assert_allclose(found, (flat - along * np.outer(right, vector)) / sigma, atol=1e-9)


def test_files_keep_u(kind, tmp_path):
    make, _, inputs = kind
    model = keras.Sequential([keras.Input(inputs.shape[1:]), make(iterations=2)])
    model(inputs, training=True)
    expected = model(inputs).numpy()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].iterations == 2
    for one, other in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [w.name for w in loaded.non_trainable_weights] == ["output_vector"]
    np.testing.assert_array_equal(loaded(inputs), expected)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = keras.Sequential([keras.Input(inputs.shape[1:]), make(iterations=2)])
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(inputs), expected)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_iterates_in_float32(kind, dtype):
    make, _, inputs = kind
    layer, exact = make(dtype=dtype), make()
    for one in (layer, exact):
        one.build(inputs.shape)
    exact.set_weights(layer.get_weights())
    for _ in range(3):
        outputs, expected = (one(inputs, training=True) for one in (layer, exact))
    assert outputs.dtype == dtype.removeprefix("mixed_")
    assert {w.dtype for w in layer.weights} == {"float32"}
    np.testing.assert_allclose(layer.output_vector, exact.output_vector, atol=1e-6)
    np.testing.assert_allclose(np.float32(outputs), expected, atol=0.03)


def test_iterations_below_1():
    with pytest.raises(InputError, match=r"iterations must be at least 1\. Received: iterations=0"):
        SpectralDense(3, iterations=0)
