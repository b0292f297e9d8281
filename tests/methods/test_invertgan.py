"""InvertGAN: its losses by hand, who moves, its options, its state, its replicas."""

import warnings

import keras
import numpy as np
import pytest
import scipy.linalg
import tensorflow as tf
from keras import layers
from scipy.spatial.distance import jensenshannon

import kgan
from kgan.backend import engine
from kgan.commands import jobs
from kgan.data import Dataset
from kgan.losses.gaussian import KL_RIDGE, moments
from kgan.methods.invertgan import GAUSSIAN_LOSSES
from kgan.runs import Config

RNG = np.random.default_rng(0)
POINTS = (RNG.normal(size=(48, 2)) @ [[1.0, 0.5], [0.0, 2.0]] + 1).astype("float32")
DATASET = Dataset(name="normal", split="train", examples=POINTS)
LATENT_DIM = 3
METRICS = ("gaussian_distance", "latent_error", "data_error")


def mlp(inputs, outputs, *, norm=False, dropout=0.0):
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(8, use_bias=not norm),
            *([layers.BatchNormalization(synchronized=True)] if norm else []),
            layers.LeakyReLU(0.2),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Dense(outputs),
        ]
    )


def make(gaussian_loss="p_norm", *, norm=False, dropout=0.0, **kwargs):
    """An InvertGAN of points, always of the same weights."""
    keras.utils.set_random_seed(1)
    if gaussian_loss == "latent_discriminator":
        kwargs["latent_discriminator"] = mlp(LATENT_DIM, 1, dropout=dropout)
    return kgan.InvertGAN(
        mlp(LATENT_DIM, 2, norm=norm),
        mlp(2, LATENT_DIM),
        mlp(2, 1, dropout=dropout),
        gaussian_loss=gaussian_loss,
        **kwargs,
    )


def turn_of(model, real, latents):
    """What a player sees that moves on these."""
    samples = engine.Samples(model.generate, tf.constant(latents))
    return engine.Turn(tf.constant(real), None, lambda: samples, training=False)


def numbers(variables):
    return [v.numpy() for v in variables]


def moved(before, after):
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


def test_the_statistics_that_samples_are_made_with_are_those_of_sampled_latents():
    """And not of reconstructions, whose latents may have another distribution."""
    model = make(norm=True)
    norm = next(x for x in model.generator.layers if isinstance(x, layers.BatchNormalization))
    norm.momentum = 0.0
    latents = RNG.normal(size=(48, LATENT_DIM)).astype("float32")
    samples = engine.Samples(lambda z: model.generate(z, training=True), tf.constant(latents))
    turn = engine.Turn(tf.constant(100 * POINTS), None, lambda: samples)
    with tf.GradientTape() as tape:
        _, metrics = model.generator_loss(turn)
    before = model.generator.layers[0](latents).numpy()
    np.testing.assert_allclose(norm.moving_mean.numpy(), before.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance.numpy(), before.var(axis=0), rtol=1e-4)
    # The reconstruction's gradient still reaches the generator.
    weights = [v.value for v in model.generator.trainable_variables]
    gradients = tape.gradient(metrics["data_error"], weights)
    assert all(np.abs(g).max() > 0 for g in gradients)


# Every loss trains ---------------------------------------------------------------------------


@pytest.mark.parametrize("gaussian_loss", GAUSSIAN_LOSSES)
def test_trains_and_logs(gaussian_loss):
    model = make(gaussian_loss, norm=True)
    model.compile(keras.optimizers.SGD(0.05), run_eagerly=True)
    before = numbers(model.trainable_variables)
    history = model.fit(DATASET, batch_size=16, validation_data=POINTS, verbose=0).history
    logs = {f"{name}_loss" for name in model.players} | set(METRICS)
    assert set(history) == logs | {f"val_{name}" for name in logs}
    assert all(np.isfinite(values).all() for values in history.values())
    assert model.steps_taken == 3
    after = numbers(model.trainable_variables)
    assert all(np.isfinite(value).all() for value in after)
    assert all(moved(before, after))
    if gaussian_loss == "none":
        assert history["gaussian_distance"] == [0]


