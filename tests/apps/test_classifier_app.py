"""`python -m apps.classifier`: its files, its words, its exit statuses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from absl import flags
from absl.testing import flagsaver

from apps import classifier
from kgan.errors import DataError, InputError, RunError


@pytest.fixture
def archive(tmp_path):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 120)
    images = (rng.integers(0, 99, (120, 8, 8, 1)) + 150 * labels[:, None, None, None]).astype(
        "uint8"
    )
    path = tmp_path / "shades.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images[:40], y_test=labels[:40])
    return path


def test_command_trains_into_the_cache(archive, tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "apps.classifier"),
            *("--dataset=npz", f"--data_dir={archive}", "--epochs=9"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "KGAN_CACHE": str(tmp_path / "cache")},
    )
    assert done.returncode == 0, done.stderr
    accuracy, path = done.stdout.splitlines()[-2:]
    assert "of 40 test images right after 9 epochs" in accuracy
    assert path.startswith(str(tmp_path / "cache" / "classifiers" / "npz-8x8x1-"))
    record = json.loads(Path(path).with_suffix(".json").read_text())
    assert f"{record['accuracy']:.2%}" in accuracy
    assert record["epochs"] == 9


def test_without_a_data_set():
    with flagsaver.flagsaver():
        flags.FLAGS(["classifier"])
        with pytest.raises(InputError, match="Name the data set"):
            classifier.main()


def test_a_flag_of_the_trainings_is_refused():
    # In a process of its own: in this one other applications have defined theirs.
    done = subprocess.run(
        [sys.executable, "-m", "apps.classifier", "--dataset=fashion_mnist", "--steps=5"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "Unknown command line flag 'steps'" in done.stderr


def test_function(archive, tmp_path):
    options = {"data_dir": str(archive), "epochs": 3, "seed": 4, "batch_size": 40}
    record = classifier.train("npz", output=str(tmp_path / "mine.keras"), **options)
    assert record["path"] == str(tmp_path / "mine.keras")
    assert (record["seed"], record["steps"], record["tested"]) == (4, 9, 40)
    for other, kind in (
        ({"output": "mine.h5"}, InputError),
        ({"output": str(archive / "mine.keras")}, RunError),
        ({"epochs": 0}, InputError),
        ({"batch_size": -1}, InputError),
        ({"data_dir": str(tmp_path / "missing.npz")}, DataError),
    ):
        with pytest.raises(kind):
            classifier.train("npz", **{"output": str(tmp_path / "b.keras"), **options, **other})
    with pytest.raises(InputError, match="one class each"):
        classifier.train("ring", output=str(tmp_path / "c.keras"))
