"""`kgan.GAN` in its other games: penalties, clipping, vectors, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import Watching, precision

import kgan
from kgan.backend import engine
from kgan.losses.games import GAMES
from kgan.networks import mlp

RNG = np.random.default_rng(0)
POINTS = RNG.normal([3, -1], [2, 1], (4000, 2)).astype("float32")
SLOPE = np.array([1.8, 2.4])  # Of norm 3.


def linear(outputs=1, **kwargs):
    """A linear critic whose value has the gradient SLOPE, and a linear generator."""
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(outputs)])
    model = kgan.GAN(generator, critic, **kwargs)
    # Outputs differ; their mean's slope is SLOPE.
    kernel = SLOPE[:, None] + np.linspace(-1, 1, outputs) * (outputs > 1)
    critic.set_weights([kernel, np.zeros(outputs)])
    return model


def logged(model, step=None, **kwargs):
    """What one step without movement logs."""
    model.compile(keras.optimizers.SGD(0.0))
    logs = model.train_step(tf.constant(POINTS))
    return dict(zip(model.log_names, logs.numpy(), strict=True))


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        *(("gradient", 4.0), ("one_sided", 4.0), ("dragan", 4.0)),
        *(("r1", 9.0), ("r2", 9.0), ("zero_centred", 9.0), ("zero_centred_between", 9.0)),
    ],
)
@pytest.mark.parametrize("outputs", [1, 5])
def test_penalties_of_a_linear_critic(penalty, expected, outputs):
    plain = logged(linear(outputs, loss="wasserstein"))
    found = logged(linear(outputs, loss="wasserstein", penalty=penalty, penalty_weight=3.0))
    assert found["gradient_penalty"] == pytest.approx(expected, rel=1e-5)
    total = plain["discriminator_loss"] + 3 * expected
    assert found["discriminator_loss"] == pytest.approx(total, rel=1e-5)
    assert "gradient_penalty" not in plain


def test_the_default_weight_is_10():
    plain = logged(linear(loss="hinge"))
    found = logged(linear(loss="hinge", penalty="gradient"))
    difference = found["discriminator_loss"] - plain["discriminator_loss"]
    assert difference == pytest.approx(40, rel=1e-4)


@keras.saving.register_keras_serializable("kgan_tests")
class Square(Watching):
    """Its value is `|x|^2`, of slope `2 x`."""

    def call(self, x):
        return tf.reduce_sum(super().call(x) ** 2, axis=-1, keepdims=True)


def places(penalty, *, seed=0, steps=1):
    """Real samples, generated ones, where slopes were taken, and the penalty, step by step."""
    keras.utils.set_random_seed(1)
    square = Square()
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    head = layers.Dense(1, kernel_initializer="ones")
    model = kgan.GAN(generator, keras.Sequential([keras.Input((2,)), square, head]), loss="hinge",
                     penalty=penalty, seed=seed)  # fmt: skip
    model.compile(keras.optimizers.SGD(0.0))
    found = []
    for _ in range(steps):
        square.seen.clear()
        logs = model.train_step(tf.constant(POINTS))
        value = float(logs[model.log_names.index("gradient_penalty")])
        found.append((*square.seen[:3], value))
    return found


def test_wgan_gp_looks_between_real_and_generated_samples():
    ((real, fake, between, penalty),) = places("gradient")
    shares = (between - fake) / (real - fake)
    np.testing.assert_allclose(shares[:, 0], shares[:, 1], atol=1e-2)
    middle = np.median(shares, axis=1)
    assert -1e-3 < middle.min() < 0.01 < 0.99 < middle.max() < 1.001
    assert middle.mean() == pytest.approx(0.5, abs=0.02)
    norms = 2 * np.linalg.norm(between.astype("float64"), axis=1)
    assert penalty == pytest.approx(((norms - 1) ** 2).mean(), rel=1e-4)
    one_sided = places("one_sided")[0][3]
    assert one_sided == pytest.approx((np.maximum(norms - 1, 0) ** 2).mean(), rel=1e-4)


def test_dragan_looks_around_real_samples():
    ((real, _, around, penalty),) = places("dragan")
    shares = (around - real) / (0.5 * POINTS.std())
    assert -1e-4 < shares.min() < 0.01 < 0.9 < shares.max() < 1.0001
    # Each number has its own direction u, and each row its own length a: of two numbers of a row
    # cov(a u, a v) = var(a) / 4 = 1/48, and var(a u) = 1/9 - 1/16 = 7/144.
    assert np.corrcoef(shares.T)[0, 1] == pytest.approx(3 / 7, abs=0.06)
    assert shares.mean() == pytest.approx(1 / 4, abs=0.02)
    norms = 2 * np.linalg.norm(around.astype("float64"), axis=1)
    assert penalty == pytest.approx(((norms - 1) ** 2).mean(), rel=1e-4)


def test_wgan_0gp_looks_between_real_and_generated_samples():
    """Where WGAN-GP does, for a slope of 0."""
    ((*_, between, penalty),) = places("zero_centred_between")
    np.testing.assert_array_equal(between, places("gradient")[0][2])
    assert penalty == pytest.approx((4 * (between.astype("float64") ** 2).sum(1)).mean(), rel=1e-4)


@pytest.mark.parametrize("name", ["r1", "zero_centred"])
def test_r1_looks_at_real_samples(name):
    ((real, _, there, penalty),) = places(name)
    np.testing.assert_array_equal(there, real)
    assert penalty == pytest.approx((4 * (POINTS.astype("float64") ** 2).sum(1)).mean(), rel=1e-4)


def test_r2_looks_at_generated_samples():
    ((_, fake, there, penalty),) = places("r2")
    np.testing.assert_array_equal(there, fake)
    assert penalty == pytest.approx((4 * (fake.astype("float64") ** 2).sum(1)).mean(), rel=1e-4)


def pairing_oracle(weights, real, fake, r1, r2):
    """R3GAN's discriminator loss of `D(x) = a tanh(x W + b)`, its slopes worked out, in NumPy."""
    kernel, bias, last, _ = weights

    def values(x):
        return np.tanh(x @ kernel + bias) @ last[:, 0]

    def squares(x):
        slopes = ((1 - np.tanh(x @ kernel + bias) ** 2) * last[:, 0]) @ kernel.T
        return (slopes**2).sum(axis=1).mean()

    game = np.logaddexp(0, values(fake) - values(real)).mean()
    return game + r1 * squares(real) + r2 * squares(fake), squares(real), squares(fake)