def test_players_and_phases():
    model = make("latent_discriminator", fresh_noise=True)
    assert list(model.players) == ["discriminator", "generator", "latent_discriminator"]
    order = [(phase.player, phase.fresh_noise) for phase in model.phases]
    assert order == [
        ("discriminator", False),
        ("latent_discriminator", False),
        ("generator", True),
    ]
    assert [phase.player for phase in make().phases] == ["discriminator", "generator"]


OWNERS = {
    "discriminator": ["discriminator"],
    "generator": ["generator", "inverse"],
    "latent_discriminator": ["latent_discriminator"],
}


@pytest.mark.parametrize("player", OWNERS)
def test_who_moves(player):
    model = make("latent_discriminator")
    rates = {name: 0.1 if name == player else 0.0 for name in model.players}
    model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    networks = {n: getattr(model, n) for owned in OWNERS.values() for n in owned}
    before = {name: numbers(x.trainable_variables) for name, x in networks.items()}
    model.train_step(tf.constant(POINTS))
    for name, network in networks.items():
        changes = moved(before[name], numbers(network.trainable_variables))
        assert all(changes) == any(changes) == (name in OWNERS[player])


# Eq. (10) by hand ----------------------------------------------------------------------------


def softplus(x):
    return np.log1p(np.exp(np.asarray(x, "float64")))


def distance_by_hand(gaussian_loss, latents, p, latent_logits, loss):
    mean, covariance = latents.mean(axis=0), np.cov(latents.T)
    eye = np.eye(len(mean))
    if gaussian_loss == "p_norm":
        return np.linalg.norm(mean, p) + np.linalg.norm((covariance - eye).ravel(), p)
    if gaussian_loss == "wasserstein":
        root = scipy.linalg.sqrtm(covariance).real
        return np.sqrt(mean @ mean + np.trace(covariance + eye - 2 * root))
    if gaussian_loss == "wasserstein_1d":
        deviations = latents.std(axis=0, ddof=1)
        return np.sqrt(np.sum(mean**2) + np.sum((deviations - 1) ** 2))
    if gaussian_loss == "kl":
        covariance = covariance + KL_RIDGE * eye
        inverse = np.linalg.inv(covariance)
        quadratic = np.trace(inverse) + mean @ inverse @ mean
        return 0.5 * (np.linalg.slogdet(covariance)[1] - len(mean) + quadratic)
    if gaussian_loss == "latent_discriminator":
        return fooled_by_hand(latent_logits, loss)
    return 0.0


def fooled_by_hand(logits, loss):
    """`E log(1 - D)` as printed, or `-E log D`."""
    probability = 1 / (1 + np.exp(-logits))
    return np.mean(np.log(1 - probability) if loss == "minimax" else -np.log(probability))


def distances(a, b):
    return np.mean(np.linalg.norm(a - b, axis=1))


@pytest.mark.parametrize("gaussian_loss", GAUSSIAN_LOSSES)
@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_losses_are_the_sums_of_their_parts(gaussian_loss, loss):
    weights = {"gaussian_weight": 0.7, "latent_consistency": 2.0, "data_consistency": 3.0}
    model = make(gaussian_loss, p=3, loss=loss, **weights)
    latents = RNG.normal(size=(48, LATENT_DIM)).astype("float32")

    def of(network, values):
        return np.asarray(network(np.asarray(values, "float32")), "float64")

    fake = of(model.generator, latents)
    turn = turn_of(model, POINTS, latents)
    found = of(model.inverse, POINTS)
    latent_logits = None
    if gaussian_loss == "latent_discriminator":
        latent_logits = of(model.latent_discriminator, found)
        expected = np.mean(softplus(-of(model.latent_discriminator, latents)))
        expected += np.mean(softplus(latent_logits))
        assert float(model.latent_discriminator_loss(turn)) == pytest.approx(expected, rel=1e-5)
    expected = {
        "gaussian_distance": distance_by_hand(gaussian_loss, found, 3, latent_logits, loss),
        "latent_error": distances(latents, of(model.inverse, fake)),
        "data_error": distances(POINTS, of(model.generator, found)),
    }
    total, metrics = model.generator_loss(turn)
    for name in METRICS:
        assert float(metrics[name]) == pytest.approx(expected[name], rel=1e-4), name
    logits = of(model.discriminator, fake)
    weighted = (
        0.7 * expected["gaussian_distance"]
        + 2 * expected["latent_error"]
        + 3 * expected["data_error"]
    )
    assert float(total) == pytest.approx(fooled_by_hand(logits, loss) + weighted, rel=1e-4)
    entropy = np.mean(softplus(-of(model.discriminator, POINTS))) + np.mean(softplus(logits))
    assert float(model.discriminator_loss(turn)) == pytest.approx(entropy, rel=1e-5)


