"""MaEM-GAN: loss, arguments, presets, what it says of samples, files, errors."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan import InputError, networks, presets
from kgan.backend import engine
from kgan.data import Dataset
from kgan.layers import SpectralConv2D, SpectralDense

POINTS = np.random.default_rng(0).normal(size=(48, 2)).astype("float32")
DATA = Dataset(name="points", split="train", examples=POINTS)
OPTIONS = {
    "entropy": 0.5,
    "norm": 0.1,
    "local": 0.7,
    "isometric": 0.2,
    "buffer_size": 24,
    "squared": False,
    "neighbours": "adversarial",
    "noise": 0.3,
    "angle": 2.0,
    "entropy_form": "log_distance",
    "entropy_warmup": 7,
    "local_form": "mean_squared",
    "detach_neighbours": True,
    "isometric_form": "mean_squared",
    "mix_shares": "normal",
    "code_noise": 0.2,
    "stochastic_codes": True,
    "fresh_noise": False,
    "latent_distribution": "uniform",
    "discriminator_steps": 2,
    "penalty": "gradient",
    "seed": 3,
}


def make(outputs=5, **kwargs):
    keras.utils.set_random_seed(1)
    return kgan.MaEMGAN(networks.mlp(3, [8], 2), networks.mlp(2, [8], outputs), **kwargs)


def logs_of(model):
    return dict(zip(model.log_names, model.train_step(tf.constant(POINTS)).numpy(), strict=True))


def test_without_its_terms_it_is_the_high_dimensional_wasserstein_game():
    """Eq. (7): the value of a sample is the mean of the critic's outputs."""
    model = make(entropy=0, norm=0, local=0, isometric=0)
    model.compile(keras.optimizers.SGD(0.0))
    fakes = []
    for name in model.players:
        loss = getattr(model, f"{name}_loss")

        def recording(turn, loss=loss):
            fakes.append(turn.fake.numpy())
            return loss(turn)

        setattr(model, f"{name}_loss", recording)
    logs = logs_of(model)
    real, first, second = (
        model.discriminator(x).numpy().astype(float).mean() for x in (POINTS, *fakes)
    )
    assert logs == pytest.approx(
        {"discriminator_loss": first - real, "generator_loss": -second}, rel=1e-5, abs=1e-6
    )
    assert (fakes[0] != fakes[1]).any()  # New noise.


def test_what_it_says_of_samples():
    model = make()
    found = model.discriminate(POINTS)
    assert set(found) == {"embedding", "value"}
    assert found["embedding"].shape == (48, 5)
    np.testing.assert_allclose(found["value"], np.mean(found["embedding"], axis=1), atol=1e-6)


