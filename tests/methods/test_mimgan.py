"""MIM-GAN's losses, its classifier, and errors. The measures are tested in tests/losses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.special import softmax
from scipy.stats import entropy

import kgan
from kgan import GeneratorBank, InputError, networks
from kgan.data import Dataset

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
    latents = model.draw_latents(12, model._stream_seed(next(model._training_draws())))
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
        "mutual_information": shared,
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
    assert logs["mutual_information"] < 0.9 * first["mutual_information"]
    for variable in model.classifier.variables:  # Its batch norm's statistics too.
        np.testing.assert_array_equal(variable.numpy(), before[variable.path])


def test_equal_generators_share_everything():
    model = make(same_noise=True)
    for k in range(GENERATORS):
        model.generator.set_generator(k, model.generator.generator(0))
    shared = logs_of(model)["mutual_information"]
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


def test_an_untrained_classifier_is_warned_of():
    labels = (POINTS[:, 0] > 0).astype(int)
    data = Dataset(name="halves", split="train", examples=POINTS, labels=labels)
    wrong = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    wrong.set_weights([np.array([[1.0, -1.0], [0.0, 0.0]]), np.zeros(2)])
    with pytest.warns(UserWarning, match=r"gets 0.0% of 12 examples of 'halves' right"):
        make(classifier=wrong).stream(data, 6)
    right = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    right.set_weights([np.array([[-1.0, 1.0], [0.0, 0.0]]), np.zeros(2)])
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(classifier=right).stream(data, 6)