@pytest.mark.parametrize("fresh_noise", [False, True])
def test_a_move_is_the_gradient_of_eq_10_in_generator_and_inverse(fresh_noise):
    model = make("wasserstein", fresh_noise=fresh_noise, gaussian_weight=2.0)
    rates = {"discriminator": 0.0, "generator": 0.1}
    model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    seen = {}
    for name in model.players:
        loss = getattr(model, f"{name}_loss")

        def recording(turn, name=name, loss=loss):
            seen[name] = turn.latents
            return loss(turn)

        setattr(model, f"{name}_loss", recording)
    variables = model.players["generator"].variables
    before = numbers(variables)
    model.train_step(tf.constant(POINTS))
    after = numbers(variables)
    same = (seen["discriminator"].numpy() == seen["generator"].numpy()).all()
    assert same == (not fresh_noise)

    # The whole of Eq. (10) in one tape, with no sharing of passes.
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)
    latents, real = seen["generator"], tf.constant(POINTS)
    with tf.GradientTape() as tape:
        fake, found = model.generator(latents), model.inverse(real)
        mean, centred = tf.reduce_mean(found, 0), found - tf.reduce_mean(found, 0)
        root = tf.linalg.sqrtm(tf.matmul(centred, centred, transpose_a=True) / 47)
        distance = tf.sqrt(
            tf.reduce_sum(mean**2) + tf.linalg.trace(root @ root + tf.eye(LATENT_DIM) - 2 * root)
        )
        value = (
            tf.reduce_mean(tf.nn.softplus(-model.discriminator(fake)))
            + 2 * distance
            + tf.reduce_mean(tf.norm(latents - model.inverse(fake), axis=1))
            + tf.reduce_mean(tf.norm(real - model.generator(found), axis=1))
        )
    gradients = tape.gradient(value, [v.value for v in variables])
    for start, end, gradient in zip(before, after, gradients, strict=True):
        np.testing.assert_allclose(end, start - 0.1 * gradient.numpy(), atol=3e-5)


# An inverse with a rate of its own -----------------------------------------------------------


