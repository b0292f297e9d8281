"""Feature networks: what they return, in which range, and what they refuse."""

import keras
import numpy as np
import pytest
from scipy.special import softmax

from kgan.classifiers.features import weights_digest
from kgan.errors import InputError
from kgan.metrics import FeatureNetwork


@pytest.fixture
def classifier():
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Dense(3, name="features")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Dense(5, use_bias=False)(x))


def test_features_and_probabilities(classifier):
    network = FeatureNetwork.from_classifier(classifier, "tiny_classifier-91.00")
    images = np.random.default_rng(0).random((1_203, 4, 4, 1)).astype("float32")
    kernel, bias, last = classifier.get_weights()
    features = images.reshape(-1, 16).astype(float) @ kernel + bias
    assert network.features(images) == pytest.approx(features, abs=1e-5)
    probabilities = network.probabilities(images)
    assert probabilities == pytest.approx(softmax(features @ last, axis=1), abs=1e-5)
    assert probabilities.dtype == np.float64
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-12)


def test_value_ranges_are_converted(classifier):
    network = FeatureNetwork.from_classifier(classifier, "tiny")
    images = np.random.default_rng(0).random((10, 4, 4, 1))
    expected = network.features(images)
    assert network.features(images * 2 - 1, (-1, 1)) == pytest.approx(expected, abs=1e-5)
    assert network.features(images * 255, (0, 255)) == pytest.approx(expected, abs=1e-4)
    symmetric = FeatureNetwork.from_classifier(classifier, "tiny", value_range=(-1, 1))
    assert symmetric.features((images + 1) / 2, (0, 1)) == pytest.approx(expected, abs=1e-5)


def test_name_tells_the_weights(classifier):
    name = FeatureNetwork.from_classifier(classifier, "tiny").name
    assert name == f"tiny-{weights_digest(classifier)}"
    assert len(name) == len("tiny-") + 8
    weights = classifier.get_weights()
    weights[0][0, 0] += 1e-3
    classifier.set_weights(weights)
    assert FeatureNetwork.from_classifier(classifier, "tiny").name != name


def test_bad_input(classifier):
    network = FeatureNetwork.from_classifier(classifier, "tiny")
    with pytest.raises(InputError, match=r"takes images \(n, 4, 4, 1\)"):
        network.features(np.zeros((2, 5, 4, 1)))
    with pytest.raises(InputError, match="n > 0"):
        network.probabilities(np.zeros((0, 4, 4, 1)))
    with pytest.raises(InputError, match="finite"):
        network.predict(np.full((2, 4, 4, 1), np.nan))
    no_features = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    with pytest.raises(InputError, match="layer named 'features'"):
        FeatureNetwork.from_classifier(no_features, "tiny")
