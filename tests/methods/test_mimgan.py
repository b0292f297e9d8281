"""MIM-GAN's losses, its classifier, and errors. The measures are tested in tests/losses."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.special import softmax
from scipy.stats import entropy

import kgan
from kgan import GeneratorBank, InputError, networks
from kgan.classifiers import training
from kgan.data import Dataset
from kgan.methods import mimgan
from kgan.runs import Config

GENERATORS, CLASSES = 3, 4
POINTS = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")


def classifier(shape=(2,), classes=CLASSES):
    kernel = keras.initializers.RandomNormal(stddev=3.0, seed=1)
    inputs = keras.Input(shape)
    x = layers.BatchNormalization()(inputs)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(classes, kernel_initializer=kernel)(x))


def make(mixture_weights=None, **kwargs):
    keras.utils.set_random_seed(0)
    bank = GeneratorBank(networks.mlp(4, [8], 2), GENERATORS, mixture_weights=mixture_weights)
    arguments = {"classifier": classifier(), "latent_distribution": "normal", **kwargs}
    return kgan.MIMGAN(bank, networks.mlp(2, [8], 1), **arguments)


def logs_of(model):
    model.compile(keras.optimizers.SGD(0.0))
    values = model.train_step(tf.constant(POINTS)).numpy()
    model.step.assign(0)
    return dict(zip(model.log_names, values, strict=True))


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_losses_are_eq_5s(loss):
    weights = np.array([0.5, 0.3, 0.2])
    model = make(mixture_weights=weights, diversity=0.7, loss=loss, fresh_noise=False)
    logs = logs_of(model)
    latents = model.draw_latents(12, model.stream_seed(next(model._training_draws())))
    fake = model.generator(latents)
    real, made = (np.float64(model.discriminator(x))[:, 0] for x in (POINTS, fake))

    def expectation(values):
        return sum(weights[k] * values[k::GENERATORS].mean() for k in range(GENERATORS))

    probabilities = softmax(np.float64(model.classifier(fake, training=False)), axis=1)
    rows = np.stack([probabilities[k::GENERATORS].mean(0) for k in range(GENERATORS)])
    divergence = entropy(weights @ rows) - weights @ entropy(rows, axis=1)
    shared = entropy(weights) - divergence
    sign = {"non_saturating": expectation(np.logaddexp(0, -made)),
            "minimax": -expectation(np.logaddexp(0, made))}[loss]  # fmt: skip
    expected = {
        "discriminator_loss": np.logaddexp(0, -real).mean() + expectation(np.logaddexp(0, made)),
        "generator_loss": sign + 0.7 * shared,
        "shared": shared,
    }
    assert set(logs) == set(expected)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, abs=1e-5), name


@pytest.mark.parametrize("measure", ["overlap", "pairwise", "paired"])
def test_the_measure_moves_the_generators_and_nothing_else(measure):
    model = make(measure=measure, diversity=5.0, same_noise=True)
    assert not model.classifier.trainable_variables
    model.compile(keras.optimizers.SGD(0.1))
    before = {v.path: v.numpy() for v in model.variables}
    # A discriminator that says nothing: what is left is the measure.
    model.discriminator.set_weights([np.zeros_like(w) for w in model.discriminator.get_weights()])
    first = logs = None
    for _ in range(25):
        model.step.assign(0)
        values = model.train_step(tf.constant(POINTS)).numpy()
        model.discriminator.set_weights(
            [np.zeros_like(w) for w in model.discriminator.get_weights()]
        )
        logs = dict(zip(model.log_names, values, strict=True))
        first = first or logs
    assert logs["shared"] < 0.9 * first["shared"]
    for variable in model.classifier.variables:  # Its batch norm's statistics too.
        np.testing.assert_array_equal(variable.numpy(), before[variable.path])


def test_equal_generators_share_everything():
    model = make(same_noise=True)
    for k in range(GENERATORS):
        model.generator.set_generator(k, model.generator.generator(0))
    shared = logs_of(model)["shared"]
    assert shared == pytest.approx(np.log(GENERATORS), abs=1e-5)


def test_the_classifier_sees_images_from_0_to_1():
    keras.utils.set_random_seed(0)
    template = networks.lucic_generator((8, 8, 1), 4)
    looks = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2)])
    model = kgan.MIMGAN(
        GeneratorBank(template, 2),
        networks.lucic_discriminator((8, 8, 1)),
        looks,
        value_range=(-1.0, 1.0),
    )
    images = np.random.default_rng(0).uniform(0, 1, (3, 8, 8, 1)).astype("float32")
    np.testing.assert_allclose(model.classify(2 * images - 1), looks(images), atol=1e-5)


def test_the_callers_classifier_stays_trainable():
    mine = classifier()
    model = make(classifier=mine)
    assert mine.trainable and len(mine.trainable_variables) > 0
    np.testing.assert_array_equal(model.classify(POINTS), mine(POINTS))


def test_a_saved_model_has_its_classifier(tmp_path):
    model = make(measure="pairwise", diversity=0.3)
    model.compile()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert "shared" in loaded.log_names
    np.testing.assert_array_equal(loaded.classify(POINTS), model.classify(POINTS))
    assert not loaded.classifier.trainable
    assert (loaded.measure, loaded.diversity) == ("pairwise", 0.3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classifier": classifier((3,))}, r"of the shape \(2,\). Received: a classifier of \(3,"),
        ({"classifier": classifier(classes=1)}, "of 2 classes or more. Received: a classifier"),
        ({"measure": "all"}, "measure must be one of .* Received: 'all'"),
        ({"measure": "paired"}, "Received: same_noise=False; give same_noise=True"),
        ({"diversity": -1.0}, "diversity must be at least 0. Received: -1.0"),
        ({"loss": "hinge"}, "loss must be one of .* Received: 'hinge'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        make(**arguments)


def test_the_weight_is_of_the_measure():
    """A preset's is of the measure that it was found for; another one has Algorithm 1's."""

    def built(**changes):
        return kgan.MIMGAN.from_preset(
            "mimgan_images",
            example_shape=(8, 8, 1),
            classifier=classifier((8, 8, 1)),
            generators=2,
            **changes,
        )

    assert built().diversity == built(measure="overlap").diversity == 0.1
    assert built(measure="pairwise").diversity == 1.0
    assert built(measure="pairwise", diversity=0.3).diversity == 0.3
    assert make(measure="pairwise").diversity == make().diversity == 1.0
    for changes, found in (({"measure": "pairwise"}, None), ({"measure": "overlap"}, 0.1)):
        arguments = Config("mimgan", "mnist", arguments=changes).resolved().arguments
        assert arguments.get("diversity") == found


def test_a_preset_trains_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path))
    with pytest.raises(InputError, match=r"none is in the cache.*--dataset=ring --seed=0"):
        kgan.MIMGAN.from_preset("mimgan_ring")
    assert not [path for path in tmp_path.rglob("*") if "classifier" in path.name]
    ring = kgan.data.load("ring", points=64), kgan.data.load("ring", split="test", points=64)
    trained = training.train_classifier(*ring, epochs=1)
    whole = kgan.data.load("ring")
    training.save_classifier(trained, training.cache_path(whole))
    model = kgan.MIMGAN.from_preset("mimgan_ring", generators=2)
    np.testing.assert_array_equal(model.classify(POINTS), trained.model(POINTS))


def test_celeb_a_has_the_papers_two_classes():
    arguments = Config("mimgan", "celeb_a").resolved().arguments
    assert mimgan.classifier_kind(arguments) == {
        "network": "small",
        "attributes": ("Wearing_Hat", "Eyeglasses"),
        "any_attribute": True,
        "noise": None,
        "label_smoothing": 0.0,
    }
    assert (
        mimgan.classifier_kind(Config("mimgan", "mnist").resolved().arguments)["attributes"] == ()
    )


def test_too_few_samples_for_the_classes_are_warned_of():
    data = Dataset(name="points", split="train", examples=POINTS)
    with pytest.warns(UserWarning, match=r"shared 30% of what they make: 1 samples of each"):
        make().stream(data, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(samples_per_generator=12).stream(data, 4)
        make(diversity=0.0).stream(data, 4)


def test_an_untrained_classifier_is_warned_of():
    labels = (POINTS[:, 0] > 0).astype(int)
    data = Dataset(name="halves", split="train", examples=POINTS, labels=labels)
    wrong = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    wrong.set_weights([np.array([[1.0, -1.0], [0.0, 0.0]]), np.zeros(2)])
    with pytest.warns(UserWarning, match=r"gets 0.0% of 12 examples of 'halves' right"):
        make(classifier=wrong, samples_per_generator=12).stream(data, 6)
    right = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    right.set_weights([np.array([[-1.0, 1.0], [0.0, 0.0]]), np.zeros(2)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(classifier=right, samples_per_generator=12).stream(data, 6)
