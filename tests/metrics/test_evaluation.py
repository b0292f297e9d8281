"""`evaluate`: its keys and numbers, for points and for images."""

import json
import warnings

import numpy as np
import pytest

from kgan import data, metrics
from kgan.classifiers import training
from kgan.errors import InputError
from kgan.game import averaging
from kgan.metrics import evaluation, real_data

POINT_KEYS = {
    "modes_total",
    "modes_covered",
    "modes_strict",
    "high_quality",
    "reverse_kl",
    "reverse_kl_nearest",
    "balance_chi_square",
    "balance_p_value",
    "symmetric_kl",
    "wasserstein",
    "mode_counts",
    "mode_spread",
}
CLASS_KEYS = {"classifier_score", "mode_score", "class_histogram", "classes_covered"}
CLASS_KEYS |= {"inception_variance"}
CLASS_KEYS |= {"balance_chi_square", "balance_p_value"}
FEATURE_KEYS = {"frechet_distance", "precision", "recall", "density", "coverage"}
FEATURE_KEYS |= {"f_8", "f_1_8", "feature_spread", "mode_spread"}


class OneMode:
    """A generator that collapsed onto a mode of the ring."""

    def sample(self, count, seed):
        noise = np.random.default_rng(seed).standard_normal((count, 2))
        return (np.array([2.0, 0.0]) + 0.01 * noise).astype("float32")


@pytest.fixture
def ring():
    return data.load("ring", points=100)


