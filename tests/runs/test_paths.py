"""Paths of file systems that are not this machine's are refused by name, wherever one is taken."""

from pathlib import Path

import numpy as np
import pytest

import kgan
from kgan import data, reporting, serving
from kgan.classifiers import training as classifier
from kgan.data import storage, tfds
from kgan.metrics.frechet import FeatureStatistics
from kgan.runs.artefacts import metrics_log

CLOUD = "gs://bucket/place"
TAKEN = {
    "output_dir of a run": lambda: kgan.train("gan", "ring", output_dir=CLOUD),
    "data_dir of a run": lambda: kgan.Config("gan", "folder", data_dir=CLOUD),
    "feature_network of a run": lambda: kgan.Config("gan", "ring", feature_network=CLOUD),
    "path of a run that is there": lambda: kgan.Run(CLOUD),
    "data_dir": lambda: data.load("folder", data_dir=CLOUD),
    "data_dir of a named set": lambda: data.load("fashion_mnist", data_dir=Path(CLOUD)),
    "classifier": lambda: classifier.load_classifier(f"{CLOUD}.keras"),
    "output of a classifier": lambda: classifier.writable_path(f"{CLOUD}.keras"),
    "saved_model": lambda: serving.open_saved_model(CLOUD, example_shape=(2,)),
    "path of a generator": lambda: serving.load_keras_file(f"{CLOUD}.keras"),
    "path of a comparison": lambda: reporting.write_comparison(["a", "b"], f"{CLOUD}.html"),
    "path of images": lambda: reporting.save_image_grid(np.zeros((1, 2, 2, 1)), f"{CLOUD}.png"),
    "path of statistics": lambda: FeatureStatistics.load(f"{CLOUD}.npz"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_wherever_a_path_is_taken(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kgan.InputError, match=rf"`{name.split()[0]}` must be .* Received: gs:/"):
        TAKEN[name]()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("KGAN_CACHE", storage.cache_folder),
        ("XDG_CACHE_HOME", storage.cache_folder),
        ("TFDS_DATA_DIR", tfds.data_root),
    ],
)
def test_in_the_environment(name, ask, monkeypatch):
    monkeypatch.delenv("KGAN_CACHE", raising=False)
    monkeypatch.setenv(name, CLOUD)
    with pytest.raises(kgan.InputError, match=f"`{name}` must be a path of this machine"):
        ask()


def test_a_full_disk_leaves_the_log_readable(small_disk):
    log = small_disk / "metrics.csv"
    metrics_log.append_row(log, {"step": 1, "seconds": 1.0})
    with pytest.raises(kgan.RunError, match=r"metrics\.csv cannot be written: No space left"):
        for step in range(2, 10_000):
            metrics_log.append_row(log, {"step": step, "seconds": "9" * 4_000})
    rows = metrics_log.read_rows(log)
    assert [int(row["step"]) for row in rows] == list(range(1, len(rows) + 1))
    assert metrics_log.seconds(log) > 0
