"""What every metric asks of the arrays that it gets."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgan.errors import InputError

LARGEST = 1e60
"""Of values that are measured: their fourth powers are finite. float32 ends at 3e38."""


def as_numbers(name: str, values: Any) -> np.ndarray:
    """Returns `values` as float64; what is no array of numbers raises InputError with `name`."""
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} must be an array of numbers. Received: {type(values).__name__} ({error})"
        ) from error


def finite_matrix(
    name: str, values: Any, *, columns: int | None = None, largest: float = LARGEST
) -> np.ndarray:
    """Returns `values` as a float64 matrix, or says what is wrong with it.

    Args:
        name: what the array is, for the error.
        values: (rows, columns) numbers, at least one row and one column.
        columns: the width it must have; None for any.
        largest: that a value may be, in size.

    Returns:
        (rows, columns) float64, all finite.

    Raises:
        InputError: another number of axes, another width, no rows, NaN, infinite or larger
            values.
    """
    matrix = as_numbers(name, values)
    wanted = f"(n, {'columns' if columns is None else columns})"
    fits = matrix.ndim == 2 and matrix.size > 0 and columns in (None, matrix.shape[1])
    if not fits:
        raise InputError(
            f"{name} must have the shape {wanted} with n > 0. Received: {matrix.shape}"
        )
    broken = int((~np.isfinite(matrix).all(axis=1)).sum())
    if broken:
        raise InputError(
            f"{name} must be finite. Received: NaN or infinite values in {broken} of "
            f"{len(matrix)} rows"
        )
    if (found := float(np.abs(matrix).max())) > largest:
        raise InputError(
            f"{name} must be at most {largest:g} in size, as they are squared. Received: {found:g}"
        )
    return matrix


def distinct_rows(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finds the rows of (n, d) numbers that are no copies of one before.

    Returns:
        (u,) their places in order, and (n,) of each row, which of these it is: `rows[which]` has
        the first of the same values.
    """
    # As bytes they compare much faster; adding 0 makes -0 and 0 the same.
    whole = np.ascontiguousarray(matrix + 0.0)
    as_bytes = whole.view(np.dtype((np.void, whole.itemsize * whole.shape[1]))).ravel()
    _, rows, which = np.unique(as_bytes, return_index=True, return_inverse=True)
    order = np.argsort(rows)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return rows[order], place[which.reshape(-1)]


def check_widths(samples: np.ndarray, real: np.ndarray) -> None:
    """Raise InputError where samples and real examples have other numbers of features."""
    if samples.shape[1] != real.shape[1]:
        raise InputError(
            "Samples and real examples must have as many features. Received: "
            f"{samples.shape[1]} and {real.shape[1]}"
        )


def finite_values(name: str, values: Any) -> np.ndarray:
    """Returns (n,) numbers as float64; errors are those of `finite_matrix`."""
    return finite_matrix(name, np.reshape(values, (-1, 1)))[:, 0]


def counts(name: str, values: Any) -> np.ndarray:
    """Returns (k,) counts >= 0 with k > 0 as float64.

    Raises:
        InputError: another shape, negative, NaN or infinite values.
    """
    array = as_numbers(name, values)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all() or array.min() < 0:
        raise InputError(f"{name} must be (k,) counts >= 0 with k > 0. Received: {values!r}")
    return array


def distribution(name: str, values: Any, *, positive: bool = False) -> np.ndarray:
    """Returns `values` as float64 probabilities of the same shape, scaled to sum 1.

    Args:
        name: what the array is, for the error.
        values: counts or probabilities of any shape, >= 0, not all 0.
        positive: whether every one must be > 0.

    Raises:
        InputError: negative, NaN or infinite values, nothing but zeros, or a zero where `positive`.
    """
    array = as_numbers(name, values)
    least = array.min() if array.size and np.isfinite(array).all() else -1.0
    if least < 0 or array.sum() <= 0 or (positive and least == 0):
        bound = "> 0" if positive else ">= 0 and not all 0"
        raise InputError(f"{name} must be finite and {bound}. Received: {values!r}")
    return array / array.sum()
