"""The data set's classifier: training, its files, its cache. Synthetic data; see docs/results."""

import dataclasses
import json
import logging
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from kgan.classifiers import training as classifier
from kgan.classifiers.training import (
    cache_path,
    cached_classifier,
    load_classifier,
    save_classifier,
    train_classifier,
)
from kgan.data import Dataset, load
from kgan.errors import DataError, InputError, RunError


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
    monkeypatch.setattr(classifier, "_fit", lambda model, train, plan: taken.append(plan.steps))
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


def test_saying_the_commonest_class_is_warned_of(caplog, monkeypatch):
    monkeypatch.setattr(classifier, "_fit", lambda *_: None)
    monkeypatch.setattr(classifier, "_accuracy", lambda *_: 0.9)
    rare = Dataset("rare", "test", TEST.examples, (np.arange(200) % 10 == 0).astype(int))
    with caplog.at_level(logging.WARNING):
        train_classifier(rare, rare)
    assert "right in 90.0% of the test images only, and 90.0% have the commonest" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        train_classifier(TRAIN, TEST)
    assert not caplog.records


def test_bad_arguments():
    unlabelled = Dataset("plain", "train", TRAIN.examples)
    attributes = Dataset("faces", "train", TRAIN.examples, np.zeros((400, 5), int))
    points = Dataset("points", "train", np.zeros((5, 2), "float32"), np.zeros(5, int))
    one_class = Dataset("one", "train", TRAIN.examples, np.zeros(400, int))
    for train in (unlabelled, attributes):
        with pytest.raises(InputError, match="one class each"):
            train_classifier(train, TEST)
    with pytest.raises(InputError, match=r"one shape. Received: \(2,\) and \(8, 8, 1\)"):
        train_classifier(points, TEST)
    for only in (one_class, points):
        with pytest.raises(InputError, match="2 classes"):
            train_classifier(only, only)
    for options in (
        {"epochs": 0},
        {"batch_size": 0},
        {"epochs": -3},
        {"seed": -1},
        {"noise": -0.1},
    ):
        with pytest.raises(InputError, match="at least"):
            train_classifier(TRAIN, TEST, **options)
    for smoothing in (-0.1, 1.0):
        with pytest.raises(InputError, match=r"must lie in \[0, 1\)"):
            train_classifier(TRAIN, TEST, label_smoothing=smoothing)
    for noise in (math.nan, math.inf):
        with pytest.raises(InputError, match=r"finite|a number"):
            train_classifier(TRAIN, TEST, noise=noise)
    with pytest.raises(InputError, match=r"network must be one of .* Received: 'large'"):
        train_classifier(TRAIN, TEST, network="large")


RINGS = [load("ring", split=split, points=20_000) for split in ("train", "test")]


@pytest.fixture(scope="module")
def on_ring():
    return train_classifier(*RINGS)


def predictions(trained, points):
    return softmax(trained.model.predict_on_batch(points).astype("float64"), axis=1)


def posterior(mixture, points, noise):
    """Probabilities of the modes, each widened by the noise, in closed form."""
    squares = ((points[:, None] - mixture.means) ** 2).sum(axis=2)
    return softmax(-squares / (2 * (mixture.std**2 + noise**2)), axis=1)


def test_points_and_what_is_told(on_ring):
    record = on_ring.record
    assert on_ring.accuracy == 1
    assert (record["dataset"], record["image_shape"], record["classes"]) == ("ring", [2], 8)
    # A third of the chord between neighbours on the circle of radius 2.
    assert record["noise"] == pytest.approx(4 * math.sin(math.pi / 8) / 3, rel=0.01)
    assert record["steps"] == math.ceil(6 * 20_000 / 128)  # 1,000 in whole epochs.
    assert (record["network"], record["label_smoothing"]) == ("small", 0)
    assert on_ring.feature_network().features(RINGS[1].examples[:9]).shape == (9, 64)


