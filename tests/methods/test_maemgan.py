"""MaEM-GAN: loss, arguments, presets, what it says of samples, files, errors."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan import InputError, networks, presets
from kgan.data import Dataset

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
    "fresh_noise": False,
    "latent_distribution": "uniform",
    "discriminator_steps": 2,
    "penalty": "gradient",
    "seed": 3,
}


def make(**kwargs):
    keras.utils.set_random_seed(1)
    return kgan.MaEMGAN(networks.mlp(3, [8], 2), networks.mlp(2, [8], 5), **kwargs)


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
    assert (fakes[0] != fakes[1]).any()  # Algorithm 1, line 16: new noise.


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
    model = make(**OPTIONS)
    assert all(getattr(model.regularizer, name) == OPTIONS[name] for name in names)
    model.compile(keras.optimizers.Adam(1e-3))
    model.fit(DATA, batch_size=8, steps_per_epoch=3, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    config = loaded.get_config()
    assert {name: config[name] for name in OPTIONS} == OPTIONS
    assert not {"loss", "regularizer"} & set(config)
    for one in (model, loaded):
        one.fit(DATA, batch_size=8, steps_per_epoch=3, verbose=0)
    for a, b in zip(model.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert int(loaded.regularizer.real_codes.pushed) == 6 * 2 * 8


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


@pytest.mark.parametrize("width", [0, -1])
def test_an_embedding_needs_a_dimension(width):
    with pytest.raises(InputError, match=f"embedding_dim must be at least 1. Received: {width}"):
        presets.build("maemgan_grid", embedding_dim=width)


def test_images_cannot_be_turned_under_xla():
    model = kgan.MaEMGAN.from_preset("maemgan_images", example_shape=(8, 8, 1), entropy=0)
    model.compile(jit_compile=True)
    with pytest.raises(InputError, match=r"XLA cannot turn images.*use neighbours='gaussian'"):
        model.fit(np.zeros((64, 8, 8, 1), "float32"), batch_size=64, steps_per_epoch=1, verbose=0)
