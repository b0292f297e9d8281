"""Unrolled optimizers: their values, their derivatives, and that nothing is written."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.backend import unrolling

REAL = np.random.default_rng(0).normal(size=(8, 2))
FAKE = np.random.default_rng(1).normal(size=(8, 2)) + 0.5
# Betas that float32 holds exactly: Keras rounds them to it, whatever the weights are.
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.3),
    "adam": lambda: keras.optimizers.Adam(0.05, beta_1=0.5, beta_2=0.875),
    "fused-adam": lambda: kgan.Adam(0.05, beta_1=0.5, beta_2=0.875, epsilon=1e-3),
    "decaying": lambda: kgan.Adam(
        keras.optimizers.schedules.CosineDecay(0.1, 8), beta_1=0.5, beta_2=0.875
    ),
}


def network():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((2,), dtype="float64"),
            layers.Dense(5, "tanh", dtype="float64"),
            layers.Dense(1, dtype="float64"),
        ]
    )


def loss_of(net, real, fake):
    """Cross-entropy in the network's own dtype."""
    return tf.reduce_mean(tf.nn.softplus(-net(real))) + tf.reduce_mean(tf.nn.softplus(net(fake)))


def step(net, optimizer, real, fake):
    """An ordinary step."""
    with tf.GradientTape() as tape:
        loss = loss_of(net, real, fake)
    optimizer.apply(tape.gradient(loss, [v.value for v in net.trainable_variables]))


def moved(name):
    """A network and its optimizer after two steps, so that no slot is 0."""
    net, optimizer = network(), OPTIMIZERS[name]()
    optimizer.build(net.trainable_variables)
    for _ in range(2):
        step(net, optimizer, tf.constant(REAL), tf.constant(FAKE))
    return net, optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_unrolled_values_are_those_of_real_steps(name):
    net, optimizer = moved(name)
    before = [v.numpy() for v in [*net.variables, *optimizer.variables]]
    values = unrolling.unroll(
        lambda: loss_of(net, REAL, FAKE), net.trainable_variables, optimizer, 3
    )
    for variable, old in zip([*net.variables, *optimizer.variables], before, strict=True):
        np.testing.assert_array_equal(variable, old)
    for _ in range(3):
        step(net, optimizer, tf.constant(REAL), tf.constant(FAKE))
    for variable, value in zip(net.trainable_variables, values, strict=True):
        assert np.abs(variable.numpy() - value).max() < 1e-7  # Rates are float32.
    assert max(np.abs(v - o).max() for v, o in zip(values, before, strict=False)) > 1e-2


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", ["sgd", "adam", "fused-adam"])
def test_derivatives_in_the_samples_are_central_differences(name, steps):
    net, optimizer = moved(name)

    def value(fake):
        def loss():
            return loss_of(net, REAL, fake)

        values = unrolling.unroll(loss, net.trainable_variables, optimizer, steps)
        return unrolling.evaluate_at(loss, net.trainable_variables, values)

    fake = tf.constant(FAKE)
    with tf.GradientTape() as tape:
        tape.watch(fake)
        result = value(fake)
    found = tape.gradient(result, fake).numpy()
    for way in np.random.default_rng(2).normal(size=(4, *FAKE.shape)):
        above, below = (value(tf.constant(FAKE + small * way)) for small in (1e-5, -1e-5))
        assert (found * way).sum() == pytest.approx(float(above - below) / 2e-5, rel=1e-5)
    # And they are not those that stop at the unrolled weights.
    with tf.GradientTape() as tape:
        tape.watch(fake)
        plain = loss_of(net, REAL, fake)
    assert np.abs(found - tape.gradient(plain, fake)).max() > 1e-4


def test_a_weight_without_a_gradient_has_finite_derivatives():
    """A dead unit: Adam's root is 0 there, and its gradient infinite."""
    net = keras.Sequential(
        [keras.Input((2,)), layers.Dense(3, "relu", bias_initializer="zeros"), layers.Dense(1)]
    )
    net.layers[0].bias.assign([-1e3, 0.0, 0.0])
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(net.trainable_variables)
    fake = tf.constant(FAKE, "float32")

    def loss():
        return loss_of(net, tf.constant(REAL, "float32"), fake)

    with tf.GradientTape() as tape:
        tape.watch(fake)
        values = unrolling.unroll(loss, net.trainable_variables, optimizer, 2)
        result = unrolling.evaluate_at(loss, net.trainable_variables, values)
    gradient = tape.gradient(result, fake).numpy()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 1e-4
    assert float(values[1][0]) == -1e3


def test_a_constraint_holds_in_unrolled_steps():
    keras.utils.set_random_seed(1)
    net = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_constraint="non_neg")])
    optimizer = keras.optimizers.SGD(5.0)
    optimizer.build(net.trainable_variables)
    real, fake = (tf.constant(x, "float32") for x in (REAL, FAKE + 3))
    values = unrolling.unroll(
        lambda: loss_of(net, real, fake), net.trainable_variables, optimizer, 1
    )
    step(net, optimizer, real, fake)
    np.testing.assert_allclose(values[0], net.layers[0].kernel, atol=1e-6)
    assert (values[0].numpy() == 0).any()


def test_a_frozen_path_stays_where_it_is():
    net = network()
    unused = keras.Variable(np.ones(3))
    both = [*net.trainable_variables, unused]
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build(both)
    values = unrolling.unroll(lambda: loss_of(net, REAL, FAKE), both, optimizer, 2)
    np.testing.assert_array_equal(values[-1], np.ones(3))
    assert np.abs(values[0] - net.trainable_variables[0]).max() > 0.01


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (keras.optimizers.RMSprop(), "Adam or SGD.*Received: RMSprop"),
        (keras.optimizers.AdamW(), "Adam or SGD.*Received: AdamW"),
        (keras.optimizers.SGD(momentum=0.5), "plain SGD.*Received: one with momentum;"),
        (keras.optimizers.Adam(amsgrad=True, clipnorm=1.0), "one with amsgrad, clipnorm;"),
        (keras.optimizers.LossScaleOptimizer(keras.optimizers.Lion()), "Received: Lion"),
    ],
)
def test_other_optimizers_are_refused(optimizer, message):
    with pytest.raises(kgan.InputError, match=message):
        unrolling.require_known(optimizer)
