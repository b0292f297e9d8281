"""BiGAN's losses, optimum, saving and errors."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan import InputError, networks
from kgan.backend.engine import Samples, Turn
from kgan.networks.joint import joint_discriminator

POINTS = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")
LATENT_DIM = 3


def trunk(example_shape, outputs, dtype=None):
    return networks.mlp(example_shape[0], (8,), outputs, activation="tanh", dtype=dtype)


def pairs(latent_dim=LATENT_DIM):
    return joint_discriminator(trunk, (2,), latent_dim, features=6, units=8)


def make(seed=0, *, discriminator=None, **kwargs):
    keras.utils.set_random_seed(seed)
    mlp = functools.partial(networks.mlp, activation="tanh")
    generator, inverse = mlp(LATENT_DIM, (8,), 2), mlp(2, (8,), LATENT_DIM)
    return kgan.BiGAN(generator, inverse, discriminator or pairs(), **kwargs)


def turn_of(model, seed=3):
    """The points against samples of some latents."""
    latents = model.sample_latents(len(POINTS), seed)
    samples = Samples(lambda z: model.generate(z, training=True), latents)
    return Turn(tf.constant(POINTS), None, lambda: samples)


def logits_of(model, turn):
    """Of both kinds of pairs, float64, by the networks alone."""
    found = model.inverse(turn.real)
    encoded = model.discriminator([turn.real, found]).numpy().astype("float64")
    generated = model.discriminator([model.generator(turn.latents), turn.latents])
    return encoded.ravel(), generated.numpy().astype("float64").ravel()


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def test_losses_are_alis():
    for loss in ("non_saturating", "minimax"):
        model = make(loss=loss)
        turn = turn_of(model)
        encoded, generated = logits_of(model, turn)
        value = log_sigmoid(encoded).mean() + log_sigmoid(-generated).mean()
        assert float(model.discriminator_loss(turn)) == pytest.approx(-value, rel=1e-5)
        flipped = -log_sigmoid(generated).mean() - log_sigmoid(-encoded).mean()
        expected = value if loss == "minimax" else flipped
        assert float(model.generator_loss(turn)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("loss", "expected"), [("minimax", -1), ("non_saturating", 1)])
def test_at_the_optimum_the_value_is_minus_log_4(loss, expected):
    """Where both pairs have one distribution, the best discriminator cannot tell them: G = E = 1,
    both densities N(0, I), and D = 1/2 has no gradient."""
    identity = [
        keras.Sequential([keras.Input((2,)), layers.Dense(2, kernel_initializer="identity")])
        for _ in range(2)
    ]
    discriminator = pairs(2)
    discriminator.layers[-1].set_weights([np.zeros((8, 1)), np.zeros(1)])
    model = kgan.BiGAN(*identity, discriminator, loss=loss)
    points = np.random.default_rng(1).normal(size=(20_000, 2)).astype("float32")
    samples = Samples(model.generate, model.sample_latents(len(points), 5))
    turn = Turn(tf.constant(points), None, lambda: samples)
    assert float(model.generator_loss(turn)) == pytest.approx(expected * np.log(4), rel=1e-5)
    with tf.GradientTape() as tape:
        loss_value = model.discriminator_loss(turn)
    assert float(loss_value) == pytest.approx(np.log(4), rel=1e-5)
    player = model.players["discriminator"].variables
    for gradient in tape.gradient(loss_value, [v.value for v in player]):
        assert np.abs(gradient).max() < 0.02
    np.testing.assert_allclose(model.reconstruct(points[:5]), points[:5], atol=1e-6)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
def test_generator_and_encoder_move_together_each_to_fool_the_discriminator(loss):
    model = make(loss=loss)
    model.compile(
        {"discriminator": keras.optimizers.SGD(0.0), "generator": keras.optimizers.SGD(0.1)}
    )
    turn = turn_of(model)
    encoded, generated = logits_of(model, turn)
    player = model.players["generator"]
    before = [v.numpy() for v in player.variables]
    assert len(before) == 8
    turn.move(
        model.generator_loss, player.variables, model.optimizers["generator"], owns_generator=True
    )
    for variable, old in zip(player.variables, before, strict=True):
        assert (variable.numpy() != old).any(), variable.path
    after_encoded, after_generated = logits_of(model, turn_of(model))
    # Made pairs look more like encoded ones, and encoded ones more like made ones.
    assert after_generated.mean() > generated.mean()
    assert after_encoded.mean() < encoded.mean()


def test_the_discriminator_calls_encoded_pairs_real():
    model = make()
    model.compile(
        {"discriminator": keras.optimizers.SGD(0.1), "generator": keras.optimizers.SGD(0.0)}
    )
    turn = turn_of(model)
    before = [x.mean() for x in logits_of(model, turn)]
    player = model.players["discriminator"]
    turn.move(
        model.discriminator_loss,
        player.variables,
        model.optimizers["discriminator"],
        owns_generator=False,
    )
    after = [x.mean() for x in logits_of(model, turn)]
    assert after[0] - after[1] > before[0] - before[1]
    found = model.discriminate(POINTS)
    logits, _ = logits_of(model, turn)
    np.testing.assert_allclose(found["logits"], logits, rtol=1e-5)
    np.testing.assert_allclose(found["probability"], 1 / (1 + np.exp(-logits)), rtol=1e-5)


def test_a_saved_model_trains_on_bit_by_bit(tmp_path):
    model = make(loss="minimax", fresh_noise=True, ema_decay=0.9)
    model.compile()
    model.train_step(tf.constant(POINTS))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.adversarial_loss, loaded.fresh_noise) == ("minimax", True)
    for one in (model, loaded):
        one.train_step(tf.constant(POINTS))
    np.testing.assert_array_equal(model.sample(5, seed=0), loaded.sample(5, seed=0))
    np.testing.assert_array_equal(model.invert(POINTS), loaded.invert(POINTS))


def test_errors():
    with pytest.raises(InputError, match=r"loss must be one of.* Received: 'hinge'"):
        make(loss="hinge")
    one = networks.mlp(2, (4,), 1)
    with pytest.raises(InputError, match=r"map \[samples, latents\] .*which fails"):
        make(discriminator=one)
    with pytest.raises(InputError, match="which fails"):
        make(discriminator=pairs(LATENT_DIM + 1))
    made = pairs()
    wide = keras.Model(made.inputs, layers.Dense(2)(made.outputs[0]))
    with pytest.raises(InputError, match=r"one logit\. Received: .*\(None, 2\)"):
        make(discriminator=wide)


@keras.saving.register_keras_serializable("kgan_tests")
class Pairs(keras.Model):
    """A discriminator of pairs as a Keras user may write one."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.out = layers.Dense(1)

    def call(self, inputs, training=False):
        return self.out(keras.ops.concatenate(inputs, axis=-1))


def test_a_subclassed_discriminator():
    model = make(discriminator=Pairs())
    model.compile()
    assert model.discriminator.out.kernel.shape == (2 + LATENT_DIM, 1)
    assert np.isfinite(model.train_step(tf.constant(POINTS))).all()
