"""Unrolled GAN: its gradient against an oracle in NumPy, and that unrolling leaves no trace."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan import InputError
from kgan.backend import engine

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(12, 2)).astype("float32")
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.2),
    "adam": lambda: kgan.Adam(0.02, beta_1=0.5, beta_2=0.9, epsilon=1e-2),
}


def make(cls=kgan.UnrolledGAN, *, norm=False, dropout=0.0, optimizer="sgd", **kwargs):
    """A linear generator against one hidden layer of tanh, after two steps."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    between = [layers.BatchNormalization(synchronized=True)] if norm else []
    between += [layers.Dropout(dropout)] if dropout else []
    discriminator = keras.Sequential(
        [keras.Input((2,)), layers.Dense(4), *between, layers.Activation("tanh"), layers.Dense(1)]
    )
    model = cls(generator, discriminator, **kwargs)
    model.compile(
        {"discriminator": OPTIMIZERS[optimizer](), "generator": keras.optimizers.SGD(0.1)}
    )
    for _ in range(2):
        model.train_step(tf.constant(POINTS))
    return model


LATENTS = RNG.normal(size=(12, 3)).astype("float32")


def generator_gradient(model):
    """The gradient that a move of the generator follows, and its loss."""
    samples = engine.Samples(lambda z: model.generate(z, training=True), tf.constant(LATENTS))
    turn = engine.Turn(tf.constant(POINTS), None, lambda: samples)
    player = model.players["generator"]
    before = [v.numpy().astype("float64") for v in player.variables]
    loss, _ = turn.move(
        model.generator_loss, player.variables, keras.optimizers.SGD(1.0), owns_generator=True
    )
    after = [v.numpy().astype("float64") for v in player.variables]
    for variable, old in zip(player.variables, before, strict=True):
        variable.assign(old)
    return [a - b for a, b in zip(before, after, strict=True)], float(loss)


# The oracle: NumPy, float64, derivatives of the discriminator by hand, of the rest by differences.


def softplus(x):
    return np.logaddexp(0, x)


def cross_entropy(weights, fake):
    """The discriminator's loss and its gradients; weights are kernel, bias, kernel, bias."""
    first, bias, last, end = weights
    loss, gradients = 0.0, [np.zeros_like(w) for w in weights]
    for samples, sign in ((np.float64(POINTS), -1), (fake, 1)):
        hidden = np.tanh(samples @ first + bias)
        logits = hidden @ last + end
        loss += softplus(sign * logits).mean()
        delta = sign / (1 + np.exp(-sign * logits)) / len(samples)
        inner = delta @ last.T * (1 - hidden**2)
        for total, part in zip(
            gradients,
            (samples.T @ inner, inner.sum(0), hidden.T @ delta, delta.sum(0)),
            strict=True,
        ):
            total += part
    return loss, gradients


def unrolled(model, steps, fake):
    """The discriminator's weights some steps later."""
    optimizer = model.optimizers["discriminator"]
    weights = [np.float64(w) for w in model.discriminator.get_weights()]
    if isinstance(optimizer, keras.optimizers.SGD):
        for _ in range(steps):
            weights = [
                w - 0.2 * g for w, g in zip(weights, cross_entropy(weights, fake)[1], strict=True)
            ]
        return weights
    slots = [np.float64(v.numpy()) for v in optimizer.variables[2:]]
    moments, velocities = slots[0::2], slots[1::2]
    for time in range(int(optimizer.iterations) + 1, int(optimizer.iterations) + 1 + steps):
        for i, g in enumerate(cross_entropy(weights, fake)[1]):
            moments[i] = 0.5 * moments[i] + 0.5 * g
            velocities[i] = 0.9 * velocities[i] + 0.1 * g**2
            rate = 0.02 * np.sqrt(1 - 0.9**time) / (1 - 0.5**time)
            weights[i] = weights[i] - rate * moments[i] / (np.sqrt(velocities[i]) + 1e-2)
    return weights