@pytest.mark.parametrize("gaussian_loss", ["kl", "latent_discriminator"])
def test_an_inverse_apart_descends_what_eq_10_has_of_it(gaussian_loss):
    weights = {"gaussian_weight": 0.7, "latent_consistency": 0.5, "data_consistency": 0.3}
    latents = RNG.normal(size=(48, LATENT_DIM)).astype("float32")
    gradients = []
    for rate, players in ((None, ("generator",) * 2), (3.0, ("generator", "inverse"))):
        model = make(gaussian_loss, inverse_rate=rate, **weights)
        for player, network in zip(players, (model.generator, model.inverse), strict=True):
            values = [v.value for v in network.trainable_variables]
            with tf.GradientTape() as tape:
                # Through the samples too, which a player's leaf would stop at.
                turn = turn_of(model, POINTS, latents)
                turn._leaves = model.generator(latents)
                loss, _ = getattr(model, f"{player}_loss")(turn)
            gradients.append(tape.gradient(loss, values))
    for together, apart in zip(gradients[:2], gradients[2:], strict=True):
        for a, b in zip(together, apart, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_an_inverse_apart_moves_first_on_the_same_samples_at_its_own_rate():
    model = make("latent_discriminator", inverse_rate=0.25, fresh_noise=True)
    order = [(phase.player, phase.fresh_noise) for phase in model.phases]
    assert order == [
        ("discriminator", False),
        ("latent_discriminator", False),
        ("inverse", True),
        ("generator", False),
    ]
    assert model.players["inverse"].networks == [model.inverse]
    model.compile(run_eagerly=True)
    rates = {name: float(o.learning_rate) for name, o in model.optimizers.items()}
    assert rates["inverse"] == pytest.approx(0.25 * rates["generator"])
    before = numbers(model.trainable_variables)
    history = model.fit(DATASET, batch_size=16, verbose=0).history
    assert set(history) == {f"{name}_loss" for name in model.players} | set(METRICS)
    assert all(moved(before, numbers(model.trainable_variables)))
    with pytest.raises(kgan.InputError, match=r"inverse_rate must be over 0\. Received: 0"):
        make(inverse_rate=0.0)


def test_the_inverses_rate_is_one_of_a_run():
    config = Config("invertgan", "grid", arguments={"inverse_rate": 2.0}).resolved()
    model, preset = jobs.build_model(config, kgan.data.load("grid"))
    rates = {name: float(o.learning_rate) for name, o in model.optimizers.items()}
    assert rates["inverse"] == pytest.approx(2 * rates["generator"])
    assert rates["generator"] == pytest.approx(preset.learning_rate)


# The floor of a batch's distance -------------------------------------------------------------


@pytest.mark.parametrize("gaussian_loss", GAUSSIAN_LOSSES)
def test_a_true_batchs_distance_is_known_beforehand(gaussian_loss):
    model = make(gaussian_loss)
    found = model.floors(64)
    if gaussian_loss in ("latent_discriminator", "none"):
        assert found == {}
        return
    draws = np.random.default_rng(9).standard_normal((300, 64, LATENT_DIM))
    expected = [distance_by_hand(gaussian_loss, draw, 2.0, None, None) for draw in draws]
    assert found["gaussian_distance"] == pytest.approx(np.mean(expected), rel=0.1)
    assert model.floors(6_400)["gaussian_distance"] < 0.2 * found["gaussian_distance"]
    if gaussian_loss == "p_norm":
        # |mu| is about sqrt(l / n), and |S - I| about sqrt(l (l + 1) / (n - 1)).
        rough = np.sqrt(3 / 64) + np.sqrt(3 * 4 / 63)
        assert found["gaussian_distance"] == pytest.approx(rough, rel=0.15)


# The latent discriminator --------------------------------------------------------------------

# Ten latents that samples are made from, ten of real data, of five kinds.
DRAWN, FOUND = np.array([4, 2, 2, 1, 1]), np.array([1, 1, 2, 2, 4])


def one_hot(counts):
    return np.eye(5, dtype="float32")[np.repeat(np.arange(5), counts)]


def toy(**kwargs):
    """Samples are latents, and the latent discriminator is a free logit for each kind."""
    networks = [
        keras.Sequential([keras.Input((5,)), layers.Dense(5, use_bias=False)]) for _ in range(2)
    ]
    for network in networks:
        network.set_weights([np.eye(5)])
    table = layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    return kgan.InvertGAN(
        *networks,
        mlp(5, 1),
        keras.Sequential([keras.Input((5,)), table]),
        gaussian_loss="latent_discriminator",
        **kwargs,
    )


@pytest.mark.parametrize("found", [DRAWN, FOUND])
def test_the_optimal_latent_discriminators_loss_is_2_log_2_less_2_jsd(found):
    model = toy()
    turn = turn_of(model, one_hot(found), one_hot(DRAWN))
    (kernel,) = model.latent_discriminator.trainable_variables
    # Sure of latents that samples are made from, Eq. (13), and not the other way around.
    kernel.assign(np.log(DRAWN / found)[:, None])
    with tf.GradientTape() as tape:
        loss = model.latent_discriminator_loss(turn)
    divergence = jensenshannon(DRAWN / 10, found / 10) ** 2
    assert float(loss) == pytest.approx(2 * np.log(2) - 2 * divergence, rel=1e-6)
    np.testing.assert_allclose(tape.gradient(loss, kernel.value), 0, atol=1e-7)
    assert (divergence == 0) == (found is DRAWN)
    kernel.assign(kernel + RNG.normal(size=(5, 1)))
    assert float(model.latent_discriminator_loss(turn)) > float(loss) + 1e-3


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_the_inverse_moves_to_what_the_latent_discriminator_takes_for_drawn(loss):
    model = toy(loss=loss, latent_consistency=0.0, data_consistency=0.0)
    (kernel,) = model.latent_discriminator.trainable_variables
    kernel.assign([[3.0], [0], [0], [0], [-3.0]])
    turn = turn_of(model, one_hot([0, 0, 10, 0, 0]), one_hot(DRAWN))
    with tf.GradientTape() as tape:
        total, _ = model.generator_loss(turn)
    gradient = tape.gradient(total, model.inverse.trainable_variables[0].value).numpy()
    # Row 2 of the kernel is the latents of the real examples: towards the first, from the last.
    assert gradient[2, 0] < -0.1
    assert gradient[2, 4] > 0.1


# State ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gaussian_loss", "arguments"),
    [
        ("p_norm", {"p": np.inf, "fresh_noise": True, "ema_decay": 0.9}),
        (
            "latent_discriminator",
            {
                "loss": "minimax",
                "gaussian_weight": 0.5,
                "latent_consistency": 2.0,
                "data_consistency": 3.0,
                "dropout": 0.3,
            },
        ),
    ],
)
def test_saved_and_loaded(gaussian_loss, arguments, tmp_path):
    model = make(gaussian_loss, norm=True, **arguments)
    model.compile()
    for _ in range(2):
        model.train_step(tf.constant(POINTS))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded) is kgan.InvertGAN
    for name in ("gaussian_loss", "p", "adversarial_loss", "fresh_noise", "ema_decay"):
        assert getattr(loaded, name) == getattr(model, name)
    for name in ("gaussian_weight", "latent_consistency", "data_consistency"):
        assert getattr(loaded, name) == arguments.get(name, 1.0)
    np.testing.assert_array_equal(loaded.sample(9, seed=0), model.sample(9, seed=0))
    np.testing.assert_array_equal(loaded.invert(POINTS), model.invert(POINTS))
    np.testing.assert_array_equal(loaded.reconstruct(POINTS), model.reconstruct(POINTS))
    for one in (model, loaded):
        one.train_step(tf.constant(POINTS))
    assert loaded.steps_taken == 3
    for a, b in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=a.path)


