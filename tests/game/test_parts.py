"""Parts that go together as arguments: each pair of them trains, and is saved."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.losses.games import GAMES

IMAGES = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)).astype("float32")
PARTS = {
    "loss": list(GAMES),
    "penalties": [
        [],
        ["gradient:0.1"],
        ["one_sided:0.1"],
        ["dragan:0.1"],
        ["r1:0.1", "r2:0.1"],
        ["zero_centred_between:0.1"],
    ],
    "pack": [1, 2, 3],
    "terms": [
        [],
        ["mode_seeking:0.1"],
        ["manifold_entropy"],
        ["feature_matching:0.1", "historical_averaging:0.1"],
    ],
    "augment": [[], ["flip"], ["translation", "cutout"], ["color"]],
}


def impossible(first, second):
    """Codes are of single samples."""
    return {first, second} == {("terms", 2), ("pack", 1)} or {first, second} == {
        ("terms", 2),
        ("pack", 2),
    }


def pairs():
    """All pairs of two parts' options, as (part, number of the option)."""
    places = [[(name, i) for i in range(len(options))] for name, options in PARTS.items()]
    for one, other in itertools.combinations(places, 2):
        for pair in itertools.product(one, other):
            if not impossible(*pair):
                yield frozenset(pair)


def covering():
    """Few games in which each pair occurs: always the one that has most of what is missing."""
    places = [[(name, i) for i in range(len(options))] for name, options in PARTS.items()]
    games = [
        game
        for game in itertools.product(*places)
        if not any(impossible(*pair) for pair in itertools.combinations(game, 2))
    ]
    missing, found = set(pairs()), []
    own = {game: {frozenset(pair) for pair in itertools.combinations(game, 2)} for game in games}
    while missing:
        best = max(games, key=lambda game: len(own[game] & missing))
        missing -= own[best]
        found.append(dict(best))
    return found


GAMES_OF_PARTS = covering()


def test_few_games_have_every_pair():
    assert len(GAMES_OF_PARTS) <= len(PARTS["loss"]) * len(PARTS["penalties"]) + 6


def model_of(game):
    given = {name: PARTS[name][number] for name, number in game.items()}
    if given["terms"] == ["manifold_entropy"]:
        given["terms"] = [kgan.ManifoldEntropy(buffer_size=8, neighbours="gaussian", noise=0.1)]
    keras.utils.set_random_seed(0)
    generator = [keras.Input((3,)), layers.Dense(64, "sigmoid"), layers.Reshape((8, 8, 1))]
    seen = keras.Input((8, 8, given["pack"]))
    critic = [seen, layers.Flatten(), layers.Dense(4, "tanh"), layers.Dense(2)]
    model = kgan.GAN(keras.Sequential(generator), keras.Sequential(critic), **given)
    model.compile(keras.optimizers.SGD(0.1))
    return model


@pytest.mark.parametrize("number", range(0, len(GAMES_OF_PARTS), 8))
def test_each_pair_of_parts_trains(number):
    for game in GAMES_OF_PARTS[number : number + 8]:
        model = model_of(game)
        before = [v.numpy() for v in model.trainable_variables]
        for _ in range(2):
            logs = model.train_step(tf.constant(IMAGES))
        assert np.isfinite(logs).all(), game
        for variable, old in zip(model.trainable_variables, before, strict=True):
            # A critic's last bias changes no difference of its values.
            assert len(variable.shape) < 2 or (variable.numpy() != old).any(), (game, variable.path)


def test_all_of_them_are_saved_and_train_on(tmp_path):
    last = {"loss": "relativistic_pairing", "penalties": 4, "pack": 1, "terms": 1, "augment": 2}
    model = model_of({**last, "loss": list(GAMES).index(last["loss"])})
    model.train_step(tf.constant(IMAGES))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for name in ("penalties", "terms", "augment", "pack"):
        assert loaded.get_config()[name] == model.get_config()[name]
    for one in (model, loaded):
        one.train_step(tf.constant(IMAGES))
    for one, other in zip(model.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(one, other)
