"""Games that are watched as they train."""

import keras
import numpy as np
import pytest

import kgan
from kgan.errors import InputError, NonFiniteLossError
from kgan.playground import live
from kgan.runs import loop


def look(step, near, ended=""):
    near = np.array(near)
    return live.Look(step, np.zeros((500, 2)), near, near > 0, ended)


def test_a_game_is_the_training_of_its_preset():
    match = live.Match(["gan", "mdgan"], "ring", seed=3)
    assert [look.step for look in match.looks] == [0, 0]
    for _ in range(2):
        match.advance(30)
    keras.utils.set_random_seed(3)
    gan = kgan.GAN.from_preset("gan_ring", seed=3)
    gan.compile(steps_per_execution=60)
    loop.train(gan, match.dataset, steps=60, batch_size=256, interval=60)
    np.testing.assert_allclose(match.looks[0].points, gan.sample(500, seed=1), atol=1e-4)
    assert [look.step for look in match.looks] == [60, 60]
    assert match.looks[1].near.shape == match.looks[1].modes.shape == (8,)
    assert not match.over


def test_modes_found_and_lost_are_told():
    before, now = look(25, [5, 0, 3, 0]), look(50, [0, 4, 3, 9])
    assert live.changes("GAN", before, now) == [
        "Step 50: GAN found modes 1, 3.",
        "Step 50: GAN lost mode 0.",
    ]
    assert live.changes("GAN", now, now) == []
    # What a generator draws before it is trained it has not found.
    assert live.changes("GAN", look(0, [5, 0, 3, 0]), look(25, [0, 0, 3, 0])) == [
        "Step 25: GAN found mode 2."
    ]
    assert (now.covered, now.quality) == (3, 0.016)


def test_a_game_that_diverges_ends_alone(monkeypatch):
    match = live.Match(["gan"], "ring")
    function = match.games[0].model.make_train_function()

    def fail(*_):
        raise NonFiniteLossError("generator_loss became NaN at step 1.")

    monkeypatch.setattr(function, "run", fail)
    assert match.advance(10) == ["GAN: generator_loss became NaN at step 1."]
    assert match.over and match.advance(10) == []


def test_the_methods_are_those_that_need_nothing_before():
    found = live.methods("ring")
    assert found["mdgan"] == "MD-GAN" and "mimgan" not in found and "sngan_resnet" not in found


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (([], "ring"), "Choose one to 4"),
        ((["gan", "gan"], "ring"), "different methods"),
        ((["gan", "mimgan"], "ring"), "method must be one of"),
        ((["gan"], "mnist"), "dataset must be one of"),
        ((["gan"], "ring", -1), "seed must be"),
    ],
)
def test_what_cannot_be_played(asked, told):
    with pytest.raises(InputError, match=told):
        live.Match(*asked)
