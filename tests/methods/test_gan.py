"""The original GAN: the optimum of its game on a toy, its options."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.spatial.distance import jensenshannon

import kgan
from kgan.backend import engine
from kgan.data import Dataset
from kgan.networks import mlp

# Ten real and ten generated examples of five kinds.
REAL, FAKE = np.array([4, 2, 2, 1, 1]), np.array([1, 1, 2, 2, 4])
POINTS = np.random.default_rng(0).normal(size=(48, 2)).astype("float32")
DATASET = Dataset(name="normal", split="train", examples=POINTS)


def one_hot(counts):
    return tf.constant(np.eye(5, dtype="float32")[np.repeat(np.arange(5), counts)])


def toy(**kwargs):
    """A GAN on one-hot vectors whose discriminator is a free logit for every kind."""
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(5)])
    table = layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    return kgan.GAN(generator, keras.Sequential([keras.Input((5,)), table]), **kwargs)


def turn():
    given = engine.Turn(one_hot(REAL), None, lambda: None, training=False)
    given._leaves = one_hot(FAKE)  # No generator's.
    return given


def test_the_optimal_discriminators_loss_is_2_log_2_less_2_jsd():
    model = toy()
    (kernel,) = model.discriminator.trainable_variables
    kernel.assign(np.log(REAL / FAKE)[:, None])
    with tf.GradientTape() as tape:
        loss = model.discriminator_loss(turn())
    divergence = jensenshannon(REAL / 10, FAKE / 10) ** 2
    assert float(loss) == pytest.approx(2 * np.log(2) - 2 * divergence, rel=1e-6)
    np.testing.assert_allclose(tape.gradient(loss, kernel.value), 0, atol=1e-7)
    # Theorem 1: the generator's loss in the minimax form is then the game's value, less the
    # real half that it cannot change.
    fake_half = (FAKE / 10 * np.log(FAKE / (REAL + FAKE))).sum()
    minimax = toy(loss="minimax")
    minimax.discriminator.set_weights([kernel.numpy()])
    assert float(minimax.generator_loss(turn())) == pytest.approx(fake_half, rel=1e-6)
    real_odds = (FAKE / 10 * np.log(REAL / (REAL + FAKE))).sum()
    assert float(model.generator_loss(turn())) == pytest.approx(-real_odds, rel=1e-6)


def test_training_the_discriminator_alone_finds_that_optimum():
    model = toy()
    (kernel,) = model.discriminator.trainable_variables
    optimizer = keras.optimizers.Adam(0.05)
    optimizer.build([kernel])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = model.discriminator_loss(turn())
        optimizer.apply(tape.gradient(loss, [kernel.value]), [kernel])

    for _ in range(300):
        step()
    probability = model.discriminate(tf.eye(5))["probability"]
    np.testing.assert_allclose(probability, REAL / (REAL + FAKE), atol=2e-3)


def networks():
    keras.utils.set_random_seed(2)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(4, "relu"), layers.Dense(2)])
    return generator, keras.Sequential(
        [keras.Input((2,)), layers.Dense(4, "relu"), layers.Dense(1)]
    )


def test_discriminate_gives_logits_and_their_sigmoid():
    model = kgan.GAN(*networks())
    found = model.discriminate(POINTS)
    logits = model.discriminator(POINTS).numpy().ravel()
    assert found["logits"].shape == (48,)
    np.testing.assert_allclose(found["logits"], logits, rtol=1e-6)
    np.testing.assert_allclose(found["probability"], 1 / (1 + np.exp(-logits)), rtol=1e-5)


def recorded(model, steps=1, batch=48):
    """`(player, real, latents)` of every move of some eager steps."""
    moves = []
    for name in model.players:
        loss = getattr(model, f"{name}_loss")

        def recording(turn, name=name, loss=loss):
            moves.append((name, turn.real.numpy(), turn.latents.numpy()))
            return loss(turn)

        setattr(model, f"{name}_loss", recording)
    model.compile(keras.optimizers.SGD(0.0))
    for _ in range(steps):
        model.train_step(tf.constant(POINTS[:batch]))
    return moves


def test_players_share_their_latents_unless_told_otherwise():
    for fresh in (False, True):
        first, second = recorded(kgan.GAN(*networks(), fresh_noise=fresh))
        assert [first[0], second[0]] == ["discriminator", "generator"]
        assert (first[2] == second[2]).all() == (not fresh)
        if fresh:
            assert (first[2] != second[2]).all()


def test_every_step_has_latents_of_its_own():
    moves = recorded(kgan.GAN(*networks(), fresh_noise=True), steps=4)
    latents = np.stack([latents for _, _, latents in moves])
    assert len(np.unique(latents)) == latents.size
    assert (np.abs(latents) <= 1).all()


def test_discriminator_steps_divide_the_batch():
    moves = recorded(kgan.GAN(*networks(), discriminator_steps=3))
    assert [name for name, _, _ in moves] == [*["discriminator"] * 3, "generator"]
    parts = [real for _, real, _ in moves[:3]]
    assert all(part.shape == (16, 2) for part in parts)
    merged = np.concatenate(parts)
    np.testing.assert_array_equal(np.sort(merged, axis=0), np.sort(POINTS, axis=0))
    latents = np.stack([latents for _, _, latents in moves[:3]])
    assert len(np.unique(latents)) == latents.size


def test_a_data_sets_batch_is_for_one_move():
    model = kgan.GAN(*networks(), discriminator_steps=2)
    model.compile()
    model.fit(DATASET, batch_size=8, verbose=0)
    assert model.steps_taken == 3  # 48 examples, twice 8 a step.


def test_bad_discriminator_steps():
    with pytest.raises(kgan.InputError, match=r"at least 1\. Received: 0"):
        kgan.GAN(*networks(), discriminator_steps=0)
    model = kgan.GAN(*networks(), discriminator_steps=5)
    model.compile()
    # Raised while the graph is made, and still the same error.
    with pytest.raises(kgan.InputError, match=r"^A batch must be .* moves, 5\. Received: 48 ex"):
        model.fit(tf.data.Dataset.from_tensors(POINTS), verbose=0)
    model = kgan.GAN(*networks(), discriminator_steps=40)
    model.compile()
    with pytest.raises(kgan.InputError, match=r"Received: 40 moves"):
        model.train_step(tf.constant(POINTS[:40]))


@pytest.mark.parametrize(
    "make",
    [
        kgan.GAN,
        kgan.MDGAN,
        kgan.MaEMGAN,
        kgan.RealnessGAN,
        lambda generator, discriminator: kgan.MGAN(kgan.GeneratorBank(generator, 2), discriminator),
    ],
    ids=["gan", "mdgan", "maemgan", "realnessgan", "mgan"],
)
def test_a_discriminator_of_other_samples_is_refused_as_the_model_is_made(make):
    message = (
        r"^critic must take inputs of the shape \(None, 2\)\. Received: a network that fails with "
        r"them: .* expected shape=\(None, 7\)"
    )
    with pytest.raises(kgan.InputError, match=message):
        make(mlp(3, (4,), 2), mlp(7, (4,), 3, name="critic"))