def value(model, parameters):
    """The generator's loss as a function of its kernel and bias."""
    fake = np.float64(LATENTS) @ parameters[0] + parameters[1]
    first, bias, last, end = weights = unrolled(model, model.unrolled_steps, fake)
    if model.adversarial_loss == "minimax":
        return -cross_entropy(weights, fake)[0]
    return softplus(-(np.tanh(fake @ first + bias) @ last + end)).mean()


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_unrolled_gradient_is_that_of_the_formula(optimizer, steps, loss):
    model = make(unrolled_steps=steps, optimizer=optimizer, loss=loss)
    parameters = [np.float64(w) for w in model.generator.get_weights()]
    found, found_loss = generator_gradient(model)
    assert found_loss == pytest.approx(value(model, parameters), rel=1e-5)
    small = 1e-5
    for i, parameter in enumerate(parameters):
        for place in np.ndindex(parameter.shape):
            around = []
            for sign in (1, -1):
                shifted = [p.copy() for p in parameters]
                shifted[i][place] += sign * small
                around.append(value(model, shifted))
            expected = (around[0] - around[1]) / (2 * small)
            assert found[i][place] == pytest.approx(expected, rel=1e-3, abs=3e-6)
    model.unrolled_steps = 0
    plain, _ = generator_gradient(model)
    assert max(np.abs(a - b).max() for a, b in zip(found, plain, strict=True)) > 1e-3


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
def test_no_steps_are_the_plain_gan_bit_by_bit(loss):
    options = {"norm": True, "loss": loss, "optimizer": "adam", "instance_noise": 0.2}
    models = make(unrolled_steps=0, **options), make(kgan.GAN, **options)
    for a, b in zip(*(m.variables for m in models), strict=True):
        np.testing.assert_array_equal(a, b)
    gradients = [generator_gradient(m) for m in models]
    assert gradients[0][1] == gradients[1][1]
    for a, b in zip(gradients[0][0], gradients[1][0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert type(models[0]).__name__ == "UnrolledGAN"


def test_small_steps_tend_to_the_plain_gans_gradient():
    model = make(unrolled_steps=3)
    model.optimizers["discriminator"].learning_rate = 0.0
    found, _ = generator_gradient(model)
    model.unrolled_steps = 0
    for a, b in zip(found, generator_gradient(model)[0], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_unrolling_leaves_no_trace(optimizer):
    model = make(unrolled_steps=3, norm=True, dropout=0.4, optimizer=optimizer)
    variables = [
        *model.discriminator.variables,
        *model.optimizers["discriminator"].variables,
    ]
    before = [v.numpy() for v in variables]
    found, _ = generator_gradient(model)
    assert all(np.abs(g).max() > 0 for g in found)
    for variable, old in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable, old, err_msg=variable.path)


def test_instance_noise_is_drawn_once_for_all_steps():
    """A move may draw noise 64 times at most."""
    model = make(unrolled_steps=33, instance_noise=0.1, instance_noise_steps=5)
    assert np.isfinite(model.train_step(tf.constant(POINTS))).all()


def test_a_step_moves_the_generator_down_its_own_loss():
    model = make(unrolled_steps=3, optimizer="adam")
    gradient, start = generator_gradient(model)
    for variable, slope in zip(model.players["generator"].variables, gradient, strict=True):
        variable.assign(variable.numpy() - 0.01 * slope)
    assert generator_gradient(model)[1] < start


def test_it_can_be_saved(tmp_path):
    model = make(unrolled_steps=2, loss="non_saturating", optimizer="adam")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.unrolled_steps, loaded.adversarial_loss) == (2, "non_saturating")
    for a, b in zip(generator_gradient(model)[0], generator_gradient(loaded)[0], strict=True):
        np.testing.assert_array_equal(a, b)


def test_bad_arguments():
    for steps, kind in ((-1, "at least 0"), (2.5, "an integer")):
        with pytest.raises(InputError, match=rf"must be {kind}\. Received: {steps}"):
            make(unrolled_steps=steps)
    for name, value in (("penalty", "gradient"), ("regularizer", kgan.ManifoldEntropy())):
        with pytest.raises(InputError, match=rf"takes no {name}\. Received: .*leave it out"):
            make(**{name: value})
    with pytest.raises(InputError, match=r"loss must be one of.* Received: 'hinge'"):
        make(loss="hinge")
    model = make()
    with pytest.raises(InputError, match=r"Adam or SGD.* Received: RMSprop"):
        model.compile("rmsprop")
    model.unrolled_steps = 0
    model.compile("rmsprop")