class Subclassed(keras.Model):
    """Shapes are known only when it is called."""

    def __init__(self, outputs):
        super().__init__()
        self.outer = layers.Dense(outputs)
        self.inner = layers.Dense(4, "relu")

    def call(self, inputs):
        return self.outer(self.inner(inputs))


@pytest.mark.parametrize(
    "unbuilt",
    [Subclassed, lambda outputs: keras.Sequential([layers.Dense(4), layers.Dense(outputs)])],
)
def test_networks_that_are_not_built(unbuilt):
    model = kgan.InvertGAN(
        unbuilt(2),
        unbuilt(LATENT_DIM),
        unbuilt(1),
        unbuilt(1),
        gaussian_loss="latent_discriminator",
        latent_dim=LATENT_DIM,
    )
    kernels = {
        "generator": (LATENT_DIM, 2),
        "inverse": (2, LATENT_DIM),
        "discriminator": (2, 1),
        "latent_discriminator": (LATENT_DIM, 1),
    }
    for name, (inputs, outputs) in kernels.items():
        shapes = {v.shape for v in getattr(model, name).trainable_variables if v.ndim == 2}
        assert shapes == {(inputs, 4), (4, outputs)}, name
    model.compile(keras.optimizers.SGD(0.1))
    before = numbers(model.trainable_variables)
    model.train_step(tf.constant(POINTS))
    assert all(moved(before, numbers(model.trainable_variables)))


# Precision, XLA, small batches, divergence -----------------------------------------------------


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("gaussian_loss", ["p_norm", "kl", "wasserstein"])
def test_mixed_precision(dtype, gaussian_loss):
    keras.config.set_dtype_policy(dtype)
    try:
        model = make(gaussian_loss)
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.inverse(POINTS).dtype == dtype.removeprefix("mixed_")
    model.compile(keras.optimizers.SGD(0.05))
    before = numbers(model.trainable_variables)
    logs = dict(zip(model.log_names, model.train_step(tf.constant(POINTS)), strict=True))
    exact = make(gaussian_loss)
    exact.compile(keras.optimizers.SGD(0.05))
    expected = dict(zip(exact.log_names, exact.train_step(tf.constant(POINTS)), strict=True))
    for name, value in logs.items():
        assert float(value) == pytest.approx(float(expected[name]), rel=0.05), name
    after = numbers(model.trainable_variables)
    assert all(np.isfinite(value).all() for value in after)
    assert any(moved(before, after))