def test_r3gans_loss_and_its_gradient_in_the_weights():
    real, fake = POINTS[:6].astype("float64"), RNG.normal(size=(6, 2))
    with precision("float64"):
        keras.utils.set_random_seed(1)
        critic = keras.Sequential(
            [keras.Input((2,)), layers.Dense(4, "tanh"), layers.Dense(1, name="last")]
        )
        model = kgan.GAN(
            mlp(3, (4,), 2),
            critic,
            loss="relativistic_pairing",
            penalties=[kgan.R1(0.3), kgan.R2(0.2)],
        )
        turn = engine.Turn(tf.constant(real), None, lambda: None)
        turn._leaves = tf.constant(fake)
        with tf.GradientTape() as tape:
            loss, told = model.discriminator_loss(turn)
        found = tape.gradient(loss, [v.value for v in critic.trainable_variables])
    weights = [w.astype("float64") for w in critic.get_weights()]
    total, at_real, at_fake = pairing_oracle(weights, real, fake, 0.3, 0.2)
    assert float(loss) == pytest.approx(total, rel=1e-9)
    assert {k: float(v) for k, v in told.items()} == pytest.approx(
        {"r1_penalty": at_real, "r2_penalty": at_fake}, rel=1e-9
    )
    for number, gradient in enumerate(found[:3]):
        for place in np.ndindex(*gradient.shape):
            ends = []
            for sign in (1, -1):
                moved = [w.copy() for w in weights]
                moved[number][place] += sign * 1e-5
                ends.append(pairing_oracle(moved, real, fake, 0.3, 0.2)[0])
            expected = (ends[0] - ends[1]) / 2e-5
            assert float(gradient[place]) == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_penalties_are_saved(tmp_path):
    given = [kgan.R1(0.25), "r2:0.5", kgan.Penalty("zero_centred", 2.0)]
    with pytest.raises(kgan.InputError, match=r"once\. Received: penalties=\['r1', 'r2', 'r1'\]"):
        linear(loss="relativistic_pairing", penalties=given)  # By its former name.
    model = linear(loss="relativistic_pairing", penalties=given[:2])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for one in (model, loaded):
        assert one.log_names[2:] == ("r1_penalty", "r2_penalty")
        assert {k: p.weight for k, p in one.penalties.items()} == {
            "r1_penalty": 0.25,
            "r2_penalty": 0.5,
        }
        assert logged(one)["r1_penalty"] == pytest.approx(9.0)


