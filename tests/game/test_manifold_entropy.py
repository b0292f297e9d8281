"""ManifoldEntropy on any critic: its terms against NumPy, weights, neighbours, state, errors."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan import InputError, networks
from kgan.backend import engine
from kgan.data import Dataset
from kgan.game.neighbours import Neighbours, rotated_images, rotated_points
from kgan.losses import manifold
from kgan.runs.checkpoints import Checkpoints

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(64, 2)).astype("float32")
DATA = Dataset(name="points", split="train", examples=POINTS)
OFF = dict.fromkeys(("entropy", "norm", "local", "isometric"), 0.0)


def pair(width):
    keras.utils.set_random_seed(1)
    critic = networks.mlp(2, [8], width, activation="tanh", initializer="he_normal")
    return networks.mlp(3, [8], 2, activation="tanh"), critic


def gan(terms, width=4, **kwargs):
    return kgan.GAN(*pair(width), loss="wasserstein", regularizer=terms, **kwargs)


def invertgan(terms):
    generator, discriminator = pair(1)
    inverse = networks.mlp(2, [8], 3, activation="tanh")
    return kgan.InvertGAN(generator, inverse, discriminator, regularizer=terms)


def mgan(terms):
    generator, discriminator = pair(1 + 2)
    return kgan.MGAN(kgan.GeneratorBank(generator, 2), discriminator, regularizer=terms)


def dmganpl(terms):
    generator, discriminator = pair(4)
    bank = kgan.GeneratorBank(generator, 2)
    return kgan.DMGANPL(bank, discriminator, critic_steps=2, regularizer=terms)


METHODS = {
    "gan": gan,
    "wgan_gp": lambda terms: gan(terms, penalty="gradient", discriminator_steps=2),
    "mdgan": lambda terms: kgan.MDGAN(*pair(3), regularizer=terms),
    "invertgan": invertgan,
    "mgan": mgan,
    "dmganpl": dmganpl,
}


def fit(model, steps, **kwargs):
    return model.fit(DATA, batch_size=8, steps_per_epoch=steps, verbose=0, **kwargs).history


def logs_of(model, points=POINTS[:8]):
    return dict(zip(model.log_names, model.train_step(tf.constant(points)).numpy(), strict=True))


def state(model):
    optimizers = [v for o in model.optimizers.values() for v in o.variables]
    return [v.numpy() for v in [*model.variables, *optimizers]]


def assert_same_bits(one, other):
    for a, b in zip(state(one), state(other), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "method", ["gan", "wgan_gp", "mdgan", "invertgan", "mgan", "dmganpl", "realness"]
)
def test_adversarial_neighbours_are_what_the_method_itself_calls_more_real(method):
    """A small step along the gradient of the realness raises the probability (or value) too."""
    model = {**METHODS, "realness": lambda _: kgan.RealnessGAN(*pair(7))}[method](None)
    points = tf.constant(POINTS[:32])
    with tf.GradientTape() as tape:
        tape.watch(points)
        realness = model.realness(model.discriminator(points))
    assert realness.shape == (32,)
    step = 1e-3 * tf.sign(tape.gradient(realness, points))
    before, after = (model.discriminate(x) for x in (points, points + step))
    name = "probability" if "probability" in before else "value"
    change = after[name].numpy() - before[name].numpy()
    assert (change > -1e-6).mean() > 0.95
    assert change.mean() > 0


# Terms ---------------------------------------------------------------------------------------


def wave(shape, distribution, seed):
    """Noise that an oracle can have too; uniform in [-1, 1]."""
    return tf.reshape(tf.sin(tf.cast(tf.range(np.prod(shape)), "float32")), shape)


def unit(codes):
    return codes / np.linalg.norm(codes, axis=-1, keepdims=True)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("kind", ["gaussian", "rotation", "rotation_gaussian", "adversarial"])
def test_losses_are_the_papers_with_the_signs_of_the_notes(kind, squared, monkeypatch):
    monkeypatch.setattr(engine, "replica_noise", wave)
    weights = {"entropy": 0.3, "norm": 0.2, "local": 0.7, "isometric": 0.5}
    sizes = {"neighbours": kind, "noise": 0.1, "angle": 30.0, "squared": squared}
    model = gan(kgan.ManifoldEntropy(buffer_size=16, **weights, **sizes))
    model.compile(keras.optimizers.SGD(0.0))
    (kernel, bias, head, offset) = (np.float64(w) for w in model.discriminator.get_weights())

    def critic(x):
        return np.tanh(np.float64(x) @ kernel + bias) @ head + offset

    def slopes(x):
        inner = 1 - np.tanh(np.float64(x) @ kernel + bias) ** 2
        return (inner * head.mean(axis=1)) @ kernel.T

    def view(x, direction):
        if kind == "adversarial":
            return x + direction * 0.1 * np.sign(slopes(x))
        if "rotation" in kind:
            angles = np.radians(30) * np.asarray(wave((8,), None, None), float)
            turns = [[[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] for a in angles]
            x = np.einsum("nij,nj->ni", turns, x)
        return x if kind == "rotation" else x + 0.1 * np.asarray(wave(x.shape, None, None))

    fake = model.generator(wave((8, 3), None, None)).numpy().astype(float)
    first, second = POINTS[:8], POINTS[8:16].astype(float)
    power = 2 if squared else 1

    def norms(codes):
        return (np.linalg.norm(codes, axis=1) ** power).mean()

    real_codes, fake_codes = critic(second), critic(fake)
    local = norms(critic(view(second, -1)) - real_codes) + norms(critic(view(fake, 1)) - fake_codes)
    shares = ((np.asarray(wave((8,), None, None), float) + 1) / 2)[:, None]
    mixed = critic(shares * second + (1 - shares) * fake)
    mixed_codes = shares * real_codes + (1 - shares) * fake_codes
    alike = (unit(mixed) * unit(mixed_codes)).sum(axis=1).mean()
    nearest = (unit(real_codes) @ unit(critic(first)).T).max(axis=1).mean()
    expected = {
        "real_entropy_similarity": nearest,
        "fake_entropy_similarity": 1.0,  # The very codes of the step before.
        "code_norm": (norms(real_codes) + norms(fake_codes)) / 2,
        "local_error": local,
        "isometric_similarity": alike,
        "discriminator_loss": fake_codes.mean()
        - real_codes.mean()
        + 0.7 * local
        + 0.5 * (1 - alike)
        + 0.3 * nearest
        + 0.2 * (norms(real_codes) + norms(fake_codes)),
        "generator_loss": -fake_codes.mean() + 0.3,
    }
    empty = logs_of(model, first)
    assert empty["real_entropy_similarity"] == empty["fake_entropy_similarity"] == 0
    found = logs_of(model, np.float32(second))
    assert found == pytest.approx(expected, rel=2e-4)
    codes = model.regularizer.real_codes.codes.numpy()
    np.testing.assert_allclose(codes, unit(critic(POINTS[:16])), atol=1e-5)


METRICS = {
    "entropy": ["real_entropy_similarity", "fake_entropy_similarity"],
    "norm": ["code_norm"],
    "local": ["local_error"],
    "isometric": ["isometric_similarity"],
}


@pytest.mark.parametrize("name", METRICS)
def test_each_term_moves_its_quantity_and_alone(name):
    """On the term alone, the discriminator's steps move what it is about the right way."""
    sign = 1 if name == "isometric" else -1
    model = gan(kgan.ManifoldEntropy(**{**OFF, name: 1.0}, neighbours="gaussian", noise=0.3))
    assert set(model.log_names) == {"discriminator_loss", "generator_loss", *METRICS[name]}
    buffers = [w for w in model.regularizer.weights if w.path.endswith("/codes")]
    assert len(buffers) == (2 if name == "entropy" else 0)
    # Wasserstein values would outweigh the term.
    model.discriminator_loss = lambda turn: tf.constant(0.0)
    model.generator_loss = lambda turn: 0.0 * tf.reduce_sum(turn.fake)
    model.compile({p: keras.optimizers.SGD(0.0) for p in model.players})
    logs_of(model, POINTS[8:16])
    model.compile({p: keras.optimizers.SGD(0.05) for p in model.players})
    before = [w.numpy() for w in model.regularizer.weights]
    found = []
    for _ in range(4):
        model.step.assign(1)  # The same noise and the same buffer again.
        for weight, value in zip(model.regularizer.weights, before, strict=True):
            weight.assign(value)
        found.append([logs_of(model)[metric] for metric in METRICS[name]])
    assert (sign * np.diff(found, axis=0)[:, 0] > 0).all()


