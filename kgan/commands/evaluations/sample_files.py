"""Samples that anyone has drawn, in a folder of images or a NumPy file, as a source of samples."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kgan import data
from kgan.data.splits import SPLITS
from kgan.errors import DataError, InputError
from kgan.serving.outside import OutsideGenerator, channels_last

ARRAYS = ("samples", "x", "images", "arr_0")
"""Names of the array in an .npz file, in the order in which they are looked for."""


class SampleFiles(OutsideGenerator):
    """Samples of a folder or file; a seed chooses which of them, and their order.

    Args:
        path: a folder of image files; or a `.npz` or `.npy` file of floats, or of bytes 0 to 255.
        example_shape: of one sample.
        value_range: (low, high) of floats that are images, None of points.

    Raises:
        DataError: there is no such file, or it holds no samples of that shape.
    """

    def __init__(
        self, path: Path, example_shape: Sequence[int], value_range: tuple[float, float] | None
    ):
        super().__init__(str(path), example_shape, value_range)
        self._samples = _fitting(_read(path), path, self.example_shape)
        if self._samples.dtype.kind in "iu" and value_range is not None:
            low, high = value_range
            self._samples = np.float32(low + (high - low) / 255 * self._samples)
        elif self._samples.dtype.kind != "f":
            raise DataError(
                f"The samples of {path} must be floats, or of images bytes. Received: "
                f"{self._samples.dtype}"
            )

    def __len__(self) -> int:
        return len(self._samples)

    def _draw(self, num_samples: int, seed: int) -> np.ndarray:
        if num_samples > len(self):
            raise InputError(
                f"{self.name} holds {len(self):,} samples. Received: {num_samples:,} to measure; "
                "ask for as many at most, with `samples`."
            )
        return self._samples[np.random.default_rng(seed).permutation(len(self))[:num_samples]]


def _read(path: Path) -> np.ndarray:
    if path.is_dir():
        return _pixels(path)
    if not path.is_file():
        raise DataError(f"There is no folder or file {path}: give images or a NumPy file.")
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found
        with found as archive:
            alone = archive.files if len(archive.files) == 1 else ()
            for name in (*ARRAYS, *alone):
                if name in archive.files:
                    return archive[name]
            held = ", ".join(archive.files) or "nothing"
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read ({error}): give a folder of images, or a NumPy file."
        ) from error
    raise DataError(f"{path} must hold an array of the name {' or '.join(ARRAYS)}. Found: {held}")


def _pixels(folder: Path) -> np.ndarray:
    """All image files of a folder, which are no splits of anything here."""
    parts = []
    for split in SPLITS:
        try:
            parts.append(data.load("folder", data_dir=folder, split=split).examples)
        except DataError:
            if split == SPLITS[-1] and not parts:
                raise
    return np.concatenate([np.asarray(part) for part in parts])


def _fitting(samples: np.ndarray, path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Samples of the shape; a grey image's channel may be missing, or channels come first."""
    samples = channels_last(samples, shape)
    if (*samples.shape[1:], 1) == shape:
        samples = samples[..., None]
    if samples.ndim != len(shape) + 1 or samples.shape[1:] != shape or not len(samples):
        raise DataError(
            f"The samples of {path} must have the shape (n, {', '.join(map(str, shape))}), as the "
            f"data have. Received: {samples.shape}"
        )
    return samples
