"""Image sets in a NumPy archive."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from kgan.data.dataset import Dataset
from kgan.data.splits import check_split, held_out
from kgan.errors import DataError


def load_npz(name: str, path: Path, split: str) -> Dataset:
    """Reads the images, and labels if there, of an .npz file.

    Args:
        name: of the data set.
        path: the file. It holds `x_train`, `x_test` and optionally `y_train`, `y_test`; or `x` or
            `images` and optionally `y`, of which a deterministic tenth is the test split. Images
            are uint8, other integers 0..255, or floats 0..1, of shape (n, height, width, channels)
            or (n, height, width); labels are integers >= 0, (n,) or (n, 1).
        split: "train" or "test".

    Raises:
        DataError: the file is missing or broken, or its arrays are not like that.
        InputError: another split.
    """
    check_split(split)
    with _opened(path) as archive:
        image_key, label_key = _keys(path, split, set(archive.files))
        images = _images(path, image_key, _array(path, archive, image_key))
        labels = None
        if label_key in archive.files:
            labels = _labels(path, label_key, _array(path, archive, label_key), len(images))
    if not image_key.endswith(split):
        chosen = held_out(len(images), split)
        images, labels = images[chosen], None if labels is None else labels[chosen]
    return Dataset(
        name=name, split=split, examples=images, labels=labels, source=f"{path} ({image_key})"
    )


def _opened(path: Path) -> np.lib.npyio.NpzFile:
    if not path.is_file():
        raise DataError(f"There is no file {path}: give an .npz file with data_dir.")
    try:
        archive = np.load(path, allow_pickle=False)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise _broken(path, f"cannot be read ({error})") from error
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise _broken(path, "holds a single array, not the named arrays of an .npz")
    return archive


def _keys(path: Path, split: str, present: set[str]) -> tuple[str, str]:
    """Returns the names of the images' and the labels' arrays."""
    if f"x_{split}" in present:
        return f"x_{split}", f"y_{split}"
    whole = next((key for key in ("x", "images") if key in present), None)
    if whole is None:
        raise _broken(
            path,
            f"has no images for the {split} split: expected an array x_{split}, x or images, found "
            f"{', '.join(sorted(present)) or 'nothing'}",
        )
    return whole, "y"


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
    if array.dtype == np.uint8:
        return array
    kind = array.dtype.kind
    highest = {"f": 1, "i": 255, "u": 255}.get(kind)
    # NaN fails the comparison too.
    if highest is None or not (array.min() >= 0 and array.max() <= highest):
        what = f"{array.min()}..{array.max()}" if highest else "other values"
        raise _broken(
            path,
            f"must hold uint8 images, or floats in 0..1, in {key}, holds {array.dtype} in {what}",
        )
    return np.round(array * 255).astype(np.uint8) if kind == "f" else array.astype(np.uint8)


def _labels(path: Path, key: str, array: np.ndarray, count: int) -> np.ndarray:
    if array.shape not in ((count,), (count, 1)) or array.dtype.kind not in "iu" or array.min() < 0:
        raise _broken(
            path,
            f"must hold {count:,} integer labels >= 0 in {key}, holds {array.dtype} of shape "
            f"{array.shape}",
        )
    return array.reshape(count).astype(np.int64)


def _broken(path: Path, what: str) -> DataError:
    return DataError(f"The file {path} {what}; give a sound .npz file.")
