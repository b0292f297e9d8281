"""Image sets in a NumPy archive."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
from absl import logging

from kgan.data.dataset import Dataset
from kgan.data.levels import whole_levels
from kgan.data.splits import SPLITS, check_split, held_out
from kgan.errors import DataError
from kgan.files import shown

# Names of arrays, for a split and for the whole; the labels' in the order in which they are taken.
IMAGES = {"x_{}": "y_{}", "{}_images": "{}_labels"}
WHOLE = ("x", "images")
LABELS = ("y", "labels")


def load_npz(name: str, path: Path, split: str, *, renumber: bool = True) -> Dataset:
    """Reads the images, and labels if there, of an .npz file.

    Args:
        name: of the data set.
        path: the file. It holds `x_train`, `x_test` and optionally `y_train`, `y_test` (or
            `train_images`, `train_labels` and so on); or `x` or `images` and optionally `y` or
            `labels`, of which a deterministic tenth is the test split. Images are integers
            0..255, integers or booleans of which 1 is the largest (white then), or floats 0..1, of
            shape (n, height, width, channels) or (n, height, width); labels are integers >= 0,
            (n,) or (n, 1). The log names arrays that are not used.
        split: "train" or "test".
        renumber: whether the classes are the labels that occur in either split, in their order, so
            that 0, 1000, 2000 are three classes; else labels are the classes' numbers.

    Raises:
        DataError: the file is missing or broken, or its arrays are not like that.
        InputError: another split.
    """
    check_split(split)
    with _opened(path) as archive:
        present = set(archive.files)
        image_key, label_key = _keys(path, split, present)
        images = _images(path, image_key, _array(path, archive, image_key))
        labels, values = None, None
        if label_key is not None:
            labels = _labels(path, label_key, _array(path, archive, label_key), len(images))
            if renumber:
                labels, values = _renumbered(path, archive, labels, label_key, split)
    _tell_unused(path, present)
    if image_key in WHOLE:
        chosen = held_out(len(images), split)
        images, labels = images[chosen], None if labels is None else labels[chosen]
    return Dataset(
        name=name, split=split, examples=images, labels=labels, class_names=values,
        source=f"{shown(path)} ({image_key})",
    )  # fmt: skip


def _opened(path: Path) -> np.lib.npyio.NpzFile:
    if not path.is_file():
        raise DataError(f"There is no file {shown(path)}: give an .npz file with data_dir.")
    try:
        archive = np.load(path, allow_pickle=False)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise _broken(path, f"cannot be read ({error})") from error
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise _broken(path, "holds a single array, not the named arrays of an .npz")
    return archive


def _keys(path: Path, split: str, present: set[str]) -> tuple[str, str | None]:
    """Returns the names of the images' and the labels' arrays; None where there are no labels."""
    for image_key, label_key in _of_split(split):
        if image_key in present:
            return image_key, label_key if label_key in present else None
    whole = next((key for key in WHOLE if key in present), None)
    if whole is None:
        raise _broken(
            path,
            f"has no images for the {split} split: expected an array x_{split}, x or images, found "
            f"{', '.join(sorted(present)) or 'nothing'}",
        )
    return whole, next((key for key in LABELS if key in present), None)


def _of_split(split: str) -> list[tuple[str, str]]:
    return [(images.format(split), labels.format(split)) for images, labels in IMAGES.items()]


def _tell_unused(path: Path, present: set[str]) -> None:
    """Warns of arrays that neither split takes."""
    used: set[str | None] = set()
    for split in SPLITS:
        if any(image_key in present for image_key, _ in _of_split(split)) or present & set(WHOLE):
            used.update(_keys(path, split, present))
    if unused := present - used:
        logging.warning("%s: arrays left out: %s.", shown(path), ", ".join(sorted(unused)))


def _renumbered(
    path: Path, archive: np.lib.npyio.NpzFile, labels: np.ndarray, key: str, split: str
) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """Returns labels without gaps, and what they were, if that was something else.

    Classes are counted over both splits: none may change its number with the split.
    """
    other = next(part for part in SPLITS if part != split)
    everywhere = [labels]
    for (_, mine), (_, theirs) in zip(_of_split(split), _of_split(other), strict=True):
        if mine == key and theirs in archive.files:
            array = _array(path, archive, theirs)
            everywhere.append(_labels(path, theirs, array, array.size))
    values = np.unique(np.concatenate(everywhere))
    if len(values) == values[-1] + 1:
        return labels, None
    return np.searchsorted(values, labels), tuple(map(str, values))


def _array(path: Path, archive: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
    try:
        return archive[key]
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise _broken(path, f"has a broken array {key} ({error})") from error


def _images(path: Path, key: str, array: np.ndarray) -> np.ndarray:
    """Returns `(n, height, width, channels)` uint8."""
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[3] not in (1, 2, 3, 4) or 0 in array.shape:
        raise _broken(
            path,
            f"must hold images (n, height, width) or (n, height, width, channels) in {key}, holds "
            f"the shape {array.shape}",
        )
    kind = array.dtype.kind
    highest = {"f": 1, "i": 255, "u": 255, "b": 1}.get(kind)
    # NaN fails the comparison too.
    if highest is None or not (array.min() >= 0 and array.max() <= highest):
        what = f"{array.min()}..{array.max()}" if highest else "other values"
        raise _broken(
            path,
            f"must hold uint8 images, or floats in 0..1, in {key}, holds {array.dtype} in {what}",
        )
    if kind == "f":
        return np.round(array * 255).astype(np.uint8)
    return whole_levels(array.astype(np.uint8, copy=False), f"{shown(path)} ({key})")


def _labels(path: Path, key: str, array: np.ndarray, count: int) -> np.ndarray:
    if array.shape not in ((count,), (count, 1)) or array.dtype.kind not in "iu" or array.min() < 0:
        raise _broken(
            path,
            f"must hold {count:,} integer labels >= 0 in {key}, holds {array.dtype} of shape "
            f"{array.shape}",
        )
    return array.reshape(count).astype(np.int64)


def _broken(path: Path, what: str) -> DataError:
    return DataError(f"The file {shown(path)} {what}; give a sound .npz file.")