def test_a_step_compiled_by_xla():
    model = make("wasserstein")
    model.compile(keras.optimizers.SGD(0.05), jit_compile=True)
    history = model.fit(DATASET, batch_size=16, steps_per_epoch=2, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())


COVARIANCE_LOSSES = ("p_norm", "wasserstein", "kl", "wasserstein_1d")


@pytest.mark.parametrize("gaussian_loss", COVARIANCE_LOSSES)
def test_a_batch_of_one_has_no_covariance(gaussian_loss):
    model = make(gaussian_loss)
    model.compile()
    message = r"must have at least 2 examples, for the covariance of the latents\. Received: 1"
    with pytest.raises(kgan.InputError, match=message):
        model.fit(DATASET, batch_size=1, verbose=0)
    with pytest.raises(kgan.InputError, match=message):
        model.fit(POINTS, batch_size=1, verbose=0)


@pytest.mark.parametrize("gaussian_loss", ["none", "latent_discriminator"])
def test_a_batch_of_one_will_do_without_a_covariance(gaussian_loss):
    model = make(gaussian_loss)
    model.compile(run_eagerly=True)
    model.fit(DATASET, batch_size=1, steps_per_epoch=2, verbose=0)
    assert model.steps_taken == 2


def test_a_batch_of_no_more_rows_than_latents_is_warned_of():
    for gaussian_loss, warned in (("p_norm", True), ("wasserstein_1d", False)):
        model = make(gaussian_loss)
        model.compile(run_eagerly=True)
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            model.fit(DATASET, batch_size=3, steps_per_epoch=1, verbose=0)
        told = [str(w.message) for w in found if "latent dimensions" in str(w.message)]
        assert bool(told) == warned
        assert all("at least 4 examples. Received: 3; the covariance of 3" in t for t in told)
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*latent dimensions")
            model.fit(DATASET, batch_size=4, steps_per_epoch=1, verbose=0)


@pytest.mark.parametrize("gaussian_loss", ["latent_discriminator", "none"])
def test_losses_without_moments_take_latents_of_any_kind(gaussian_loss):
    model = make(gaussian_loss, latent_distribution="uniform")
    assert np.abs(model.sample_latents(1_000, 0)).max() <= 1


@pytest.mark.parametrize("eager", [False, True])
def test_what_is_left_of_an_array_may_not_be_one_example(eager):
    """Keras' last batch of 33 examples in batches of 16 has one."""
    model = make("kl")
    model.compile(run_eagerly=eager)
    for run in (model.fit, model.evaluate):
        with pytest.raises(kgan.InputError, match="last batch of 33 examples in batches of 16"):
            run(POINTS[:33], batch_size=16, verbose=0)
    assert model.steps_taken == 0


@pytest.mark.parametrize("gaussian_loss", ["wasserstein", "kl"])
def test_a_run_that_diverges_says_so(gaussian_loss):
    """It is not TensorFlow that says it, whose decompositions have errors of their own."""
    model = make(gaussian_loss)
    rates = {"discriminator": 0.0, "generator": 1e30}
    model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    with pytest.raises(kgan.NonFiniteLossError, match="lower the learning rate"):
        model.fit(DATASET, batch_size=16, verbose=0)


# Replicas ------------------------------------------------------------------------------------


def test_one_replica_has_all_rows():
    values = tf.constant(POINTS)
    assert engine.over_replicas(values) is values


def test_rows_of_all_replicas_and_their_gradients(two_replicas):
    whole = RNG.normal(size=(6, 2)).astype("float32")
    parts = two_replicas.experimental_distribute_values_from_function(
        lambda context: tf.constant(np.split(whole, 2)[context.replica_id_in_sync_group])
    )
    weights = tf.constant(RNG.normal(size=(6, 2)), tf.float32)

    def step(part):
        with tf.GradientTape() as tape:
            tape.watch(part)
            rows = engine.over_replicas(part)
            # Half of the loss, as the engine scales it for two replicas.
            loss = tf.reduce_sum(weights * rows**3) / 2
        return rows, tape.gradient(loss, part)

    rows, gradients = tf.function(lambda: two_replicas.run(step, args=(parts,)))()
    for found in two_replicas.experimental_local_results(rows):
        np.testing.assert_array_equal(found, whole)
    pieces = two_replicas.experimental_local_results(gradients)
    expected = 3 * weights.numpy() * whole**2
    np.testing.assert_allclose(np.concatenate([p.numpy() for p in pieces]), expected, rtol=1e-5)