def test_points_have_the_posterior_under_noise(on_ring):
    train, test = RINGS
    points, noise = test.examples[:2_000], on_ring.record["noise"]
    noisy = points + noise * np.random.default_rng(0).standard_normal(points.shape)
    between = np.float32(np.linspace(train.mixture.means[0], train.mixture.means[1], 50))
    for places in (points, noisy.astype("float32"), between):
        differences = predictions(on_ring, places) - posterior(train.mixture, places, noise)
        assert abs(differences).sum(axis=1).mean() / 2 < 0.03
    # Soft, not certain: at a mode, too, moving to the next changes the prediction.
    centre = tf.Variable(train.mixture.means[:1], dtype=tf.float32)
    with tf.GradientTape() as tape:
        own = tf.nn.softmax(on_ring.model(centre))[0, 0]
    assert 0.9 < float(own) < 0.99
    assert np.linalg.norm(tape.gradient(own, centre)[0]) > 0.01


def test_noise_decides_how_soft(on_ring):
    sharp = train_classifier(*RINGS, noise=0.2)
    middle = np.float32([0.6 * RINGS[0].mixture.means[0] + 0.4 * RINGS[0].mixture.means[1]])
    found = [predictions(trained, middle)[0, 0] for trained in (on_ring, sharp)]
    expected = [
        posterior(RINGS[0].mixture, middle, noise)[0, 0] for noise in (on_ring.record["noise"], 0.2)
    ]
    np.testing.assert_allclose(found, expected, atol=0.05)
    assert expected[1] > expected[0] + 0.2


def test_seed_decides_the_noise():
    first, same, other = (
        train_classifier(*RINGS, epochs=1, batch_size=4_000, seed=seed).model.get_weights()
        for seed in (1, 1, 2)
    )
    for one, two in zip(first, same, strict=True):
        np.testing.assert_array_equal(one, two)
    assert (first[0] != other[0]).any()


def test_points_of_any_place_and_size():
    rng = np.random.default_rng(0)
    labels = np.arange(2_000) % 2
    points = np.stack([5e4 + 100 * labels, 7e-4 * labels], axis=1) + rng.normal(0, 5, (2_000, 2))
    far = [Dataset("far", split, points.astype("float32"), labels) for split in ("train", "test")]
    assert train_classifier(*far, epochs=10).accuracy > 0.99


def test_image_noise_and_smoothing_make_it_less_certain(trained):
    smooth = train_classifier(TRAIN, TEST, epochs=8, batch_size=50, seed=1, label_smoothing=0.3)
    noisy = train_classifier(TRAIN, TEST, epochs=8, batch_size=50, seed=1, noise=4.0)
    images = TEST.floats()
    certain, smoothed, blurred = (
        predictions(each, images).max(axis=1).mean() for each in (trained, smooth, noisy)
    )
    assert certain > 0.95
    assert smoothed == pytest.approx(0.7 + 0.3 / 3, abs=0.06)
    assert blurred < certain - 0.1
    assert (smooth.record["label_smoothing"], noisy.record["noise"]) == (0.3, 4)
    assert smooth.accuracy > 0.9


def with_attributes(dataset):
    """Rows and columns as attributes, and one of chance."""
    chance = np.random.default_rng(1).integers(0, 2, len(dataset))
    labels = np.stack([chance, dataset.labels == 0, dataset.labels == 1], axis=1).astype(int)
    names = ("chance", "rows", "columns")
    return Dataset("faces", dataset.split, dataset.examples, labels, class_names=names)


def test_chosen_attributes_are_learnt(cache):
    faces = [with_attributes(dataset) for dataset in (TRAIN, TEST)]
    chosen = ("columns", "rows")
    trained = train_classifier(*faces, attributes=chosen, epochs=8, batch_size=50, seed=1)
    assert trained.accuracy > 0.95
    assert trained.record["classes"] == 4
    assert trained.record["class_names"][1] == "columns, no rows"
    # 0: neither, 1: columns, 2: rows.
    numbers = predictions(trained, TEST.floats()).argmax(axis=1)
    assert np.mean(numbers == np.array([2, 1, 0])[TEST.labels]) == trained.accuracy
    with pytest.raises(InputError, match="choose attributes"):
        train_classifier(*faces)
    paths = {cache_path(faces[0], attributes=names) for names in (chosen, chosen[:1], ("chance",))}
    assert len(paths) == 3