def test_the_entropy_term_drives_generated_codes_from_the_buffer():
    model = gan(kgan.ManifoldEntropy(**{**OFF, "entropy": 1.0}))
    model.generator_loss = lambda turn: tf.constant(0.0)
    rates = {"discriminator": 0.0, "generator": 0.001}
    model.compile({p: keras.optimizers.SGD(rate) for p, rate in rates.items()})
    logs_of(model)
    before = [w.numpy() for w in model.regularizer.weights]
    found = []
    for _ in range(5):
        model.step.assign(1)
        for weight, value in zip(model.regularizer.weights, before, strict=True):
            weight.assign(value)
        found.append(logs_of(model)["fake_entropy_similarity"])
    assert (np.diff(found) < 0).all()


@pytest.mark.parametrize(
    ("terms", "norm"),
    [
        ({}, 0.01),
        ({"entropy": 0.0}, 0.0),  # Without the entropy's term, of which it is a part.
        ({"entropy": 0.0, "norm": 0.01}, 0.01),
        ({"entropy_form": "log_distance"}, 0.0),
        ({"norm": 0.3}, 0.3),
    ],
)
def test_the_norm_belongs_to_the_entropy(terms, norm):
    assert kgan.ManifoldEntropy(**terms).norm == norm


@pytest.mark.parametrize("form", ["log_distance", "mean_log_distance"])
def test_the_distance_of_codes_tells_their_entropy(form):
    """Of Gaussian codes in two dimensions, of which the entropy is known."""
    terms = kgan.ManifoldEntropy(**{**OFF, "entropy": 1.0}, entropy_form=form, buffer_size=4_000)
    model = gan(terms, width=2)
    codes = RNG.normal(size=(2, 4_000, 2))
    found = {}
    for scale in (0.5, 1.0, 4.0):
        terms.real_codes.codes.assign(scale * codes[0])
        near = terms.real_codes.nearest(np.float32(scale * codes[1]))
        mean_of_logs = form == "mean_log_distance"
        found[scale] = float(
            manifold.log_distance(np.float32(scale * codes[1]), near, mean_of_logs=mean_of_logs)
        )
    assert found[4.0] - found[0.5] == pytest.approx(2 * np.log(8), abs=1e-3)
    if form == "mean_log_distance":
        # (m / 2) log(m d) + log(unit ball) + Euler's constant + log n: 2 entropies of N(0, I / 4).
        estimate = found[1.0] + np.log(2 * np.pi) + 0.5772 + np.log(4_000)
        assert estimate == pytest.approx(np.log(2 * np.pi * np.e), abs=0.1)
    assert model.log_names[-2:] == ("real_log_distance", "fake_log_distance")