def test_points_of_a_collapsed_generator(ring):
    found = metrics.evaluate(OneMode(), ring, samples=2_000, seed=3)
    assert json.loads(json.dumps(found)) == found
    assert found.keys() == {"samples", "seed", "real"} | POINT_KEYS
    assert (found["samples"], found["seed"]) == (2_000, 3)
    assert (found["modes_total"], found["modes_covered"], found["modes_strict"]) == (8, 1, 1)
    assert found["mode_counts"] == [2_000, 0, 0, 0, 0, 0, 0, 0]
    assert found["high_quality"] == 1
    assert found["mode_spread"] == pytest.approx(0.01 / np.sqrt(0.02), rel=0.05)
    assert found["reverse_kl"] == pytest.approx(np.log(8))
    assert found["reverse_kl_nearest"] == pytest.approx(np.log(8))
    # All in one of eight: 1,750^2 / 250 + 7 * 250.
    assert found["balance_chi_square"] == pytest.approx(14_000)
    assert found["balance_p_value"] == 0
    # From (2, 0) to each of eight evenly spread places on a circle of radius 2.
    chords = 4 * np.sin(np.arange(8) * np.pi / 8)
    assert found["wasserstein"] == pytest.approx(chords.mean(), rel=0.08)
    real = found["real"]
    assert real.keys() == {"samples"} | POINT_KEYS
    assert real["modes_strict"] == 8
    assert real["high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.01)
    assert real["balance_chi_square"] < 30
    assert real["balance_p_value"] > 1e-4
    assert real["symmetric_kl"] < found["symmetric_kl"] / 10
    assert real["wasserstein"] < 0.1


def test_points_are_the_seeds():
    ring = data.load("ring", points=100, std=0.01)

    def source(count, seed):
        return ring.mixture.sample(count, seed)[0]

    first, again, other = (
        metrics.evaluate(source, ring, samples=500, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first["mode_counts"] != other["mode_counts"]
    assert first["real"]["mode_counts"] != other["real"]["mode_counts"]
    assert first["mode_counts"] != first["real"]["mode_counts"]


def test_modes_of_weight_zero_do_not_count():
    weights = [0.5, 0.0, 0.5]
    mixture = data.mixture([[0, 0], [5, 5], [9, 0]], std=0.1, weights=weights)
    points, labels = mixture.sample(100, 0)
    dataset = data.Dataset("mine", "train", points, labels, mixture=mixture)
    found = metrics.evaluate(lambda n, seed: mixture.sample(n, seed)[0], dataset, samples=400)
    assert (found["modes_total"], found["modes_covered"]) == (2, 2)
    assert found["reverse_kl_nearest"] < 0.01


def test_a_name_is_loaded():
    found = metrics.evaluate(OneMode(), "ring", samples=50)
    assert found["modes_total"] == 8


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (lambda n, seed: np.zeros((n, 3), "float32"), {}, "shape"),
        (lambda n, seed: np.zeros((n - 1, 2), "float32"), {}, "shape"),
        (lambda n, seed: np.zeros((n, 2), int), {}, "floats"),
        (lambda n, seed: np.full((n, 2), np.nan, "float32"), {}, "NaN or infinite values in 50"),
        (OneMode(), {"samples": 1}, "samples >= 2"),
        (OneMode(), {"seed": -1}, "seed >= 0"),
        ("nothing", {}, "Received: str"),
    ],
)
def test_bad_points(ring, source, options, message):
    with pytest.raises(InputError, match=message):
        metrics.evaluate(source, ring, **{"samples": 50, **options})


def test_points_need_a_mixture():
    points = data.Dataset("mine", "train", np.zeros((5, 2), "float32"))
    with pytest.raises(InputError, match="mixture"):
        metrics.evaluate(OneMode(), points, samples=10)


@pytest.fixture
def network(halves):
    return halves


def features(images):
    """The network's, in NumPy."""
    return np.stack([images[:, :, :4].mean((1, 2, 3)), images[:, :, 4:].mean((1, 2, 3))], axis=1)


def test_images(archive, network):
    dataset = data.load("npz", data_dir=archive)
    test = data.load("npz", data_dir=archive, split="test")

    def real_half(count, seed):
        return dataset.floats(dataset.labels == 0)[:count]

    found = metrics.evaluate(
        real_half, dataset, samples=100, feature_network=network, data_dir=archive
    )
    assert json.loads(json.dumps(found)) == found
    shared = {"samples"} | FEATURE_KEYS | CLASS_KEYS
    assert found.keys() == {"seed", "feature_network", "real"} | shared
    assert found["real"].keys() == {"test_samples"} | shared
    assert found["feature_network"] == network.name
    assert found["class_histogram"] == [100, 0]
    assert found["classes_covered"] == 1
    assert found["classifier_score"] == pytest.approx(1, abs=0.01)
    statistics = [
        metrics.FeatureStatistics.from_features(features(x))
        for x in (real_half(100, 0), test.floats())
    ]
    expected = metrics.frechet_distance(*statistics)
    assert found["frechet_distance"] == pytest.approx(expected, rel=1e-4)
    real = found["real"]
    fake = features(real_half(100, 0))
    true = features(test.floats())
    pairs = metrics.precision_recall(fake, true), metrics.density_coverage(fake, true)
    names = ("precision", "recall", "density", "coverage")
    assert [found[k] for k in names] == pytest.approx([x for pair in pairs for x in pair], abs=0.02)
    curve = metrics.prd(fake, true)
    assert [found["f_8"], found["f_1_8"]] == pytest.approx(
        [curve.f_score(8), curve.f_score(1 / 8)], abs=0.1
    )
    assert found["feature_spread"] == pytest.approx(metrics.feature_spread(fake), rel=1e-4)
    # Half of the real images are of the other class.
    assert found["recall"] < 0.6 < 0.8 < real["recall"]
    assert found["coverage"] < 0.6 < 0.8 < real["coverage"]
    assert found["f_8"] < 0.7 < 0.85 < min(found["f_1_8"], real["f_8"], real["f_1_8"])
    assert found["feature_spread"] < 0.6 * real["feature_spread"]
    # Certain of one of two classes of about equal shares: log 2 lost of a score of 1.
    assert found["mode_score"] == pytest.approx(0.5, abs=0.08)
    assert real["mode_score"] == pytest.approx(real["classifier_score"], rel=0.03)
    assert real["mode_score"] < real["classifier_score"]
    tested = np.bincount(test.labels)
    assert found["balance_chi_square"] == metrics.class_balance([100, 0], tested).chi_square
    assert found["balance_p_value"] < 1e-10 < 1e-3 < real["balance_p_value"]
    assert (real["samples"], real["test_samples"]) == (100, 200)
    assert real["class_histogram"] == np.bincount(test.labels).tolist()
    assert real["classifier_score"] == pytest.approx(2, abs=0.05)
    assert real["frechet_distance"] < expected / 20


def test_scores_that_need_more_images_are_none(archive, network):
    test = data.load("npz", data_dir=archive, split="test")
    options = {"feature_network": network, "data_dir": archive}
    few = metrics.evaluate(lambda n, seed: test.floats()[:n], test, samples=5, **options)
    missing = FEATURE_KEYS - {"frechet_distance", "feature_spread"}
    for scores in (few, few["real"]):
        assert {k for k in FEATURE_KEYS if scores[k] is None} == missing
    some = metrics.evaluate(lambda n, seed: test.floats()[:n], test, samples=60, **options)
    assert all(some[k] is not None for k in FEATURE_KEYS)


def test_the_same_images_in_another_range(archive, network):
    test = data.load("npz", data_dir=archive, split="test")
    options = {"samples": 200, "feature_network": network, "data_dir": archive}
    first = metrics.evaluate(lambda n, seed: test.floats(), test, **options)
    # The very test images.
    assert first["frechet_distance"] == pytest.approx(0, abs=1e-9)
    symmetric = test.with_value_range((-1, 1))
    second = metrics.evaluate(lambda n, seed: symmetric.floats(), symmetric, **options)

    class Symmetric:
        value_range = (-1, 1)

        def sample(self, count, seed):
            return symmetric.floats()

    third = metrics.evaluate(Symmetric(), test, **options)
    for other in (second, third):
        assert other["frechet_distance"] == pytest.approx(0, abs=1e-6)
        assert other["class_histogram"] == first["class_histogram"]


def test_the_seed_chooses_the_real_images(archive, network):
    test = data.load("npz", data_dir=archive, split="test")
    options = {"samples": 100, "feature_network": network, "data_dir": archive}
    options["metrics"] = ["frechet_distance"]
    found = [
        metrics.evaluate(lambda n, seed: test.floats()[:n], test, seed=seed, **options)
        for seed in (0, 0, 1)
    ]
    assert found[0] == found[1]
    assert found[0]["frechet_distance"] == found[2]["frechet_distance"]
    assert found[0]["real"] != found[2]["real"]


def test_at_most_10000_test_images_chosen_at_random(archive, network, monkeypatch):
    monkeypatch.setattr(real_data, "TEST_IMAGES", 50)
    test = data.load("npz", data_dir=archive, split="test")
    found = metrics.evaluate(
        lambda n, seed: test.floats(),
        test,
        samples=200,
        feature_network=network,
        data_dir=archive,
    )
    assert found["real"]["test_samples"] == sum(found["real"]["class_histogram"]) == 50
    assert min(found["real"]["class_histogram"]) > 10


def test_own_classifier_is_trained_once(archive, tmp_path, monkeypatch):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))
    test = data.load("npz", data_dir=archive, split="test")

    def evaluate(feature_network=None):
        return metrics.evaluate(
            lambda n, seed: test.floats(),
            test,
            samples=200,
            data_dir=archive,
            feature_network=feature_network,
        )

    found = evaluate()
    assert found["feature_network"].startswith("npz_classifier-")
    (path,) = (tmp_path / "cache" / "classifiers").glob("*.keras")
    assert evaluate() == found
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "elsewhere"))
    assert evaluate(path) == found