@pytest.mark.parametrize("penalty", ["gradient", "dragan"])
def test_penalties_noise_is_a_function_of_seed_and_step(penalty):
    first, again, other = (places(penalty, seed=seed, steps=2) for seed in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a[2], b[2])
    assert (first[0][2] != first[1][2]).mean() > 0.99
    assert (first[0][2] != other[0][2]).mean() > 0.99


# Clipping --------------------------------------------------------------------------------


class Watching(keras.optimizers.SGD):
    """Keeps the largest weight after every update."""

    def apply(self, gradients, variables):
        super().apply(gradients, variables)
        self.largest = [*getattr(self, "largest", []), max(np.abs(v).max() for v in variables)]


def test_weights_are_clipped_after_each_of_the_discriminators_moves():
    model = linear(loss="wasserstein", weight_clip=0.01, discriminator_steps=4)
    optimizers = {"discriminator": Watching(0.5), "generator": Watching(0.5)}
    model.compile(optimizers, run_eagerly=True)
    model.train_step(tf.constant(POINTS))
    found = optimizers["discriminator"].largest
    assert len(found) == 4
    assert found == pytest.approx([0.01] * 4)
    assert optimizers["generator"].largest[0] > 0.1  # It alone is clipped.


def test_clipping_survives_saving(tmp_path):
    model = linear(loss="wasserstein", weight_clip=0.01)
    model.compile(keras.optimizers.SGD(0.5))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    loaded.fit(POINTS, batch_size=1000, verbose=0)
    assert np.abs(loaded.discriminator.get_weights()[0]).max() == pytest.approx(0.01)


def test_the_next_game_of_a_clipped_critic_is_not_clipped():
    clipped = linear(loss="wasserstein", weight_clip=0.01)
    model = kgan.GAN(clipped.generator, clipped.discriminator, loss="wasserstein")
    model.compile(keras.optimizers.SGD(0.5))
    model.fit(POINTS, batch_size=1000, verbose=0)
    assert np.abs(model.discriminator.get_weights()[0]).max() > 0.1


# Vectors ---------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", GAMES)
def test_outputs_are_averaged(loss):
    one, five = (logged(linear(outputs, loss=loss)) for outputs in (1, 5))
    assert one == pytest.approx(five, rel=1e-4)


def test_averaging_comes_before_the_loss():
    model = linear(2, loss="hinge")
    model.discriminator.set_weights([np.array([[3.0, -1.0], [0.0, 0.0]]), np.zeros(2)])
    given = engine.Turn(tf.constant([[2.0, 0.0]]), None, lambda: None, training=False)
    given._leaves = tf.constant([[-0.5, 0.0]])
    # Outputs 6 and -2 are 2: no loss; -1.5 and 0.5 are -0.5: 1 - 0.5.
    assert float(model.discriminator_loss(given)) == pytest.approx(0.5)