def test_weights_of_0_are_no_regularizer():
    plain, off = gan(None), gan(kgan.ManifoldEntropy(**OFF))
    assert plain.log_names == off.log_names
    for model in (plain, off):
        model.compile(keras.optimizers.SGD(0.1))
        fit(model, 3)
    for a, b in zip(plain.get_weights(), off.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_terms_leave_latents_and_instance_noise_as_they_were():
    noise = {"instance_noise": 0.5, "instance_noise_steps": 9, "seed": 3}
    seen = []
    for terms in (None, kgan.ManifoldEntropy(neighbours="gaussian")):
        model = gan(terms, **noise)
        loss = model.discriminator_loss

        def recording(turn, loss=loss):
            seen.append([turn.latents.numpy(), turn.seen(turn.real).numpy()])
            return loss(turn)

        model.discriminator_loss = recording
        model.compile(keras.optimizers.SGD(0.0))
        for _ in range(2):
            logs_of(model)
    for a, b in zip(seen[:2], seen[2:], strict=True):
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[1], b[1])


# Neighbours ----------------------------------------------------------------------------------


def test_turned_points():
    found = rotated_points(tf.constant([[2.0, 0.0], [0.0, 1.0]]), tf.constant([np.pi / 2, np.pi]))
    np.testing.assert_allclose(found, [[0, 2], [0, -1]], atol=1e-6)


