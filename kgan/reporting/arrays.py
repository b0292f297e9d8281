"""Arrays that a run has written, which a kill or a full disk may have cut short."""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def load_arrays(path: Path, problems: list[str]) -> dict[str, np.ndarray] | None:
    """The arrays of samples/`path.name`; None, and a sentence in `problems`, if it is broken."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        problems.append(f"samples/{path.name} is broken or cut short, and was left out.")
        return None


def class_labels(arrays: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """One class for every example; None also for sets with many attributes an example."""
    labels = arrays.get("labels")
    return labels if labels is not None and labels.ndim == 1 else None
