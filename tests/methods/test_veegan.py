"""VEEGAN's losses and the signs of its labels, and who moves on what."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan import networks
from kgan.backend import engine
from kgan.backend.engine import Samples, Turn
from kgan.errors import InputError
from kgan.losses import veegan
from kgan.networks.joint import joint_discriminator

POINTS = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")
LATENT_DIM = 3


def make(**kwargs):
    keras.utils.set_random_seed(0)
    mlp = functools.partial(networks.mlp, activation="tanh")

    def trunk(example_shape, outputs, dtype=None):
        return mlp(example_shape[0], (8,), outputs, dtype=dtype)

    discriminator = joint_discriminator(trunk, (2,), LATENT_DIM, features=6, units=8)
    return kgan.VEEGAN(mlp(LATENT_DIM, (8,), 2), mlp(2, (8,), LATENT_DIM), discriminator, **kwargs)


def turn_of(model, seeds=()):
    """The points against samples of some latents."""
    samples = Samples(
        lambda z: model.generate(z, training=True), model.sample_latents(len(POINTS), 3)
    )
    return Turn(tf.constant(POINTS), None, lambda: samples, seeds=seeds)


def parts(model):
    """Logits of generated and of found pairs, and latents against their reconstructions."""
    latents = model.sample_latents(len(POINTS), 3)
    fake = model.generator(latents)
    generated = model.discriminator([fake, latents])
    found = model.discriminator([tf.constant(POINTS), model.inverse(POINTS)])
    logits = [x.numpy().astype("float64").ravel() for x in (generated, found)]
    return *logits, np.float64(latents), np.float64(model.inverse(fake))


def move(model, name):
    """A step of gradient descent of one player on the same batch."""
    player = model.players[name]
    turn_of(model).move(
        getattr(model, f"{name}_loss"),
        player.variables,
        keras.optimizers.SGD(0.02),
        owns_generator=name == "generator",
    )


def error(latents, found):
    return ((latents - found) ** 2).sum(axis=1).mean()


def test_losses_are_algorithm_1s():
    model = make()
    generated, found, latents, back = parts(model)
    turn = turn_of(model)
    expected = np.logaddexp(0, -generated).mean() + np.logaddexp(0, found).mean()
    assert float(model.discriminator_loss(turn)) == pytest.approx(expected, rel=1e-5)
    assert float(model.inverse_loss(turn)) == pytest.approx(error(latents, back), rel=1e-5)
    loss, metrics = model.generator_loss(turn)
    assert float(loss) == pytest.approx(generated.mean() + error(latents, back), rel=1e-5)
    assert float(metrics["log_ratio"]) == pytest.approx(generated.mean(), rel=1e-5)


def test_the_discriminator_learns_that_generated_pairs_have_label_1():
    model = make()
    before = parts(model)
    move(model, "discriminator")
    after = parts(model)
    assert after[0].mean() - after[1].mean() > before[0].mean() - before[1].mean()
    logits = model.discriminate(POINTS)["logits"].numpy()
    np.testing.assert_allclose(logits, -after[1], rtol=1e-5)  # Log-odds of being real.
    probability = model.discriminate(POINTS)["probability"].numpy()
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(after[1])), rtol=1e-5)


def test_the_generator_lowers_the_logit_and_the_reconstruction():
    model = make()
    generated, _, latents, back = parts(model)
    weights = [v.numpy() for v in model.generator.trainable_variables]
    move(model, "generator")
    after = parts(model)
    assert after[0].mean() + error(*after[2:]) < generated.mean() + error(latents, back)
    # Of the logit alone, where there is nothing to reconstruct.
    for variable, old in zip(model.generator.trainable_variables, weights, strict=True):
        variable.assign(old)
    for variable in model.inverse.trainable_variables:
        variable.assign(0 * variable)
    move(model, "generator")
    assert parts(model)[0].mean() < generated.mean()


def test_the_reconstructor_sees_no_discriminator():
    model = make()
    _, _, latents, back = parts(model)
    moves = []
    for scale in (1.0, 100.0):
        copy = make()
        for variable in copy.discriminator.trainable_variables:
            variable.assign(scale * variable)
        move(copy, "inverse")
        moves.append([v.numpy() for v in copy.inverse.trainable_variables])
        assert error(*parts(copy)[2:]) < error(latents, back)
    for a, b in zip(*moves, strict=True):
        np.testing.assert_array_equal(a, b)


def test_latents_of_real_data_are_drawn_about_the_reconstructors():
    """In the discriminator's pairs alone; the reconstruction is that of the mean."""
    plain, model = make(), make(inverse_std=0.5)
    seed = tf.constant([3, 4], tf.int64)
    noise = engine.replica_noise((len(POINTS), LATENT_DIM), "normal", seed).numpy()
    generated, _, latents, back = parts(model)
    codes = model.inverse(POINTS).numpy() + 0.5 * noise
    drawn = model.discriminator([tf.constant(POINTS), tf.constant(codes)]).numpy().ravel()
    expected = np.logaddexp(0, -generated).mean() + np.logaddexp(0, np.float64(drawn)).mean()
    turn = turn_of(model, [seed])
    assert float(model.discriminator_loss(turn)) == pytest.approx(expected, rel=1e-5)
    assert abs(expected - float(plain.discriminator_loss(turn_of(plain)))) > 1e-3
    assert float(model.inverse_loss(turn)) == pytest.approx(error(latents, back), rel=1e-5)
    np.testing.assert_array_equal(model.invert(POINTS), plain.invert(POINTS))
    assert model.get_config()["inverse_std"] == 0.5


@pytest.mark.parametrize("std", [-0.1, float("nan"), float("inf")])
def test_a_bad_inverse_std(std):
    with pytest.raises(InputError, match=r"inverse_std`? must be (at least 0|a finite number)"):
        make(inverse_std=std)


def test_no_reconstruction_error_of_an_inverse():
    latents = np.random.default_rng(0).normal(size=(5, 3))
    assert float(veegan.reconstruction(latents, latents)) == 0
    # By hand: distances of 5 and of 1.
    found = np.array([[3.0, 4.0], [0.0, 1.0]])
    assert float(veegan.reconstruction(np.zeros((2, 2)), found)) == pytest.approx((25 + 1) / 2)
    assert float(veegan.log_ratio(np.array([[1.0], [4.0]]))) == 2.5


def test_at_the_best_discriminator_the_log_ratio_is_the_divergence():
    """Pairs of N(0, 1) against those of N(1, 1), of which D = (1 - 2x)/2 is the log-ratio."""
    samples = np.random.default_rng(0).normal(size=(200_000, 1))
    assert float(veegan.log_ratio(0.5 - samples)) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("fresh_noise", [False, True])
def test_a_saved_model_trains_on_bit_by_bit(tmp_path, fresh_noise):
    model = make(fresh_noise=fresh_noise, ema_decay=0.9)
    model.compile()
    model.train_step(tf.constant(POINTS))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.fresh_noise == fresh_noise
    assert loaded.latent_distribution == "normal"
    for one in (model, loaded):
        one.train_step(tf.constant(POINTS))
    np.testing.assert_array_equal(model.sample(5, seed=0), loaded.sample(5, seed=0))
    np.testing.assert_array_equal(model.invert(POINTS), loaded.invert(POINTS))