@pytest.mark.parametrize("shape", [(5, 5), (4, 4)])
def test_turned_images(shape):
    images = np.float32(RNG.uniform(size=(4, *shape, 2)))
    angles = tf.constant([0, np.pi / 2, np.pi, -np.pi / 2], tf.float32)
    expected = [np.rot90(x, k) for x, k in zip(images, (0, 1, 2, -1), strict=True)]
    np.testing.assert_allclose(rotated_images(tf.constant(images), angles), expected, atol=1e-4)
    wide = rotated_images(tf.ones((2, 6, 9, 1)), tf.constant([0.3, -0.2]))
    np.testing.assert_allclose(wide, 1, atol=1e-6)  # Edges repeat.


@pytest.mark.parametrize(
    ("shape", "value_range", "noise", "degrees"),
    [((2,), (0, 1), 0.02, 0.25), ((28, 28, 1), (0, 1), 0.05, 10), ((28, 28, 1), (-1, 1), 0.1, 10)],
)
def test_sizes_are_those_of_the_data(shape, value_range, noise, degrees):
    view = Neighbours("rotation_gaussian", shape, value_range)
    assert view.noise == pytest.approx(noise)
    assert np.degrees(view.angle) == pytest.approx(degrees)
    given = Neighbours("gaussian", shape, value_range, noise=0.3, angle=3.0)
    assert given.noise == pytest.approx(0.6 if value_range == (-1, 1) else 0.3)
    assert np.degrees(given.angle) == pytest.approx(3)


def test_noise_of_neighbours():
    seeds = ([1, k] for k in range(9))
    turn = engine.Turn(None, None, lambda: None, seeds=seeds)
    view = Neighbours("gaussian", (2,), noise=0.3)
    samples = tf.zeros((20_000, 2))
    first, second = (view(samples, turn, None, raised=True).numpy() for _ in range(2))
    assert first.std() == pytest.approx(0.3, rel=0.02)
    assert np.abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.03
    view, right = Neighbours("rotation", (2,), angle=60.0), tf.tile([[1.0, 0.0]], (20_000, 1))
    turned = view(right, turn, None, raised=True)
    angles = np.degrees(np.arctan2(turned[:, 1], turned[:, 0]))
    assert 59 < angles.max() <= 60.01
    assert -60.01 <= angles.min() < -59
    assert angles.std() == pytest.approx(60 / np.sqrt(3), rel=0.02)