def test_a_game_is_not_judged_by_the_classifier_that_it_plays_against(archive):
    train, test = (data.load("npz", data_dir=archive, split=s) for s in ("train", "test"))
    judge, other = (training.train_classifier(train, test, epochs=1, seed=s) for s in (0, 1))

    class Game:
        classifier = averaging.frozen_copy(judge.model, (None, *test.example_shape))

        def sample(self, count, seed):
            return test.floats()[:count]

    def evaluate(trained):
        network = trained.feature_network()
        options = {"samples": 50, "data_dir": archive, "metrics": "frechet_distance"}
        return metrics.evaluate(Game(), test, feature_network=network, **options)

    with pytest.warns(UserWarning, match=r"is the classifier that this Game plays against"):
        evaluate(judge)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        evaluate(other)


def test_attributes_are_judged_by_mim_gans_two_classes(tmp_path, monkeypatch):
    """CelebA has no classes: without this all of its runs would ask for a feature network."""
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path))
    rng = np.random.default_rng(0)
    names = ("Bald", "Eyeglasses", "Wearing_Hat")
    attributes = rng.integers(0, 2, (64, 3))
    faces = rng.uniform(0, 60, (64, 8, 8, 3)) + 120 * attributes[:, 1:].max(1)[:, None, None, None]
    train, test = (
        data.Dataset("celeb_a", split, faces.astype("uint8"), attributes, class_names=names)
        for split in ("train", "test")
    )
    monkeypatch.setattr(evaluation, "load", lambda name, split, **_: train)
    found = metrics.evaluate(lambda n, seed: test.floats()[:n], test, samples=50)
    assert sum(found["class_histogram"]) == 50
    assert len(found["class_histogram"]) == 2


def test_images_without_classes_need_a_network(tmp_path, monkeypatch):
    path = tmp_path / "images.npz"
    np.savez(path, x=np.zeros((50, 8, 8, 1), "uint8"))
    monkeypatch.setattr(training, "is_installed", lambda: False)
    needed = r"'npz' has no classes .*\(pip install 'kgan\[features\]'\).*`feature_network`\.$"
    with pytest.raises(InputError, match=needed):
        metrics.evaluate(
            lambda n, seed: np.zeros((n, 8, 8, 1), "float32"),
            "npz",
            samples=10,
            data_dir=path,
        )
