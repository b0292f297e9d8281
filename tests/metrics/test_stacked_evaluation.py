"""Stacked images through `evaluate`: their pixels tell their classes, so counts are known."""

import keras
import numpy as np
import pytest

from kgan.classifiers import training as classifier
from kgan.data import Dataset, StackedImages, load
from kgan.errors import InputError
from kgan.metrics import evaluate
from kgan.metrics.stacked import stacked_scores


def row_classifier():
    """Right about every image of `digits`: the brightest of ten pairs of rows."""
    rows = np.zeros((28, 28, 10), np.float32)
    for label in range(10):
        rows[2 * label + 4 : 2 * label + 6, :, label] = 1 / 56
    inputs = keras.Input((28, 28, 1))
    flat = keras.layers.Flatten()(inputs)
    features = keras.layers.Dense(10, use_bias=False, name="features")(flat)
    model = keras.Model(inputs, keras.layers.Dense(10, use_bias=False)(features))
    model.set_weights([rows.reshape(784, 10), 30 * np.eye(10, dtype=np.float32)])
    record = {"dataset": "mnist", "image_shape": [28, 28, 1], "classes": 10, "accuracy": 1.0}
    return classifier.TrainedClassifier(model, record)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Images of ten classes, a bright pair of rows each, as a file for stacked_mnist."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("digits")
        patch.setenv("KGAN_CACHE", str(folder / "cache"))
        labels = np.arange(1_000) % 10
        images = np.random.default_rng(0).integers(0, 60, (1_000, 28, 28), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[2 * label + 4 : 2 * label + 6] = 255
        path = folder / "rows.npz"
        np.savez(path, x_train=images, y_train=labels, x_test=images[:200], y_test=labels[:200])
        train = load("mnist", data_dir=path)
        classifier.save_classifier(row_classifier(), classifier.cache_path(train))
        yield path


def test_hand_made_scores():
    weights = np.array([0.5, 0.25, 0.125, 0.125])
    scores = stacked_scores(np.eye(4)[[0, 0, 1, 1]], weights)
    assert (scores["modes_total"], scores["modes_covered"]) == (4, 2)
    assert scores["reverse_kl"] == pytest.approx(0.5 * np.log(2))
    assert stacked_scores(np.eye(4)[[0, 0, 0, 0, 1, 1, 2, 3]], weights)["reverse_kl"] == 0
    with pytest.raises(InputError, match=r"4 modes need a classifier of as many.*one of 3"):
        stacked_scores(np.eye(3), weights)


def test_samples_of_known_modes(digits):
    train = load("stacked_mnist", data_dir=digits)
    wanted = np.flatnonzero(train.labels < 250)[:2_000]

    def some(samples, seed):
        return train.floats(wanted[:samples])

    found = evaluate(some, train, samples=2_000, data_dir=digits)
    true = np.bincount(train.labels[wanted], minlength=1_000)
    assert found["class_histogram"] == true.tolist()
    assert found["modes_total"] == 1_000
    assert found["modes_covered"] == (true > 0).sum()
    assert found["reverse_kl"] == pytest.approx(np.log(4), abs=0.1)
    assert found["balance_p_value"] < 1e-10
    # Real against real: about 1,000 (1 - e^-2) of the modes, and the bias of the divergence.
    real = found["real"]
    assert real["modes_covered"] == pytest.approx(1_000 * (1 - np.exp(-2)), abs=40)
    assert 0.15 < real["reverse_kl"] < 0.4
    assert real["balance_p_value"] > 1e-4


def test_the_single_sets_classifier_is_used_and_nothing_else_is_kept(digits):
    train, test = (load("stacked_mnist", split=s, data_dir=digits) for s in ("train", "test"))
    trained = classifier.cached_classifier(train, test)
    assert trained.record["dataset"] == "stacked_mnist"
    assert trained.record["classes"] == 1_000
    single = load("mnist", data_dir=digits)
    path = classifier.cache_path(single)
    assert [file.name for file in path.parent.glob("*.keras")] == [path.name]
    network = classifier.load_feature_network(path, train)
    assert network.name == trained.feature_network().name
    assert network.image_shape == (28, 28, 3)
    with pytest.raises(InputError, match="is that of 'mnist' on each channel"):
        classifier.train_classifier(train, test)


def test_stacked_images_are_recognised_by_their_examples():
    base = Dataset("d", "train", np.zeros((20, 8, 8, 1), np.uint8), labels=np.arange(20) % 2)
    images = StackedImages(base, 30, seed=0)
    assert Dataset("s", "train", images, images.labels).num_classes in (7, 8)
