"""A classifier of channels against its single one, applied by hand."""

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from kgan.errors import InputError
from kgan.metrics import FeatureNetwork
from kgan.networks.classifiers import image_classifier, stacked_classifier


@pytest.fixture(scope="module")
def single():
    return image_classifier((8, 8, 1), 4, seed=3)


def test_modes_are_products_of_the_channels_probabilities(single):
    images = np.random.default_rng(0).uniform(size=(5, 8, 8, 3)).astype("float32")
    logs = [log_softmax(single(images[..., c : c + 1]).numpy(), axis=1) for c in range(3)]
    expected = logs[0][:, :, None, None] + logs[1][:, None, :, None] + logs[2][:, None, None, :]
    model = stacked_classifier(single)
    assert model.output_shape == (None, 64)
    np.testing.assert_allclose(model(images), expected.reshape(5, 64), rtol=1e-5, atol=1e-5)


def test_an_image_alone_is_classified_as_among_others(single):
    images = np.random.default_rng(2).uniform(size=(2, 8, 8, 3)).astype("float32")
    network = FeatureNetwork.from_classifier(stacked_classifier(single), "three")
    alone = network.predict(images[:1])[1]
    np.testing.assert_allclose(alone, network.predict(images)[1][:1], rtol=1e-5, atol=1e-5)


def test_it_measures_and_survives_saving(single, tmp_path):
    images = np.random.default_rng(1).uniform(size=(6, 8, 8, 2)).astype("float32")
    model = stacked_classifier(single, 2)
    features, logits = FeatureNetwork.from_classifier(model, "both").predict(images)
    apart = FeatureNetwork.from_classifier(single, "one")
    expected = [apart.features(images[..., c : c + 1]) for c in range(2)]
    np.testing.assert_allclose(features, np.concatenate(expected, axis=1), atol=1e-5)
    np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1, rtol=1e-5)
    model.save(tmp_path / "both.keras")
    again = keras.models.load_model(tmp_path / "both.keras")
    np.testing.assert_array_equal(again.predict_on_batch(images), logits)


def test_other_classifiers_are_refused(single):
    with pytest.raises(InputError, match=r"classifier of images \(height, width, 1\)"):
        stacked_classifier(image_classifier((8, 8, 3), 4))
    with pytest.raises(InputError, match="'features'"):
        stacked_classifier(keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()]))
