"""MAD-GAN's losses, noise, saving and errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, softmax

import kgan
from kgan import GeneratorBank, InputError, networks

GENERATORS = 3
POINTS = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")


def make(mixture_weights=None, outputs=1 + GENERATORS, **kwargs):
    keras.utils.set_random_seed(0)
    bank = GeneratorBank(
        networks.mlp(4, [8, 8], 2, activation="leaky_relu"),
        GENERATORS,
        mixture_weights=mixture_weights,
    )
    discriminator = networks.mlp(2, [8], outputs, activation="leaky_relu")
    return kgan.MADGAN(bank, discriminator, **kwargs)


def logs_of(model, points=POINTS):
    return dict(zip(model.log_names, model.train_step(tf.constant(points)).numpy(), strict=True))


@pytest.mark.parametrize("weights", [None, [0.5, 0.3, 0.2]])
@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_losses_are_the_papers(weights, loss):
    model = make(weights, loss=loss, fresh_noise=False)
    model.compile(keras.optimizers.SGD(0.0))
    logs = logs_of(model)
    model.step.assign(0)
    latents = model.draw_latents(12, model.stream_seed(next(model._training_draws())))
    fake = model.generator(latents).numpy()
    real, fake = (log_softmax(np.float64(model.discriminator(x)), axis=1) for x in (POINTS, fake))
    # Each generator counts as much as the data, where the weights are equal.
    factors = GENERATORS * np.array(weights or [1 / 3] * 3)
    own = [fake[k::GENERATORS] for k in range(GENERATORS)]
    cross_entropy = -real[:, 0].mean()
    cross_entropy -= sum(f * own[k][:, 1 + k].mean() for k, f in enumerate(factors))
    if loss == "minimax":
        terms = [np.log(1 - np.exp(x[:, 0])).mean() for x in own]
    else:
        terms = [-x[:, 0].mean() for x in own]
    right = [(x[:, 1:].argmax(1) == k).mean() for k, x in enumerate(own)]
    expected = {
        "discriminator_loss": cross_entropy,
        "generator_loss": np.dot(factors, terms),
        "classifier_accuracy": np.dot(factors, right) / GENERATORS,
    }
    assert set(logs) == set(expected)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, abs=1e-5), name


@pytest.mark.parametrize("mover", ["discriminator", "generator"])
def test_a_move_changes_all_weights_of_the_mover_and_no_others(mover):
    model = make()
    rates = {name: 0.1 if name == mover else 0.0 for name in model.players}
    model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    before = {name: [v.numpy() for v in p.variables] for name, p in model.players.items()}
    logs_of(model)
    for name, player in model.players.items():
        for variable, old in zip(player.variables, before[name], strict=True):
            assert np.any(variable.numpy() != old) == (name == mover), variable.path


@pytest.mark.parametrize("fresh_noise", [True, False])
def test_the_generators_move_draws_new_latents_or_the_same(fresh_noise):
    model, seen = make(fresh_noise=fresh_noise), []
    for player in model.players:
        loss = getattr(model, f"{player}_loss")

        def spy(turn, loss=loss):
            seen.append(turn.latents.numpy())
            return loss(turn)

        setattr(model, f"{player}_loss", spy)
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    model.train_step(tf.constant(POINTS))
    assert len(seen) == 2
    assert np.array_equal(*seen) != fresh_noise


def test_discriminate():
    model = make()
    outputs = np.float64(model.discriminator(POINTS))
    found = model.discriminate(POINTS)
    np.testing.assert_allclose(found["probability"], softmax(outputs, axis=1)[:, 0], rtol=1e-5)
    np.testing.assert_allclose(
        found["generator_probabilities"], softmax(outputs[:, 1:], axis=1), rtol=1e-5
    )
    real = np.array(found["probability"], np.float64)
    np.testing.assert_allclose(found["logits"], np.log(real / (1 - real)), rtol=1e-4, atol=1e-6)


def test_a_saved_model_trains_on_bit_by_bit(tmp_path):
    options = {"loss": "minimax", "fresh_noise": False, "samples_per_generator": 5}
    model = make([0.5, 0.3, 0.2], ema_decay=0.9, same_noise=True, **options)
    model.compile()
    logs_of(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert {key: loaded.get_config()[key] for key in options} == options
    np.testing.assert_array_equal(loaded.sample(9, seed=2), model.sample(9, seed=2))
    assert logs_of(loaded) == logs_of(model)
    for one, other in zip(loaded.variables, model.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"loss": "hinge"},
            r"one of \('non_saturating', 'minimax'\)\. Received: 'hinge'",
        ),
        ({"outputs": 3}, r"1 \+ 3 outputs.* Received: a discriminator of width 3"),
        ({"samples_per_generator": 0}, "samples_per_generator must be at least 1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        make(**arguments)
