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

from kgan import data
from kgan.commands import classifier
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


def test_points(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path))
    with flagsaver.flagsaver():
        quick = ("--epochs=1", "--batch_size=5000", "--noise=0.3", "--label_smoothing=0.1")
        flags.FLAGS(["classifier", "--dataset=ring", "--mode_std=0.1", *quick])
        classifier.main()
    accuracy, path = capsys.readouterr().out.splitlines()
    assert "of 100,000 test points right after 1 epochs" in accuracy
    assert path.endswith("-noise0.3-smoothing0.1.keras")
    record = json.loads(Path(path).with_suffix(".json").read_text())
    assert (record["noise"], record["label_smoothing"], record["steps"]) == (0.3, 0.1, 20)


def test_attributes(archive, tmp_path, monkeypatch):
    def faces(name, *, split):
        images = np.load(archive)[f"x_{split}"]
        light = np.load(archive)[f"y_{split}"]
        labels = np.stack([light, 1 - light], axis=1)
        return data.Dataset(name, split, images, labels, class_names=("Light", "Dark"))

    monkeypatch.setattr(data, "load", faces)
    output = str(tmp_path / "faces.keras")
    kind = {"attributes": ["Dark", "Light"]}
    record = classifier.train("celeb_a", output=output, epochs=9, batch_size=20, kind=kind)
    names = ("no Dark, no Light", "Dark, no Light", "no Dark, Light", "Dark, Light")
    assert tuple(record["class_names"]) == names
    assert record["accuracy"] > 0.9
    with pytest.raises(InputError, match="choose attributes"):
        classifier.train("celeb_a", output=output)
    with pytest.raises(InputError, match=r"different ones of Light, Dark. Received: \['Hat'\]"):
        classifier.train("celeb_a", output=output, kind={"attributes": ["Hat"]})


def test_flags_of_the_kind_reach_the_training(archive, tmp_path):
    given = ("--dataset=npz", f"--data_dir={archive}", f"--output={tmp_path / 'a.keras'}")
    for flag, message in (
        ("--attributes=Hat,Bald", r"named attributes.*\['Hat', 'Bald'\]"),
        ("--noise=-1", "noise must be at least 0"),
        ("--label_smoothing=1", r"must lie in \[0, 1\)"),
    ):
        with flagsaver.flagsaver():
            flags.FLAGS(["classifier", *given, flag])
            with pytest.raises(InputError, match=message):
                classifier.main()
    with flagsaver.flagsaver():
        flags.FLAGS(["classifier", "--dataset=ring", "--network=inception_v4", given[2]])
        with pytest.raises(InputError, match="inception_v4 classifies images"):
            classifier.main()
