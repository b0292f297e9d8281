"""Losses of least squares, hinge and relativistic games: the papers' in NumPy, and TF-GAN's."""

import numpy as np
import pytest
import tensorflow as tf

from kgan import InputError
from kgan.losses import hinge, least_squares, relativistic, wasserstein
from kgan.losses.games import GAMES
from kgan.losses.mixture import mixture_mean
from kgan.metrics.tfgan import tfgan

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(1, 3, (64, 1)), RNG.normal(-1, 3, (48, 1))


def tensors(*arrays):
    return [tf.constant(x, tf.float32) for x in arrays]


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def least_squares_oracle(real, fake):
    discriminator = np.mean((real - 1) ** 2) / 2 + np.mean(fake**2) / 2
    return discriminator, np.mean((fake - 1) ** 2) / 2


def hinge_oracle(real, fake):
    return np.mean(np.maximum(0, 1 - real)) + np.mean(np.maximum(0, 1 + fake)), -np.mean(fake)


def relativistic_oracle(real, fake):
    above, below = real - fake.mean(), fake - real.mean()
    discriminator = -np.mean(log_sigmoid(above)) - np.mean(log_sigmoid(-below))
    return discriminator, -np.mean(log_sigmoid(-above)) - np.mean(log_sigmoid(below))


ORACLES = {
    "least_squares": least_squares_oracle,
    "hinge": hinge_oracle,
    "relativistic_average": relativistic_oracle,
}


def played(name, real, fake):
    """Both losses of a game, as `kgan.GAN` calls them."""
    game = GAMES[name]
    sides = (real, fake) if game.compares else (fake,)
    return float(game.discriminator_loss(real, fake)), float(game.generator_loss(*sides))


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("shape", [(-1, 1), (-1,)])
def test_losses_are_the_papers(name, shape):
    real, fake = REAL.reshape(shape), FAKE.reshape(shape)
    assert played(name, *tensors(real, fake)) == pytest.approx(ORACLES[name](real, fake), rel=1e-6)


THEIRS = {
    "wasserstein": "wasserstein",
    "least_squares": "least_squares",
    "hinge": "wasserstein_hinge",
    "relativistic_average": "relativistic",
}


@pytest.mark.parametrize("name", THEIRS)
def test_losses_are_tfgans(name):
    losses = tfgan().losses.wargs
    sides = tensors(REAL[:48], FAKE)  # TF-GAN's need equal batches.
    discriminator, generator = (
        getattr(losses, f"{THEIRS[name]}_{player}_loss")
        for player in ("discriminator", "generator")
    )
    expected = discriminator(*sides), generator(*(sides if GAMES[name].compares else sides[1:]))
    assert played(name, *sides) == pytest.approx([float(x) for x in expected], rel=1e-5)


# Optima. Ten real and ten generated examples of five kinds; a value for each kind.

P, Q = np.array([4, 2, 2, 1, 1]) / 10, np.array([1, 1, 2, 2, 4]) / 10


def loss_at(module, values, p=P, q=Q):
    sides = [np.repeat(values, np.round(10 * x).astype(int)) for x in (p, q)]
    return float(module.discriminator_loss(*tensors(*sides)))


def is_lowest(module, values, p=P, q=Q):
    best = loss_at(module, values, p, q)
    for _ in range(30):
        other = values + RNG.normal(0, 0.3, 5)
        assert loss_at(module, other, p, q) > best - 1e-6
    return best


def test_the_best_least_squares_value_is_the_share_of_real_data():
    best = is_lowest(least_squares, P / (P + Q))
    assert best == pytest.approx(0.5 * np.sum(P * Q / (P + Q)), rel=1e-5)
    assert is_lowest(least_squares, np.full(5, 0.5), P, P) == pytest.approx(0.25, rel=1e-6)


def test_the_best_hinge_value_measures_total_variation():
    best = is_lowest(hinge, np.sign(P - Q) * 1.0)
    assert best == pytest.approx(2 - 2 * 0.5 * np.abs(P - Q).sum(), rel=1e-6)
    assert is_lowest(hinge, np.zeros(5), P, P) == pytest.approx(2, rel=1e-6)


def test_the_relativistic_loss_at_equal_distributions_is_2_log_2():
    assert is_lowest(relativistic, np.full(5, 3.0), P, P) == pytest.approx(2 * np.log(2), rel=1e-6)
    # A shift of all values changes nothing; a gap between real and generated ones does.
    values = RNG.normal(size=5)
    assert loss_at(relativistic, values) == pytest.approx(loss_at(relativistic, values + 7), 1e-5)
    assert loss_at(relativistic, np.log(P / Q)) < 2 * np.log(2)


@pytest.mark.parametrize("shape", [(-1, 1), (-1,)])
def test_the_pairing_game(shape):
    real, fake = REAL[:48], FAKE
    expected = np.mean(-log_sigmoid(real - fake)), np.mean(-log_sigmoid(fake - real))
    sides = tensors(real.reshape(shape), fake.reshape(shape))
    assert played("relativistic_pairing", *sides) == pytest.approx(expected, rel=1e-6)
    # Worked out by hand: one pair of values 2 apart, one of equal ones.
    assert played("relativistic_pairing", *tensors([2.0, 1.0], [0.0, 1.0])) == pytest.approx(
        [(np.log1p(np.exp(-2)) + np.log(2)) / 2, (np.log1p(np.exp(2)) + np.log(2)) / 2]
    )
    with pytest.raises(InputError, match=r"as many real as generated values\. Received: 64 and 48"):
        relativistic.paired_generator_loss(*tensors(REAL, FAKE))


@pytest.mark.parametrize("name", [n for n in GAMES if n != "minimax"])
def test_signs(name):
    """The discriminator gains where real values rise, the generator where generated ones do."""
    real, fake = tensors([0.2, 0.1], [-0.1, 0.3])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        game = GAMES[name]
        discriminator = game.discriminator_loss(real, fake)
        generator = game.generator_loss(*((real, fake) if game.compares else (fake,)))
    up, down = tape.gradient(discriminator, [real, fake])
    assert (up.numpy() < 0).all()
    assert down.numpy().sum() > 0
    assert (tape.gradient(generator, fake).numpy() < 0).all()


@pytest.mark.parametrize("module", [least_squares, hinge, relativistic, wasserstein])
def test_a_mixture_is_averaged_by_weight(module):
    weights = np.array([0.25, 0.25, 0.5])

    def mean(values):
        return mixture_mean(values, tf.constant(weights, tf.float32))

    # Generator 2 counts twice: as if its samples were there twice.
    rows = FAKE[:12].reshape(4, 3)
    twice = np.concatenate([rows, rows[:, 2:]], axis=1).reshape(-1)
    real, fake, expected = tensors(REAL, rows.reshape(-1), twice)
    function = getattr(module, "discriminator_loss", None) or module.critic_loss
    assert float(function(real, fake, mean)) == pytest.approx(
        float(function(real, expected)), rel=1e-5
    )


def test_what_games_say_of_values():
    values = tf.constant([-1.0, 0.25, 3.0])
    assert set(GAMES["hinge"].describe(values)) == {"value"}
    found = GAMES["least_squares"].describe(values)
    np.testing.assert_allclose(found["probability"], [0, 0.25, 1])
    found = GAMES["minimax"].describe(values)
    np.testing.assert_allclose(found["probability"], 1 / (1 + np.exp(-values.numpy())), rtol=1e-6)
    assert set(found) == {"logits", "probability"}
