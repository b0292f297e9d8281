"""A data set from an array, whatever range and type its images have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kgan.data import guard
from kgan.data.dataset import Dataset
from kgan.errors import InputError
from kgan.signatures import checked

_ROWS = 1024  # Scaled at a time.


@checked
def from_array(
    examples: Any,
    labels: Any = None,
    *,
    value_range: Sequence[float] | None = None,
    name: str = "array",
    split: str = "train",
) -> Dataset:
    """A data set of an array's examples, which `fit` gives each game in its generator's range.

        gan.fit(kgan.data.from_array(x, value_range=(0, 255)))

    Args:
        examples: images `(n, height, width)` or `(n, height, width, channels)`, 1 to 4 of them, of
            any numbers; or points `(n, d)`, which stay as they are. Images are kept in 256 steps.
        labels: whole numbers from 0 on, `(n,)` or `(n, 1)`; None where there are none.
        value_range: (low, high), what black and white are in the images. None for uint8, which
            has (0, 255).
        name: what to call it.
        split: which part it is, `"train"` or `"test"`.

    Raises:
        InputError: another shape, images of an unknown range or outside it, values that are not
            finite, or labels that do not fit.
    """
    array = guard.numbers(examples, "examples")
    if array.ndim not in (2, 3, 4) or array.dtype.kind not in "fiub" or 0 in array.shape:
        raise InputError(
            "examples must be numbers: images (n, height, width[, channels]) or points (n, d). "
            f"Received: {array.dtype} of the shape {array.shape}"
        )
    guard.check_finite(array, "examples")
    if array.ndim == 2:
        if value_range is not None:
            raise InputError(
                "value_range is of images; points (n, d) stay as they are. "
                f"Received: {value_range=}, for examples of the shape {array.shape}"
            )
        kept = array.astype(np.float32)
    else:
        kept = _images(array if array.ndim == 4 else array[..., None], value_range)
    return Dataset(name, split, kept, _labels(labels, len(kept)), source="an array")


def _images(array: np.ndarray, value_range: Sequence[float] | None) -> np.ndarray:
    """`(n, height, width, channels)` uint8."""
    if array.shape[-1] > 4:
        last = " give np.moveaxis(x, 1, -1)" if array.shape[1] <= 4 else " give no more than 4"
        raise InputError(
            "Images must have 1 to 4 channels, which come last. "
            f"Received: the shape {array.shape};{last}"
        )
    if value_range is None:
        if array.dtype != np.uint8:
            raise InputError(
                "value_range must say what black and white are in images that are not uint8. "
                f"Received: {array.dtype} in {array.min():g}..{array.max():g} and no value_range; "
                "give one, such as (0, 1), (-1, 1) or (0, 255)"
            )
        return array
    low, high = map(float, value_range)
    if not low < high:
        raise InputError(f"value_range must be (low, high), low < high. Received: {value_range}")
    if array.dtype == np.uint8 and (low, high) == (0, 255):
        return array
    if array.min() < low or array.max() > high:
        raise InputError(
            f"Images must lie in their value_range, {low:g}..{high:g}. "
            f"Received: values in {array.min():g}..{array.max():g}; clip them, or give another"
        )
    scaled = np.empty(array.shape, np.uint8)
    for first in range(0, len(array), _ROWS):
        rows = slice(first, first + _ROWS)
        scaled[rows] = np.round((array[rows].astype(np.float32) - low) * (255 / (high - low)))
    return scaled


def _labels(labels: Any, count: int) -> np.ndarray | None:
    if labels is None:
        return None
    array = np.asarray(labels)
    if array.shape not in ((count,), (count, 1)) or array.dtype.kind not in "iub":
        raise InputError(
            f"labels must be {count:,} whole numbers, one for each example. "
            f"Received: {array.dtype} of the shape {array.shape}"
        )
    array = array.reshape(count).astype(np.int64)
    if array.min() < 0:
        raise InputError(f"labels must be at least 0. Received: {array.min()}")
    return array
