"""BEGAN: its balance by hand, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.losses import began

RNG = np.random.default_rng(0)
POINTS = RNG.normal(1, 2, (64, 2)).astype("float32")


def make(**kwargs):
    """An autoencoder that halves what it is given."""
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    half = keras.Sequential([keras.Input((2,)), layers.Dense(2, use_bias=False)])
    half.set_weights([0.5 * np.eye(2)])
    return kgan.BEGAN(generator, half, **kwargs)


@pytest.mark.parametrize("power", [1, 2])
def test_errors(power):
    samples, found = RNG.normal(size=(2, 5, 4, 3))
    expected = (np.abs(samples - found) ** power).mean(axis=(1, 2))
    given = (tf.constant(x, tf.float32) for x in (samples, found))
    np.testing.assert_allclose(began.reconstruction_error(*given, power), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("balance", "real", "fake", "expected"),
    [
        (0.2, 2.0, 0.5, 0.3),  # 0.2 + 0.1 (0.75 * 2 - 0.5)
        (0.2, 1.0, 1.0, 0.175),
        (0.0, 1.0, 5.0, 0.0),
        (0.95, 9.0, 0.5, 1.0),
    ],
)
def test_balance_by_hand(balance, real, fake, expected):
    for given in ((balance, real, fake), [tf.constant(x) for x in (balance, real, fake)]):
        assert float(began.next_balance(*given, 0.75, 0.1)) == pytest.approx(expected)
    loss = began.discriminator_loss(real, fake, balance)
    assert float(loss) == pytest.approx(real - balance * fake)


def test_convergence_by_hand():
    found = [float(began.convergence(tf.constant(2.0), x, 0.75)) for x in (0.5, 1.5, 4.0)]
    assert found == pytest.approx([3.0, 2.0, 4.5])


@pytest.mark.parametrize("power", [1, 2])
def test_steps_by_hand(power):
    """Losses, k and the measure of convergence over three steps in which no weight moves."""
    model = make(balance_rate=0.1, power=power, diversity_ratio=0.6)
    model.compile(keras.optimizers.SGD(0.0))
    balance = 0.0
    for step in range(3):
        latents = model.draw_latents(64, model.stream_seed((1 << 40) + 64 * step))
        fake = (np.abs(0.5 * model.generator(latents).numpy().astype("float64")) ** power).mean()
        real = (np.abs(0.5 * POINTS.astype("float64")) ** power).mean()
        logs = dict(zip(model.log_names, model.train_step(POINTS).numpy(), strict=True))
        assert logs == pytest.approx(
            {
                "discriminator_loss": real - balance * fake,
                "generator_loss": fake,
                "real_error": real,
                "fake_error": fake,
                "balance": balance,
                "convergence": real + abs(0.6 * real - fake),
            },
            rel=1e-4,
        )
        balance = min(max(balance + 0.1 * (0.6 * real - fake), 0), 1)
        assert float(model.balance) == pytest.approx(balance, rel=1e-4, abs=1e-6)
    assert balance != 0 or power == 2


def test_the_balance_is_kept_and_no_players(tmp_path):
    model = make(balance_rate=0.1)
    model.compile()
    model.fit(POINTS, batch_size=16, verbose=0)
    assert float(model.balance) > 0
    assert all(model.balance is not v for v in model.trainable_variables)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert float(loaded.balance) == float(model.balance)
    before = float(model.balance)
    model.evaluate(POINTS, verbose=0)
    assert float(model.balance) == before


def test_discriminate():
    found = make().discriminate(POINTS)
    np.testing.assert_allclose(found["error"], np.abs(POINTS / 2).mean(axis=1), rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"diversity_ratio": 1.5}, r"diversity_ratio must lie in \[0, 1\]. Received: 1.5"),
        ({"balance_rate": 0.0}, "balance_rate must be over 0. Received: 0.0"),
        ({"power": 3}, r"power must be one of \(1, 2\). Received: 3"),
        ({"discriminator_steps": 0}, "at least 1. Received: 0"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        make(**arguments)


def test_the_discriminator_must_be_an_autoencoder():
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with pytest.raises(kgan.InputError, match=r"autoencoder of .*\(2,\). Received: one to \(1,\)"):
        kgan.BEGAN(make().generator, critic)
