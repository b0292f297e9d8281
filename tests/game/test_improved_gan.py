"""Improved GAN's parts against NumPy: feature matching, historical averaging, smoothed labels."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import precision

import kgan
from kgan.losses.games import GAMES
from kgan.networks import mlp

RNG = np.random.default_rng(0)
POINTS = RNG.normal(1, 2, size=(8, 2))


def make(terms=(), **kwargs):
    """A linear generator, and a discriminator of a hidden layer of tanh."""
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="out")])
    hidden = layers.Dense(4, "tanh", name="hidden")
    critic = keras.Sequential([keras.Input((2,)), hidden, layers.Dense(1, name="last")])
    return kgan.GAN(generator, critic, terms=terms, **kwargs)


def stepped(model, steps=1, rate=0.0):
    """Logs of each step, by name; rates by player."""
    rates = rate if isinstance(rate, dict) else dict.fromkeys(model.players, rate)
    model.compile({name: keras.optimizers.SGD(value) for name, value in rates.items()})
    found = [model.train_step(tf.constant(POINTS)).numpy() for _ in range(steps)]
    return [dict(zip(model.log_names, logs, strict=True)) for logs in found]


def latents(model, step=0):
    """Of the generator's move, which has the discriminator's."""
    return model.draw_latents(len(POINTS), model.stream_seed((1 << 40) + 64 * step)).numpy()


def gap(generator, hidden, z):
    """`|E f(x) - E f(G(z))|^2` of tanh features."""
    (kernel, bias), (weights, offset) = generator, hidden
    real, fake = (np.tanh(x @ weights + offset).mean(axis=0) for x in (POINTS, z @ kernel + bias))
    return ((real - fake) ** 2).sum()


def test_feature_matching_and_its_gradient_in_the_generator():
    """What the last layer sees is matched; alone, it is all that the generator lowers."""
    with precision("float64"):
        model = make([kgan.FeatureMatching(3.0, alone=True)])
        weights = [w.astype("float64") for w in model.generator.get_weights()]
        hidden = model.discriminator.layers[0].get_weights()
        z = latents(model)
        (logs,) = stepped(model, rate={"generator": 1.0, "discriminator": 0.0})
        moved = [old - new for old, new in zip(weights, model.generator.get_weights(), strict=True)]
    assert logs["feature_gap"] == pytest.approx(gap(weights, hidden, z), rel=1e-9)
    assert logs["generator_loss"] == pytest.approx(3 * logs["feature_gap"], rel=1e-9)
    for number, gradient in enumerate(moved):
        for place in np.ndindex(*gradient.shape):
            ends = []
            for sign in (1, -1):
                changed = [w.copy() for w in weights]
                changed[number][place] += sign * 1e-6
                ends.append(3 * gap(changed, hidden, z))
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


def test_feature_matching_beside_the_game_and_at_another_layer():
    (plain,) = stepped(make())
    (logs,) = stepped(make(["feature_matching:2"]))
    expected = plain["generator_loss"] + 2 * logs["feature_gap"]
    assert logs["generator_loss"] == pytest.approx(expected, rel=1e-5)
    assert logs["discriminator_loss"] == pytest.approx(plain["discriminator_loss"], rel=1e-6)
    model = make([kgan.FeatureMatching(layer="last")])
    values = [
        model.discriminator(x).numpy().mean() for x in (POINTS, model.generator(latents(model)))
    ]
    (logs,) = stepped(model)
    assert logs["feature_gap"] == pytest.approx((values[0] - values[1]) ** 2, rel=1e-4)


def test_features_of_a_mixture_count_by_weight():
    keras.utils.set_random_seed(0)
    weights = [0.2, 0.8]
    bank = kgan.GeneratorBank(mlp(3, (4,), 2), 2, mixture_weights=weights)
    model = kgan.MGAN(bank, mlp(2, (4,), 3), terms=["feature_matching"], fresh_noise=False)
    model.compile(keras.optimizers.SGD(0.0))
    logs = model.train_step(tf.constant(POINTS, tf.float32)).numpy()
    first = keras.Model(model.discriminator.inputs, model.discriminator.layers[-1].input)
    seed = model.stream_seed(1 << 40)
    made = first(bank(model.draw_latents(8, seed))).numpy()
    fake = weights[0] * made[0::2].mean(axis=0) + weights[1] * made[1::2].mean(axis=0)
    expected = ((first(POINTS).numpy().mean(axis=0) - fake) ** 2).sum()
    assert logs[model.log_names.index("feature_gap")] == pytest.approx(expected, rel=1e-4)


def test_historical_averaging_in_numpy():
    """Three steps of a generator by the term alone, beside the weights and means in NumPy."""
    with precision("float64"):
        term = kgan.HistoricalAveraging(0.25, players=["generator"])
        model = make([kgan.FeatureMatching(1e-12, alone=True), term])
        rates = {"generator": 0.5, "discriminator": 0.0}
        theta = np.concatenate([w.ravel() for w in model.generator.get_weights()])
        past, pushes = [], RNG.normal(size=(4, len(theta)))
        model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
        for push in pushes:
            mean = np.mean(past, axis=0) if past else theta
            logs = model.train_step(tf.constant(POINTS)).numpy()
            distance = ((theta - mean) ** 2).sum()
            assert logs[model.log_names.index("generator_history")] == pytest.approx(
                distance, rel=1e-9, abs=1e-12
            )
            assert logs[model.log_names.index("generator_loss")] == pytest.approx(
                0.25 * distance, rel=1e-6, abs=1e-9
            )
            past.append(theta)
            theta = theta - 0.5 * 2 * 0.25 * (theta - mean)
            found = np.concatenate([w.ravel() for w in model.generator.get_weights()])
            np.testing.assert_allclose(found, theta, rtol=1e-9, atol=1e-9)
            theta = theta + push  # As a game would move it.
            kernel, bias = np.split(theta, [6])
            model.generator.set_weights([kernel.reshape(3, 2), bias])
        assert int(term.moves["generator"]) == 4
        model.test_step(tf.constant(POINTS))
        assert int(term.moves["generator"]) == 4


def test_historical_averaging_is_saved(tmp_path):
    model = make(["historical_averaging:0.1"])
    stepped(model, steps=2, rate=0.1)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.terms[0].weight, loaded.terms[0].held) == (0.1, ("discriminator", "generator"))
    for one in (model, loaded):
        one.train_step(tf.constant(POINTS))
    for one, other in zip(model.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    assert float(loaded.terms[0].moves["discriminator"]) == 3


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_smoothed_labels_are_one_sided(loss):
    with precision("float64"):
        model = make(loss=loss, one_sided_smoothing=0.25)
        real, fake = (
            np.squeeze(model.discriminator(x), 1) for x in (POINTS, model.generator(latents(model)))
        )
        (logs,), (plain,) = stepped(model), stepped(make(loss=loss))
    real, fake = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))
    expected = (
        -0.75 * np.log(real).mean() - 0.25 * np.log(1 - real).mean() - np.log(1 - fake).mean()
    )
    assert logs["discriminator_loss"] == pytest.approx(expected, rel=1e-9)
    assert logs["generator_loss"] == plain["generator_loss"]


def test_what_they_refuse():
    networks = mlp(3, (4,), 2), mlp(2, (4,), 1)
    for arguments, message in (
        (
            {"one_sided_smoothing": 0.5},
            r"smoothing must lie in \[0, 0.5\). Received: 0.5",
        ),
        (
            {"one_sided_smoothing": 0.1, "loss": "hinge"},
            "for games of cross-entropy, non_saturating, minimax. Received: .*'hinge'",
        ),
        ({"terms": [kgan.FeatureMatching(layer="no")]}, "one of the .* layers, .* layer='no'"),
        (
            {"terms": [kgan.HistoricalAveraging(players=["both"])]},
            "must be of disc.*ator. Rec.*both",
        ),
    ):
        with pytest.raises(kgan.InputError, match=message):
            kgan.GAN(*networks, **arguments)
    with pytest.raises(kgan.InputError, match="takes terms of the generator alone: the steps"):
        kgan.UnrolledGAN(*networks, terms=["historical_averaging"])
    inputs = keras.Input((2,)), keras.Input((3,))
    joint = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()(inputs)))
    with pytest.raises(kgan.InputError, match=r"needs a functional .* of samples alone"):
        kgan.BiGAN(networks[0], mlp(2, (4,), 3), joint, terms=["feature_matching"])
    with pytest.raises(kgan.InputError, match="players must name those that are held"):
        kgan.HistoricalAveraging(players=[])
    assert [name for name, game in GAMES.items() if game.smooths] == ["non_saturating", "minimax"]
