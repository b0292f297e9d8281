"""The test split of sources that have none: a deterministic tenth of the examples."""

from __future__ import annotations

import numpy as np

from kgan.errors import DataError, InputError

SPLITS = ("train", "test")
GOLDEN_RATIO = (5**0.5 - 1) / 2


def check_split(split: str, splits: tuple[str, ...] = SPLITS) -> None:
    """Raises InputError for a split other than these."""
    if split not in splits:
        raise InputError(f"split must be one of {', '.join(splits)}, received {split!r}.")


def held_out(count: int, split: str) -> np.ndarray:
    """Returns the sorted indices of the examples that a split has where nobody split them.

    The golden ratio's multiples modulo 1 are spread evenly over any stretch of examples, so sorted
    classes all get their share, and cycles of 10 classes too.

    Raises:
        InputError: a split other than train and test.
        DataError: a single example, which cannot be split.
    """
    check_split(split)
    if count < 2:
        raise DataError(
            f"A test split is held out of the images, but there is only {count}: give more, or "
            "separate train and test parts."
        )
    order = np.argsort(np.arange(count) * GOLDEN_RATIO % 1, kind="stable")
    tests = max(1, count // 10)
    return np.sort(order[:tests] if split == "test" else order[tests:])