def test_terms_on_images():
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(64, "sigmoid"), layers.Reshape((8, 8, 1))]
    )
    critic = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(5)])
    terms = kgan.ManifoldEntropy(buffer_size=32)
    model = kgan.GAN(generator, critic, loss="wasserstein", regularizer=terms)
    model.compile()
    images = Dataset(
        name="i", split="train", examples=RNG.integers(0, 256, (32, 8, 8, 1), dtype=np.uint8)
    )
    history = model.fit(images, batch_size=8, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    assert history["local_error"][0] > 0


# Any method, and its state ---------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_any_critic_takes_it_in_one_line(method, tmp_path):
    model = METHODS[method](kgan.ManifoldEntropy(buffer_size=16, neighbours="gaussian"))
    model.compile(keras.optimizers.Adam(1e-3), steps_per_execution=2, run_eagerly=True)
    history = fit(model, 4)
    assert np.isfinite(list(history.values())).all()
    assert {name for names in METRICS.values() for name in names} < set(history)
    moves = 2 if method in ("wgan_gp", "dmganpl") else 1
    assert int(model.regularizer.real_codes.pushed) == 4 * 8 * moves
    assert int(model.regularizer.fake_codes.pushed) == 4 * 8
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    loaded.run_eagerly = True
    assert loaded.regularizer.get_config() == model.regularizer.get_config()
    assert_same_bits(model, loaded)
    assert fit(model, 2) == fit(loaded, 2)
    assert_same_bits(model, loaded)


def test_a_critic_of_one_number_is_warned_of():
    with pytest.warns(UserWarning, match="one dimension have no direction"):
        gan(kgan.ManifoldEntropy(), width=1)


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_restored_run_goes_on_bit_by_bit(replicas, tmp_path, two_replicas):
    strategy = two_replicas if replicas == 2 else tf.distribute.get_strategy()

    def make():
        with strategy.scope():
            model = gan(kgan.ManifoldEntropy(buffer_size=24), ema_decay=0.9)
            model.compile(keras.optimizers.Adam(1e-2))
        return model

    whole, resumed = make(), make()
    fit(whole, 5)
    Checkpoints(whole, tmp_path).save()
    fit(whole, 4)
    assert Checkpoints(resumed, tmp_path).restore() == 5
    fit(resumed, 4)
    assert resumed.regularizer.real_codes.pushed.numpy() == 9 * 8
    assert_same_bits(whole, resumed)


def test_evaluation_leaves_the_buffers_alone():
    model = gan(kgan.ManifoldEntropy(buffer_size=16))
    model.compile()
    fit(model, 2)
    before = state(model)
    results = [model.evaluate(POINTS, batch_size=8, verbose=0, return_dict=True) for _ in range(2)]
    assert results[0] == results[1]
    for a, b in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(a, b)


AUTHORS = {
    "entropy_form": "log_distance",
    "local_form": "mean_squared",
    "detach_neighbours": True,
    "isometric_form": "mean_squared",
    "mix_shares": "normal",
    "code_noise": 0.05,
}


@pytest.mark.parametrize("kind", ["adversarial", "rotation_gaussian, authors"])
def test_two_replicas_train_like_one(kind, two_replicas, float64):
    def trained(strategy):
        with strategy.scope():
            kind_of, *theirs = kind.split(", ")
            forms = AUTHORS if theirs else {}
            sizes = {"buffer_size": 24, "noise": 0.1, "entropy": 0.1, "neighbours": kind_of}
            terms = kgan.ManifoldEntropy(**sizes, **forms)
            model = gan(terms, discriminator_steps=2)
            model.compile(keras.optimizers.SGD(0.01), steps_per_execution=5)
        fit(model, 10)
        return model

    one, two = trained(tf.distribute.get_strategy()), trained(two_replicas)
    assert two.regularizer.real_codes.pushed.numpy() == 10 * 2 * 8
    start = gan(kgan.ManifoldEntropy(buffer_size=24))
    moved = 0.0
    for a, b, c in zip(one.weights, two.weights, start.weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-10, rtol=0, err_msg=a.path)
        moved = max(moved, np.abs(a.numpy() - c.numpy()).max())
    assert moved > 1e-3


# Errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"entropy": -1.0}, "entropy must be at least 0. Received: -1.0"),
        ({"norm": -0.1}, "norm must be at least 0. Received: -0.1"),
        ({"local": float("nan")}, "`local` must be a finite number. Received: nan"),
        ({"entropy": float("inf")}, "`entropy` must be a finite number. Received: inf"),
        ({"buffer_size": 7.5}, "`buffer_size` must be an integer. Received: 7.5"),
        ({"isometric": -2.0}, "isometric must be at least 0. Received: -2.0"),
        ({"buffer_size": 0}, "buffer_size must be at least 1. Received: 0"),
        ({"neighbours": "crop"}, r"neighbours must be one of \('gaussian', .* Received: 'crop'"),
        ({"noise": -1.0}, "noise must be at least 0. Received: -1.0"),
        ({"code_noise": -1.0}, "code_noise must be at least 0. Received: -1.0"),
        ({"entropy_form": "log"}, r"entropy_form must be one of \('cosine', .* Received: 'log'"),
        ({"local_form": "mse"}, "local_form must be one of"),
        ({"isometric_form": "mse"}, "isometric_form must be one of"),
        ({"mix_shares": "beta"}, "mix_shares must be one of"),
        ({"entropy_warmup": -1}, "entropy_warmup must be at least 0. Received: -1"),
        ({"angle": -1.0}, "angle must be at least 0. Received: -1.0"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        kgan.ManifoldEntropy(**arguments)


def test_batch_norm_and_large_buffers_are_warned_of():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((2,))
    outputs = layers.Dense(4)(layers.BatchNormalization()(layers.Dense(8)(inputs)))
    critic, generator = keras.Model(inputs, outputs), pair(4)[0]
    for terms in ({"entropy": 0.0, "isometric": 0.0}, {"entropy": 0.0, "local": 0.0}):
        with pytest.warns(UserWarning, match=r"makes a code depend on its batch"):
            kgan.GAN(generator, critic, regularizer=kgan.ManifoldEntropy(**terms))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        entropy = kgan.ManifoldEntropy(local=0.0, isometric=0.0, buffer_size=16)
        model = kgan.GAN(generator, critic, regularizer=entropy)
        model.compile()
        model.stream(DATA, 8)
    model = gan(kgan.ManifoldEntropy(buffer_size=64))
    with pytest.warns(UserWarning, match=r"holds 64 codes of 64 examples.*smaller `buffer_size`"):
        model.stream(DATA, 8)


def test_a_buffer_smaller_than_a_batch():
    model = gan(kgan.ManifoldEntropy(buffer_size=7))
    model.compile()
    with pytest.raises(InputError, match="size 7 for 8 codes; give a larger buffer_size"):
        fit(model, 1)


def test_a_second_model_needs_its_own():
    terms = kgan.ManifoldEntropy()
    gan(terms)
    with pytest.raises(InputError, match="one that another model has already"):
        gan(terms)


def test_adversarial_neighbours_need_gradients():
    class Rounded(layers.Layer):
        def call(self, x):
            return keras.ops.round(x)

    generator = networks.mlp(3, [8], 2)
    critic = keras.Sequential([keras.Input((2,)), Rounded(), layers.Dense(4)])
    options = {"loss": "wasserstein"}
    with pytest.raises(InputError, match=r"gradients in its inputs\. Received: sequential"):
        terms = kgan.ManifoldEntropy(neighbours="adversarial")
        kgan.GAN(generator, critic, regularizer=terms, **options)
    kgan.GAN(generator, critic, regularizer=kgan.ManifoldEntropy(), **options)


def test_flipped_images():
    images = np.float32(RNG.uniform(size=(200, 4, 6, 2)))
    seeds = ([1, k] for k in range(9))
    turn = engine.Turn(None, None, lambda: None, seeds=seeds)
    view = Neighbours("flip_gaussian", (4, 6, 2), (-1.0, 1.0), noise=0.0005)
    found = view(tf.constant(images), turn, None, raised=True).numpy()
    ways = np.stack([images[:, ::-1], images[:, :, ::-1]])
    errors = (found - ways).reshape(2, 200, -1).std(axis=2)
    assert errors.min(axis=0).max() < 0.002
    assert errors.min(axis=0).mean() == pytest.approx(0.001, rel=0.05)
    assert 0.4 < errors.argmin(axis=0).mean() < 0.6
    with pytest.raises(InputError, match=r"Only images can be flipped.*shape \(2,\)"):
        gan(kgan.ManifoldEntropy(neighbours="flip_gaussian"))


def test_rotation_needs_an_angle():
    generator, critic = networks.mlp(3, [8], 5), networks.mlp(5, [8], 4)
    with pytest.raises(InputError, match=r"neighbours='rotation' for samples of shape \(5,\)"):
        kgan.GAN(generator, critic, regularizer=kgan.ManifoldEntropy(neighbours="rotation"))


def test_a_discriminator_of_pairs_is_refused():
    inputs = keras.Input((2,)), keras.Input((3,))
    pairs = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()(inputs)))
    with pytest.raises(InputError, match=r"samples alone\. Received: that of a BiGAN"):
        kgan.BiGAN(
            networks.mlp(3, [8], 2),
            networks.mlp(2, [8], 3),
            pairs,
            regularizer=kgan.ManifoldEntropy(),
        )