# The divergence is steep where the inverse's latents are nearly in a plane, as those of 2-D points.
WEIGHTS = {"wasserstein": 1.0, "kl": 0.01, "latent_discriminator": 1.0}


def trained(gaussian_loss, strategy):
    with strategy.scope():
        model = make(gaussian_loss, gaussian_weight=WEIGHTS[gaussian_loss])
        model.compile(keras.optimizers.SGD(0.01), steps_per_execution=5)
    history = model.fit(DATASET, batch_size=16, steps_per_epoch=10, verbose=0).history
    return model, history


@pytest.mark.parametrize("gaussian_loss", WEIGHTS)
def test_two_replicas_train_like_one(gaussian_loss, two_replicas, float64):
    one, logs = trained(gaussian_loss, tf.distribute.get_strategy())
    two, their_logs = trained(gaussian_loss, two_replicas)
    start = make(gaussian_loss).weights
    for a, b, c in zip(one.weights, two.weights, start, strict=True):
        np.testing.assert_allclose(a, b.numpy(), atol=1e-10, rtol=0, err_msg=a.path)
        if a.trainable:
            assert np.abs(a.numpy() - c.numpy()).max() > 1e-4, a.path
    for name in METRICS:
        assert their_logs[name] == pytest.approx(logs[name], rel=1e-8), name


def test_a_replica_may_have_one_row(two_replicas):
    """The covariance is that of all replicas' rows."""

    @tf.function
    def covariances():
        return two_replicas.run(
            lambda: moments(engine.over_replicas(engine.replica_noise((1, 2), "normal", (0, 0))))[1]
        )

    whole = engine.noise((2, 2), "normal", (0, 0)).numpy()
    for found in two_replicas.experimental_local_results(covariances()):
        np.testing.assert_allclose(found, np.cov(whole.T), rtol=1e-5)


# Bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"p": 0.5}, r"^p must be at least 1\. Received: p=0\.5$"),
        ({"p": np.nan}, r"^`p` must be a number\. Received: nan$"),
        ({"gaussian_weight": -0.1}, r"^gaussian_weight must be at least 0\. Received: -0\.1$"),
        ({"latent_consistency": -1}, r"^latent_consistency must be at least 0\. Received: -1$"),
        (
            {"gaussian_weight": np.inf},
            r"^`gaussian_weight` must be a finite number\. Received: inf$",
        ),
        (
            {"data_consistency": np.nan},
            r"^`data_consistency` must be a finite number\. Received: nan$",
        ),
        ({"loss": "hinge"}, r"^loss must be one of .* Received: 'hinge'$"),
        ({"gaussian_loss": "w2"}, r"^gaussian_loss must be one of .*'kl'.* Received: 'w2'$"),
        ({"latent_distribution": "uniform"}, r"Received: latent_distribution='uniform'$"),
        ({"latent_discriminator": mlp(LATENT_DIM, 1)}, "A latent_discriminator goes with"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        make(**{"gaussian_loss": "p_norm", **arguments})


def test_a_latent_discriminator_is_missing():
    message = r"Received: gaussian_loss='latent_discriminator', latent_discriminator=None"
    with pytest.raises(kgan.InputError, match=message):
        kgan.InvertGAN(mlp(3, 2), mlp(2, 3), mlp(2, 1), gaussian_loss="latent_discriminator")


def test_a_latent_discriminator_of_other_latents():
    # As the model is made, not as it trains.
    message = r"must take inputs of the shape \(None, 3\)\. .* expected shape=\(None, 4\)"
    with pytest.raises(kgan.InputError, match=message):
        kgan.InvertGAN(
            mlp(3, 2), mlp(2, 3), mlp(2, 1), mlp(4, 1), gaussian_loss="latent_discriminator"
        )