def test_every_argument_reaches_the_terms_and_is_saved(tmp_path):
    names = set(inspect.signature(kgan.ManifoldEntropy).parameters) - {"kwargs"}
    own = inspect.signature(kgan.MaEMGAN).parameters
    assert names <= set(own)
    terms = inspect.signature(kgan.ManifoldEntropy).parameters
    assert all(own[name].default == terms[name].default for name in names)
    assert all(OPTIONS[name] != own[name].default for name in names)
    model = make(outputs=6, **OPTIONS)
    assert all(getattr(model.regularizer, name) == OPTIONS[name] for name in names)
    model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    model.fit(DATA, batch_size=8, steps_per_epoch=3, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    loaded.run_eagerly = True
    config = loaded.get_config()
    assert {name: config[name] for name in OPTIONS} == OPTIONS
    assert not {"loss", "regularizer"} & set(config)
    for one in (model, loaded):
        one.fit(DATA, batch_size=8, steps_per_epoch=3, verbose=0)
    for a, b in zip(model.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert int(loaded.regularizer.real_codes.pushed) == 6 * 2 * 8


def wave(shape, distribution, seed):
    """Noise that an oracle can have too."""
    return tf.reshape(tf.sin(tf.cast(tf.range(np.prod(shape)), "float32")), shape)


def test_the_authors_losses(monkeypatch, float64):
    """`train.py` of HaozheLiu-ST/MEE in NumPy, but for its buffer, which is whole here."""
    monkeypatch.setattr(
        engine, "replica_noise", lambda *a: tf.cast(wave(*a), keras.config.floatx())
    )
    terms = {
        **presets.get("maemgan_images_authors").arguments,
        "neighbours": "gaussian",  # Points have no sides; flips are tested by themselves.
        "noise": 0.001,
        "buffer_size": 32,
        "discriminator_steps": 1,
        "entropy": 0.3,
        "entropy_warmup": 4,
    }
    del terms["value_range"]
    model = make(outputs=6, **terms)
    model.compile(keras.optimizers.SGD(0.0))
    model.step.assign(1)
    critic, (kernel, bias, head, offset) = model.discriminator, model.discriminator.get_weights()
    assert critic.layers[-1].kernel.dtype == "float64"

    def stats(x):
        inner = x @ kernel + bias
        return np.split(np.maximum(inner, 0) @ head + offset, 2, axis=1)

    def code(x):
        mean, log = stats(x)
        return mean + np.exp(log / 2) * wave(mean.shape, None, None).numpy().astype(float)

    def mse(first, second):
        return ((first - second) ** 2).mean()

    def entropy(codes, buffer):
        distances = ((buffer[:, None] - codes[None]) ** 2).mean(axis=2)
        return np.log(distances.min(axis=0).mean())

    real = POINTS[:8].astype(float)
    buffers = [model.regularizer.real_codes, model.regularizer.fake_codes]
    before = [b.codes.numpy() for b in buffers]
    assert all(np.abs(b).max() <= 1 and np.abs(b).std() > 0.2 for b in before)
    fake = model.generator(wave((8, 3), None, None)).numpy()
    noise = wave((8, 2), None, None).numpy().astype(float)
    of_real, of_fake = code(real), code(fake)
    shares = wave((8,), None, None).numpy().astype(float)[:, None]
    mixed = code(shares * real + (1 - shares) * fake)
    target = shares * of_real + (1 - shares) * of_fake
    target = target + 0.05 * wave(target.shape, None, None).numpy()
    local = mse(of_real, code(real + 0.001 * noise)) + mse(of_fake, code(fake + 0.001 * noise))
    spread = [entropy(c, b) for c, b in zip((of_real, of_fake), before, strict=True)]
    weight = 0.3 * 1 / 4  # At step 1 of a warm-up of 4.
    found = dict(
        zip(model.log_names, model.train_step(tf.constant(real)).numpy().tolist(), strict=True)
    )
    expected = {
        "real_log_distance": spread[0],
        "fake_log_distance": spread[1],
        "local_error": local,
        "isometric_error": mse(mixed, target),
        "discriminator_loss": of_fake.mean()
        - of_real.mean()
        + local
        + mse(mixed, target)
        - weight * spread[0],
        "generator_loss": -of_fake.mean() - weight * spread[1],
    }
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)
    kept = np.concatenate([of_real, before[0][8:]])
    np.testing.assert_allclose(buffers[0].codes.numpy(), kept, atol=1e-6)


def test_stochastic_codes_are_means_outside_of_training():
    model = make(outputs=6, stochastic_codes=True)
    outputs = model.discriminator(POINTS).numpy()
    found = model.discriminate(POINTS)
    np.testing.assert_allclose(found["embedding"], outputs[:, :3], atol=1e-6)
    np.testing.assert_allclose(found["value"], outputs[:, :3].mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(model.realness(outputs), found["value"], atol=1e-6)
    assert model.regularizer.real_codes.width == 3
    with pytest.raises(InputError, match=r"as many means as log-variances. Received: .*width 5"):
        make(stochastic_codes=True)


def test_export(tmp_path):
    model = make()
    model.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1").signatures["discriminate"](
        samples=tf.constant(POINTS)
    )
    np.testing.assert_allclose(served["embedding"], model.discriminator(POINTS), atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"local": -1.0}, "local must be at least 0. Received: -1.0"),
        ({"buffer_size": 0}, "buffer_size must be at least 1. Received: 0"),
        ({"neighbours": "crop"}, "neighbours must be one of"),
        ({"discriminator_steps": 0}, "discriminator_steps must be at least 1"),
        ({"loss": "hinge"}, r"^MaEMGAN has its own loss\. .* take kgan\.GAN\(\.\.\., regularizer"),
        ({"regularizer": None}, r"^MaEMGAN has its own regularizer\. Received: regularizer=None"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        make(**arguments)


@pytest.mark.parametrize(("dataset", "stddev"), [("ring", np.sqrt(0.02)), ("grid", 0.05)])
def test_neighbours_of_points_stay_within_a_mode(dataset, stddev):
    model = presets.build(f"maemgan_{dataset}")
    farthest = 2.0 if dataset == "ring" else 4 * np.sqrt(2)
    assert model.regularizer.view.noise < stddev
    assert model.regularizer.view.angle * farthest < stddev
    assert model.discriminator.output_shape == (None, 16)
    assert model.regularizer.squared


@pytest.mark.parametrize("dataset", ["fashion_mnist", "mnist", "celeb_a", "images", "cifar10"])
def test_image_presets(dataset):
    preset = presets.get(f"maemgan_{dataset}")
    model = presets.build(f"maemgan_{dataset}", example_shape=(16, 16, 1))
    assert preset.batch_size == 64
    assert model.discriminator.output_shape == (None, 128)
    assert model.regularizer.buffer_size == 1024
    normalised = [x for x in model.discriminator.layers if "batch_norm" in x.name]
    assert bool(normalised) == (dataset == "cifar10")
    assert model.value_range == ((-1.0, 1.0) if dataset == "cifar10" else (0.0, 1.0))


@pytest.mark.parametrize("dataset", ["cifar10", "fashion_mnist"])
def test_presets_of_the_authors_code(dataset):
    preset = presets.get(f"maemgan_{dataset}_authors")
    model = presets.build(f"maemgan_{dataset}_authors", example_shape=(16, 16, 1))
    kinds = {type(x) for x in model.discriminator.layers if x.weights}
    assert kinds == {SpectralConv2D, SpectralDense}
    assert not any(x.use_bias for x in model.discriminator.layers if x.weights)
    assert (model.latent_dim, model.latent_distribution) == (64, "normal")
    assert model.discriminator.output_shape == (None, 2 * 16)
    assert model.regularizer.norm == 0
    assert (preset.batch_size, preset.learning_rate) == (64, 1e-4)
    assert (preset.beta_1, preset.beta_2) == (0.0, 0.999)
    optimizer = preset.optimizer("generator", decay_steps=360)
    for step, rate in ((0, 1e-4), (9, 1e-4), (10, 9e-5), (20, 8.1e-5)):
        optimizer.iterations.assign(step)
        assert float(optimizer.learning_rate) == pytest.approx(rate)
    assert preset.steps == (563_400 if dataset == "cifar10" else 15_625)


@pytest.mark.parametrize("width", [0, -1])
def test_an_embedding_needs_a_dimension(width):
    with pytest.raises(InputError, match=f"embedding_dim must be at least 1. Received: {width}"):
        presets.build("maemgan_grid", embedding_dim=width)


def test_images_cannot_be_turned_under_xla():
    model = kgan.MaEMGAN.from_preset("maemgan_images", example_shape=(8, 8, 1), entropy=0)
    model.compile(jit_compile=True)
    with pytest.raises(InputError, match=r"XLA cannot turn images.*use neighbours='gaussian'"):
        model.fit(np.zeros((64, 8, 8, 1), "float32"), batch_size=64, steps_per_epoch=1, verbose=0)
