"""The data set's classifier: training, its files, its cache. Synthetic images; see docs/results."""

import json
import logging

import numpy as np
import pytest

from kgan.data import Dataset
from kgan.errors import DataError, InputError, RunError
from kgan.training import classifier
from kgan.training.classifier import (
    cache_path,
    cached_classifier,
    load_classifier,
    save_classifier,
    train_classifier,
)


def stripes(count, split, seed=0, name="stripes"):
    """8x8 images of three classes: rows, columns or a plain grey, with noise."""
    rng = np.random.default_rng([seed, split == "test"])
    labels = rng.integers(0, 3, count)
    pixels = rng.integers(0, 60, (count, 8, 8, 1))
    pixels[labels == 0, ::2] += 150
    pixels[labels == 1, :, ::2] += 150
    pixels[labels == 2] += 75
    return Dataset(name, split, pixels.astype("uint8"), labels)


TRAIN, TEST = stripes(400, "train"), stripes(200, "test")


@pytest.fixture(scope="module")
def trained():
    return train_classifier(TRAIN, TEST, epochs=8, batch_size=50, seed=1)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_learns_and_tells(trained):
    logits = trained.model.predict_on_batch(TEST.floats())
    assert trained.accuracy == np.mean(logits.argmax(1) == TEST.labels)
    assert trained.accuracy > 0.95
    record = trained.record
    assert (record["dataset"], record["image_shape"], record["classes"]) == (
        "stripes",
        [8, 8, 1],
        3,
    )
    assert (record["seed"], record["epochs"], record["batch_size"]) == (1, 8, 50)
    assert record["steps"] == 8 * 400 / 50
    name = trained.feature_network().name
    assert name.startswith(f"stripes_classifier-{100 * trained.accuracy:.2f}-")


def test_the_seed_decides(trained):
    again = train_classifier(TRAIN, TEST, epochs=8, batch_size=50, seed=1)
    for one, two in zip(trained.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_value_range_of_the_data_does_not_matter(trained):
    symmetric = [dataset.with_value_range((-1, 1)) for dataset in (TRAIN, TEST)]
    again = train_classifier(*symmetric, epochs=8, batch_size=50, seed=1)
    np.testing.assert_array_equal(again.model.get_weights()[0], trained.model.get_weights()[0])
    assert again.accuracy == trained.accuracy


def test_default_epochs(monkeypatch):
    taken = []
    monkeypatch.setattr(classifier, "_fit", lambda model, train, steps, *_: taken.append(steps))
    train_classifier(stripes(200, "train"), TEST)
    train_classifier(stripes(50, "train"), TEST)  # Fewer images than a batch.
    train_classifier(stripes(30_000, "train"), TEST)
    train_classifier(stripes(400_000, "train"), TEST)
    assert taken == [63, 40, 1_875, 3_125]


def test_poor_accuracy_is_warned_of(caplog):
    with caplog.at_level(logging.WARNING):
        poor = train_classifier(TRAIN, stripes(200, "test"), epochs=1, batch_size=400)
    assert poor.accuracy < 0.8
    assert "of the test images only" in caplog.text


def test_bad_arguments():
    unlabelled = Dataset("plain", "train", TRAIN.examples)
    attributes = Dataset("faces", "train", TRAIN.examples, np.zeros((400, 5), int))
    points = Dataset("points", "train", np.zeros((5, 2), "float32"), np.zeros(5, int))
    one_class = Dataset("one", "train", TRAIN.examples, np.zeros(400, int))
    for train in (unlabelled, attributes, points):
        with pytest.raises(InputError, match="one class each"):
            train_classifier(train, TEST)
    with pytest.raises(InputError, match="2 classes"):
        train_classifier(one_class, one_class)
    for options in ({"epochs": 0}, {"batch_size": 0}, {"epochs": -3}, {"seed": -1}):
        with pytest.raises(InputError, match="at least"):
            train_classifier(TRAIN, TEST, **options)


def test_save_and_load(trained, tmp_path):
    path = tmp_path / "new" / "stripes.keras"
    save_classifier(trained, path)
    assert {file.name for file in path.parent.iterdir()} == {"stripes.keras", "stripes.json"}
    loaded = load_classifier(path)
    assert loaded.record == trained.record
    images = TEST.floats()
    np.testing.assert_array_equal(
        loaded.feature_network().features(images), trained.feature_network().features(images)
    )
    assert loaded.feature_network().name == trained.feature_network().name


def test_broken_files_are_refused(trained, tmp_path):
    path = tmp_path / "stripes.keras"
    with pytest.raises(DataError, match="no classifier at"):
        load_classifier(path)
    save_classifier(trained, path)
    record, content = path.with_suffix(".json").read_text(), path.read_bytes()
    path.write_bytes(content[:1000])
    with pytest.raises(DataError, match="do not belong together"):
        load_classifier(path)
    path.write_bytes(content)
    for broken in ("", "[]", "{}", record[:20]):
        path.with_suffix(".json").write_text(broken)
        with pytest.raises(DataError, match="is broken"):
            load_classifier(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(DataError, match="is broken"):
        load_classifier(path)


def test_unwritable_places(trained, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be written"):
        save_classifier(trained, tmp_path / "file" / "stripes.keras")
    with pytest.raises(InputError, match=r"end in \.keras"):
        save_classifier(trained, tmp_path / "stripes.h5")


@pytest.fixture
def quick(monkeypatch, trained):
    """Training in no time; returns the list of the trainings."""
    calls = []

    def train(*datasets):
        calls.append(datasets)
        return trained

    monkeypatch.setattr(classifier, "train_classifier", train)
    return calls


def test_cache_is_used(cache, quick, trained):
    first, second = cached_classifier(TRAIN, TEST), cached_classifier(TRAIN, TEST)
    assert len(quick) == 1
    assert first.feature_network().name == second.feature_network().name
    path = cache_path(TRAIN)
    assert path.parent == cache / "classifiers"
    assert json.loads(path.with_suffix(".json").read_text())["accuracy"] == trained.accuracy


def test_broken_cache_is_trained_again(cache, quick, caplog):
    cached_classifier(TRAIN, TEST)
    cache_path(TRAIN).write_bytes(b"broken")
    with caplog.at_level(logging.WARNING):
        cached_classifier(TRAIN, TEST)
    assert "It is trained again" in caplog.text
    assert len(quick) == 2
    cached_classifier(TRAIN, TEST)
    assert len(quick) == 2


def test_unwritable_cache_is_a_warning(cache, quick, trained, caplog):
    cache.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert cached_classifier(TRAIN, TEST) is trained
    assert "is not kept" in caplog.text


def test_cache_tells_sets_apart(cache):
    other_images, other_name = stripes(400, "train", seed=1), stripes(400, "train", name="a/b")
    other_labels = Dataset("stripes", "train", TRAIN.examples, TRAIN.labels[::-1].copy())
    sets = [TRAIN, other_images, other_name, other_labels]
    assert len({cache_path(dataset) for dataset in sets}) == 4
    assert cache_path(stripes(400, "train")) == cache_path(TRAIN)
    assert cache_path(other_name).name.startswith("a_b-8x8x1-")


def test_cache_places(monkeypatch, tmp_path):
    monkeypatch.delenv("KGAN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_path(TRAIN).parent == tmp_path / "kgan" / "classifiers"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_path(TRAIN).parent == tmp_path / ".cache" / "kgan" / "classifiers"
