"""Where images go while a source is read: into memory or, above a limit, into a mapped file.

The mapped files lie under `$KGAN_CACHE`, `$XDG_CACHE_HOME/kgan` or `~/.cache/kgan`, one folder a
set, and are read again the next time. A folder gets its name when it is complete, so a process
that is killed while it writes leaves nothing that another would take for data.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from absl import logging

from kgan.errors import DataError
from kgan.files import local_path

MEMORY_LIMIT = 2 * 1024**3  # Bytes of uint8 images that are kept in memory.

Batches = Iterable[tuple[np.ndarray, "np.ndarray | None"]]
Stored = tuple[np.ndarray, "np.ndarray | None"]


def store(batches: Batches, *, count: int, shape: tuple[int, ...], key: str) -> Stored:
    """Collects the images and labels of a source that is read once.

    Args:
        batches: (uint8 `(b, *shape)` images, int64 `(b, ...)` labels or None), read lazily: a set
            that lies in the cache already is not read.
        count: how many images there are at most.
        shape: of one image.
        key: says everything that the stored images depend on.

    Returns:
        All images, an `np.memmap` where they exceed `MEMORY_LIMIT`, and their labels or None.

    Raises:
        DataError: there is no image, or the cache cannot be written.
    """
    if count * int(np.prod(shape)) <= MEMORY_LIMIT:
        return _in_memory(batches, count, shape)
    name = re.sub(r"\W+", "-", key).strip("-")[:60]
    folder = cache_folder() / "images" / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        logging.info("Writing %s images to %s, once.", f"{count:,}", folder)
        _write(batches, folder, shape)
    logging.info("The images are mapped from %s.", folder)
    return _mapped(folder)


def cache_folder() -> Path:
    """Returns the user's cache folder for kgan; it need not exist.

    Raises:
        InputError: a path with a scheme in the environment, such as `gs://`.
    """
    if given := os.environ.get("KGAN_CACHE"):
        return local_path(given, "KGAN_CACHE")
    return local_path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "XDG_CACHE_HOME") / "kgan"


def _in_memory(batches: Batches, count: int, shape: tuple[int, ...]) -> Stored:
    images = np.empty((count, *shape), np.uint8)
    labels, filled = [], 0
    for some, their_labels in batches:
        images[filled : filled + len(some)] = some
        filled += len(some)
        labels.append(their_labels)
    return images[: _at_least_one(filled)], _joined(labels)


def _write(batches: Batches, folder: Path, shape: tuple[int, ...]) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".kgan-", dir=folder.parent) as place:
            unfinished = Path(
                place, "images"
            )  # Others may read it: a temporary folder they may not.
            unfinished.mkdir()
            _write_into(unfinished, batches, shape)
            _rename(unfinished, folder)
    except OSError as error:
        raise DataError(
            f"The image cache {folder} cannot be written ({error.strerror or error}): free some "
            "space there, or set KGAN_CACHE to a folder that has it."
        ) from error


def _write_into(folder: Path, batches: Batches, shape: tuple[int, ...]) -> None:
    labels, filled = [], 0
    with (folder / "images.uint8").open("wb") as file:
        for some, their_labels in batches:
            file.write(np.ascontiguousarray(some).tobytes())
            filled += len(some)
            labels.append(their_labels)
    joined = _joined(labels)
    if joined is not None:
        np.save(folder / "labels.npy", joined)
    (folder / "shape.json").write_text(json.dumps([_at_least_one(filled), *shape]))


def _rename(unfinished: Path, folder: Path) -> None:
    try:
        unfinished.rename(folder)
    except OSError as error:
        # Another process was faster; what it wrote is the same.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _mapped(folder: Path) -> Stored:
    try:
        shape = tuple(json.loads((folder / "shape.json").read_text()))
        images = np.memmap(folder / "images.uint8", np.uint8, mode="r", shape=shape)
        labels = folder / "labels.npy"
        return images, np.load(labels) if labels.exists() else None
    except (OSError, ValueError) as error:
        raise DataError(
            f"The image cache {folder} is broken ({error}): delete that folder, and it is written "
            "again."
        ) from error


def _joined(labels: list[np.ndarray | None]) -> np.ndarray | None:
    known = [some for some in labels if some is not None]
    return np.concatenate(known).astype(np.int64) if known else None


def _at_least_one(count: int) -> int:
    if not count:
        raise DataError("The source holds no readable image: give one that holds some.")
    return count
