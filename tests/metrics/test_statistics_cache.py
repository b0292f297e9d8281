"""What is kept of real data: found again, never mistaken, and no harm where it is broken."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from kgan import data, metrics
from kgan.metrics import statistics_cache
from kgan.metrics.measures import IMAGE_MEASURES
from kgan.metrics.statistics_cache import KeptStatistics, network_digest


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "statistics"


@pytest.fixture
def seen(halves, monkeypatch):
    """Numbers of the images that the network is asked for, call by call."""
    counts, predict = [], halves.predict
    monkeypatch.setattr(
        halves, "predict", lambda x, *rest: (counts.append(len(x)), predict(x, *rest))[1]
    )
    return counts


@pytest.fixture
def evaluate(archive, halves):
    def noise(count, seed):
        return np.random.default_rng(seed).random((count, 8, 8, 1), "float32")

    def run(**options):
        options = {"samples": 50, "feature_network": halves, "data_dir": archive, **options}
        return metrics.evaluate(noise, "npz", **{"cache": True, **options})

    return run


def test_real_images_are_seen_once(evaluate, seen, cache):
    plain = evaluate(cache=False)
    assert not cache.exists()
    seen.clear()
    first = evaluate()
    assert sorted(seen) == [50, 50, 200]  # The samples, training images, test images.
    seen.clear()
    again = evaluate()
    assert seen == [50]
    assert plain == first == again
    assert json.loads(json.dumps(again)) == again


def test_nothing_else_is_found(evaluate, seen, cache, halves):
    evaluate()
    seen.clear()
    evaluate(seed=1)  # Other training images.
    assert sorted(seen) == [50, 50]
    seen.clear()
    evaluate(samples=60)
    assert sorted(seen) == [60, 60]
    seen.clear()
    weights = halves.model.get_weights()
    halves.model.set_weights([2 * weight for weight in weights])
    evaluate()
    assert sorted(seen) == [50, 50, 200]


def test_other_data_of_the_same_name(evaluate, seen, archive):
    evaluate()
    seen.clear()
    arrays = dict(np.load(archive))
    arrays["x_test"][0, 0, 0] ^= 1
    np.savez(archive, **arrays)
    evaluate()
    assert 200 in seen


def test_another_version_of_what_is_kept_is_computed_again(evaluate, seen, cache, monkeypatch):
    """Of a measure that measure alone; of the arrays all."""
    evaluate()
    kept = {path.name for path in cache.glob("*/*.json")}
    name = "frechet_distance"
    (score,) = IMAGE_MEASURES[name].scores
    again = dataclasses.replace(score, version=2)
    changed = dataclasses.replace(IMAGE_MEASURES[name], scores=(again,))
    monkeypatch.setitem(IMAGE_MEASURES, name, changed)
    seen.clear()
    evaluate()
    assert 200 not in seen
    assert {path.name for path in cache.glob("*/*.json")} - kept == {f"{name}-2.json"}
    version = statistics_cache._ARRAYS_VERSION + 1
    monkeypatch.setattr(statistics_cache, "_ARRAYS_VERSION", version)
    evaluate()
    assert 200 in seen


def test_the_key_is_told(evaluate, cache, halves):
    evaluate(seed=7)
    keys = [json.loads(path.read_text()) for path in cache.glob("npz-*/key.json")]
    (test,) = (key for key in keys if key["split"] == "test")
    (train,) = (key for key in keys if key["split"] == "train")
    assert (test["count"], train["count"], train["seed"]) == (200, 50, 7)
    assert test["network"] == train["network"] == network_digest(halves.model)
    assert train["against"]["images"] == test["images"] != train["images"]


@pytest.mark.parametrize("name", ["outputs.npz", "neighbours.npz", "frechet_distance-1.json"])
def test_a_broken_file_is_computed_again(evaluate, cache, name):
    first = evaluate()
    paths = list(cache.glob(f"*/{name}"))
    for path in paths:
        path.write_bytes(path.read_bytes()[:11])
    assert evaluate() == first
    # The scores of the training images are found, and so nothing else of them is read.
    assert any(len(path.read_bytes()) > 11 for path in paths)


def test_a_cache_that_cannot_be_written_is_done_without(evaluate, cache):
    plain = evaluate(cache=False)
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    assert evaluate() == plain


def test_a_kill_while_writing_leaves_nothing(tmp_path):
    kept = KeptStatistics("mine", {"count": 1})

    def killed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.scores("some", killed)
    assert not kept.folder.exists() or not list(kept.folder.glob("*some*"))
    assert kept.scores("some", lambda: {"a": None, "b": float("inf")}) == {
        "a": None,
        "b": float("inf"),
    }
    assert kept.scores("some", killed) == {"a": None, "b": float("inf")}
    assert {path.name for path in kept.folder.iterdir()} == {"key.json", "some-1.json"}


def test_points_of_other_mixtures_are_others(cache, monkeypatch):
    def source(count, seed):
        return np.zeros((count, 2), "float32")

    names = {"metrics": ["wasserstein", "high_quality"], "samples": 100, "cache": True}
    ring = metrics.evaluate(source, "ring", **names)
    assert metrics.evaluate(source, "ring", **names) == ring
    assert len(list(cache.iterdir())) == 1
    wide = metrics.evaluate(source, data.load("ring", std=0.5, split="test"), **names)
    assert wide["real"] != ring["real"]
    assert len(list(cache.iterdir())) == 2


def test_digests_of_networks(halves):
    first = network_digest(halves.model)
    assert first == network_digest(halves.model)
    same = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    relu = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "relu")])
    relu.set_weights(same.get_weights())
    assert len({first, network_digest(same), network_digest(relu)}) == 3


def test_no_folder_of_another_user_is_needed(monkeypatch, tmp_path, evaluate):
    monkeypatch.delenv("KGAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    evaluate(metrics=["frechet_distance"])
    assert [path.name for path in (tmp_path / "xdg" / "kgan").iterdir()] == ["statistics"]
