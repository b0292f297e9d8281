"""The fused Adam against Keras' and against the paper's formula in float64."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kgan import Adam

RATE, BETA_1, BETA_2, EPSILON = 0.02, 0.5, 0.99, 1e-7
START = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
GRADIENTS = np.random.default_rng(1).normal(size=(12, 4, 3)).astype("float32")
GRADIENTS[3] = 0  # A step without a gradient still moves by its momentum.
OPTIONS = {"beta_1": BETA_1, "beta_2": BETA_2, "epsilon": EPSILON}


def schedule():
    return keras.optimizers.schedules.CosineDecay(RATE, len(GRADIENTS))


def stepped(optimizer, gradients=GRADIENTS, **function):
    """The variable and the optimizer after a step for each gradient."""
    variable = keras.Variable(START)
    optimizer.build([variable])

    @tf.function(**function)
    def step(gradient):
        optimizer.apply([gradient], [variable])

    for gradient in gradients:
        step(tf.constant(gradient))
    return variable, optimizer


def oracle(rate, start=START, gradients=GRADIENTS):
    """Kingma and Ba's Adam, its epsilon outside of the bias correction as in TensorFlow."""
    x, m, v = start.astype("float64"), 0.0, 0.0
    for t, g in enumerate(gradients.astype("float64"), 1):
        m = BETA_1 * m + (1 - BETA_1) * g
        v = BETA_2 * v + (1 - BETA_2) * g**2
        step = rate(t - 1) * np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        x = x - step * m / (np.sqrt(v) + EPSILON)
    return x, m, v


@pytest.mark.parametrize(
    ("rate", "formula"),
    [
        (RATE, lambda t: RATE),
        (schedule(), lambda t: RATE * (1 + np.cos(np.pi * t / len(GRADIENTS))) / 2),
    ],
    ids=["constant", "cosine"],
)
@pytest.mark.parametrize("jit", [False, True])
def test_formula(rate, formula, jit):
    variable, optimizer = stepped(Adam(rate, **OPTIONS), jit_compile=jit)
    x, m, v = oracle(formula)
    np.testing.assert_allclose(variable.numpy(), x, rtol=2e-6, atol=1e-7)
    np.testing.assert_allclose(optimizer._momentums[0].numpy(), m, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(optimizer._velocities[0].numpy(), v, rtol=1e-5, atol=1e-7)
    assert int(optimizer.iterations.numpy()) == len(GRADIENTS)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"amsgrad": True},
        {"weight_decay": 0.1},
        {"clipnorm": 0.5},
        {"use_ema": True, "ema_overwrite_frequency": 3},
        {"gradient_accumulation_steps": 2},
        {"learning_rate": 0.3, "beta_1": 0.9, "epsilon": 1e-3},
    ],
    ids=lambda options: "-".join(options) or "plain",
)
def test_same_as_keras(options):
    options = {"learning_rate": RATE, **OPTIONS, **options}
    fused, _ = stepped(Adam(**options))
    plain, _ = stepped(keras.optimizers.Adam(**options))
    np.testing.assert_allclose(fused.numpy(), plain.numpy(), rtol=1e-5, atol=1e-6)
    assert np.abs(fused.numpy() - START).max() > RATE


def test_sparse_gradients():
    """An embedding's gradients are slices, some rows twice and some not at all."""

    def trained(kind):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((2,)), layers.Embedding(5, 3), layers.Dense(1)])
        model.compile(kind(RATE, **OPTIONS), "mse", jit_compile=False)
        rows = np.array([[0, 1], [1, 1], [3, 0]])
        model.fit(rows, np.ones((3, 2, 1)), epochs=4, batch_size=3, verbose=0)
        return model.get_weights()

    for fused, plain in zip(trained(Adam), trained(keras.optimizers.Adam), strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-5, atol=1e-6)


def test_two_replicas_step_like_one(two_replicas):
    """Gradients are summed over replicas, and every replica's moments move."""
    with two_replicas.scope():
        variable = keras.Variable(START)
        optimizer = Adam(RATE, **OPTIONS)
        optimizer.build([variable])

    @tf.function
    def step(gradient):
        two_replicas.run(lambda: optimizer.apply([gradient / 2], [variable]))

    for gradient in GRADIENTS:
        step(tf.constant(gradient))
    alone, other = stepped(Adam(RATE, **OPTIONS))
    for value, expected in (
        (variable, alone),
        (optimizer._momentums[0], other._momentums[0]),
        (optimizer._velocities[0], other._velocities[0]),
    ):
        for copy in two_replicas.experimental_local_results(value.value):
            np.testing.assert_allclose(copy.numpy(), expected.numpy(), rtol=1e-6, atol=1e-8)


def test_saved_and_loaded_goes_on_the_same(tmp_path):
    """Through a .keras file: configuration, slots and iterations."""
    keras.utils.set_random_seed(0)
    x, y = np.random.default_rng(0).normal(size=(2, 8, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3)])
    model.compile(Adam(schedule(), **OPTIONS), "mse")
    model.fit(x, y, epochs=3, batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is Adam
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for one in (model, loaded):
        one.fit(x, y, epochs=3, batch_size=8, verbose=0)
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
