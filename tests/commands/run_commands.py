"""What two runs that should be the same run are compared by."""

from __future__ import annotations

import csv
import zipfile
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import tensorflow as tf

# Columns of metrics.csv that tell the time.
CLOCKS = ("seconds", "steps_per_second")


def state(run: Path) -> dict[str, np.ndarray]:
    """Everything that a run ended with, by name: weights, slots, samples, rows of the log."""
    found: dict[str, np.ndarray] = {}
    for index in sorted((run / "checkpoints").glob("*.index")):
        reader = tf.train.load_checkpoint(str(index.with_suffix("")))
        for name in reader.get_variable_to_shape_map():
            # The graph of objects has the optimizers' generated names in it; values do not.
            if name != "_CHECKPOINTABLE_OBJECT_GRAPH":
                found[f"{index.stem}/{name}"] = reader.get_tensor(name)
    for path in sorted((run / "samples").glob("[!.]*.npz")):
        for name, value in np.load(path).items():
            found[f"{path.name}/{name}"] = value
    for path in sorted((run / "samples").glob("[!.]*.png")):
        found[path.name] = np.frombuffer(path.read_bytes(), np.uint8)
    for row in rows(run):
        for name, value in row.items():
            if name not in CLOCKS:
                found[f"row {row['step']}/{name}"] = np.array(value)
    with zipfile.ZipFile(run / "model.keras") as archive:
        weights = h5py.File(BytesIO(archive.read("model.weights.h5")))

        def keep(name: str, item: h5py.HLObject) -> None:
            if isinstance(item, h5py.Dataset):
                found[f"model.keras/{name}"] = item[()]

        weights.visititems(keep)
    return found


def rows(run: Path) -> list[dict[str, str]]:
    """The rows of metrics.csv."""
    path = run / "metrics.csv"
    return list(csv.DictReader(path.read_text().splitlines())) if path.exists() else []


def assert_same(run: Path, other: Path) -> None:
    """Assert that two runs ended with not one differing bit."""
    one, two = state(run), state(other)
    assert list(one) == list(two)
    different = [k for k in one if np.asarray(one[k]).tobytes() != np.asarray(two[k]).tobytes()]
    assert not different