def test_inception_is_built_for_the_size(monkeypatch):
    built = []

    def inception_v4(image_shape, classes, *, resize=None, seed=0):
        built.append((image_shape, classes, resize, seed))
        return classifier.image_classifier(image_shape, classes)

    module = ModuleType("kgan.networks.inception")
    module.inception_v4 = inception_v4
    monkeypatch.setitem(sys.modules, "kgan.networks.inception", module)
    monkeypatch.setattr(classifier, "_fit", lambda *_: None)
    options = {"network": "inception_v4", "seed": 5}
    assert train_classifier(TRAIN, TEST, **options).record["network"] == "inception_v4"
    large = Dataset("large", "train", np.zeros((4, 80, 75, 3), "uint8"), np.arange(4) % 2)
    train_classifier(large, large, **options)
    assert built == [((8, 8, 1), 3, 75, 5), ((80, 75, 3), 2, None, 5)]
    with pytest.raises(InputError, match=r"classifies images\. Received: the points 'ring'"):
        train_classifier(*RINGS, **options)


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

    def train(*datasets, **kind):
        calls.append((*datasets, kind))
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


def test_runs_side_by_side_share_one(cache, monkeypatch, trained):
    """Who comes second waits, and reads what the first has trained."""
    calls = []

    def train(*datasets, **kind):
        calls.append(datasets)
        time.sleep(0.5)
        return trained

    monkeypatch.setattr(classifier, "train_classifier", train)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: cached_classifier(TRAIN, TEST), range(2)))
    assert len(calls) == 1
    assert len({one.feature_network().name for one in found}) == 1


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


def test_names_in_the_cache_are_those_of_old():
    """Written by kgan before it knew points, attributes and networks."""
    images = np.arange(120)[:, None, None, None] * 7 + np.arange(64).reshape(8, 8, 1) * 13
    pinned = Dataset("pinned/x", "train", (images % 251).astype("uint8"), np.arange(120) % 3)
    assert cache_path(pinned).name == "pinned_x-8x8x1-5aa29667.keras"


def test_kinds_have_files_of_their_own(cache, quick):
    kinds = [
        {},
        {"network": "inception_v4"},
        {"noise": 0.0},
        {"noise": 0.3},
        {"label_smoothing": 0.1},
        {"noise": 0.3, "label_smoothing": 0.1},
    ]
    for kind in kinds:
        cached_classifier(TRAIN, TEST, **kind)
    assert [call[-1] for call in quick] == kinds
    names = {path.stem.split("-", 3)[-1] for path in (cache / "classifiers").glob("*.keras")}
    assert names >= {"inception_v4", "noise0", "noise0.3", "smoothing0.1", "noise0.3-smoothing0.1"}
    cached_classifier(TRAIN, TEST, noise=0.3)
    assert len(quick) == len(kinds)
    assert cache_path(RINGS[0]).name.startswith("ring-2-")


def test_cache_places(monkeypatch, tmp_path):
    monkeypatch.delenv("KGAN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_path(TRAIN).parent == tmp_path / "kgan" / "classifiers"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_path(TRAIN).parent == tmp_path / ".cache" / "kgan" / "classifiers"


def test_what_is_no_classifier_is_left_as_it_is(trained, tmp_path):
    mine = {"a.keras": "weeks of training", "b.json": '{"settings": 1}', "c.probe": "measured"}
    for name, text in mine.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=r"a\.keras is there and is no classifier of kgan's"):
        save_classifier(trained, tmp_path / "a.keras")
    with pytest.raises(InputError, match=r"b\.json is there and is no classifier's record"):
        save_classifier(trained, tmp_path / "b.keras")
    for _ in range(2):  # Its own it replaces.
        save_classifier(trained, tmp_path / "c.keras")
    assert {name: (tmp_path / name).read_text() for name in mine} == mine
    assert {path.name for path in tmp_path.iterdir()} == {*mine, "c.keras", "c.json"}


def test_two_that_write_one_classifier_leave_a_pair(trained, tmp_path):
    path = tmp_path / "stripes.keras"
    other = dataclasses.replace(trained, record={**trained.record, "accuracy": 0.5})
    with ThreadPoolExecutor(4) as pool:
        for written in [pool.submit(save_classifier, t, path) for t in (trained, other) * 4]:
            written.result()
    assert load_classifier(path).accuracy in (trained.accuracy, 0.5)