def test_discriminate_gives_vectors_too():
    found = linear(5, loss="wasserstein").discriminate(POINTS[:7])
    assert found["embedding"].shape == (7, 5)
    np.testing.assert_allclose(found["value"], POINTS[:7] @ SLOPE, rtol=1e-4, atol=1e-4)
    found = linear(loss="least_squares").discriminate(POINTS[:7])
    assert set(found) == {"value", "probability"}
    np.testing.assert_allclose(found["probability"], np.clip(POINTS[:7] @ SLOPE, 0, 1), atol=1e-5)


def test_the_relativistic_generator_looks_at_real_samples():
    model = linear(loss="relativistic_average")
    found = logged(model)
    real = POINTS.astype("float64") @ SLOPE
    latents = model._samples(1 << 40, tf.constant(POINTS))().values.numpy()
    fake = latents.astype("float64") @ SLOPE
    expected = (
        np.logaddexp(0, real - fake.mean()).mean() + np.logaddexp(0, real.mean() - fake).mean()
    )
    assert found["generator_loss"] == pytest.approx(expected, rel=1e-4)


# Bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "wgan"}, r"loss must be one of .*'wasserstein'.* Received: 'wgan'"),
        ({"penalty": "gp"}, "penalty must be None or one of .* Received: 'gp'"),
        ({"penalty": "gradient", "penalty_weight": 0.0}, "penalty_weight must be over 0.*0.0"),
        ({"penalty": "gradient", "penalty_weight": -1.0}, "penalty_weight must be over 0.*-1.0"),
        ({"penalty_weight": 10.0}, "needs a penalty, .* penalty_weight=10.0 and no penalty"),
        (
            {"penalties": "r1"},
            r"of Penalty objects or of names, .*\['gradient:0.1'\].*'r1'",
        ),
        ({"penalties": ["r3:0.1"]}, r"penalties must be .*r1, r2, .* Received: 'r3:0.1'"),
        ({"penalties": ["r1:much"]}, r"penalties must be .* Received: 'r1:much'"),
        ({"penalties": ["r1:-1"]}, r"weight must be over 0\. Received: -1"),
        (
            {"penalties": ["r1:1"], "penalty": "r2"},
            r"all penalties in one argument\. Received: penalty='r2' and penalties=\['r1'\]",
        ),
        ({"weight_clip": 0.0}, "weight_clip must be over 0. Received: 0.0"),
        ({"weight_clip": float("nan")}, "`weight_clip` must be a finite number"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        linear(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [{"loss": "hinge"}, {"penalty": "gradient"}, {"penalties": ["r1"]}, {"loss": "wasserstein"}],
)
def test_an_unrolled_gan_refuses_other_games(arguments):
    generator, discriminator = linear().generator, linear().discriminator
    with pytest.raises(kgan.InputError, match="Received: "):
        kgan.UnrolledGAN(generator, discriminator, **arguments)


def test_an_unrolled_gan_averages_too():
    losses = []
    for outputs in (1, 5):
        model = linear(outputs)
        unrolled = kgan.UnrolledGAN(model.generator, model.discriminator, unrolled_steps=1)
        unrolled.compile(keras.optimizers.SGD(0.0))
        losses.append(unrolled.train_step(tf.constant(POINTS)).numpy())
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)


def test_batch_norm_under_a_gradient_penalty_is_warned_of():
    hidden = [layers.Dense(4), layers.BatchNormalization(), layers.Dense(1)]
    critic = keras.Sequential([keras.Input((2,)), *hidden], name="critic")
    generator = mlp(3, (4,), 2)
    with pytest.warns(UserWarning, match="Gradient penalties look at .* of critic makes rows bear"):
        kgan.GAN(generator, critic, penalty="gradient")
    terms = kgan.ManifoldEntropy(entropy=0, isometric=0, neighbours="adversarial")
    with pytest.warns(UserWarning, match="Adversarial neighbours look at each row's own gradient"):
        kgan.GAN(generator, critic, regularizer=terms)
    bank, features = kgan.GeneratorBank(generator, 2), keras.Sequential(critic.layers[:-1])
    with pytest.warns(UserWarning, match="Gradient penalties look at each row's own gradient"):
        kgan.DMGANPL(bank, features)
