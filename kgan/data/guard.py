"""What a batch of examples may be, whatever door it comes in by.

Arrays, `tf.data`, generators and data sets are held to the same rules: a game that is given images
of another range, or a single NaN, trains to nonsense while its losses look well.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from kgan.errors import InputError

# Interpolation overshoots, and float16 rounds: by less than this share of the range.
_TOLERANCE = 0.02
# A batch of images whose values lie closer together is worth a warning.
_FLAT = 0.02
# Larger arrays are looked at in so many rows, evenly spread.
_WHOLE_BYTES = 1024**3
_SPREAD_ROWS = 4096
_CHUNK_BYTES = 16 * 1024**2
# Ranges that images are kept in, the narrower first.
_USUAL = ((0, 1), (-1, 1), (0, 255), (0, 65535))


@dataclasses.dataclass(frozen=True)
class Expected:
    """What examples must be.

    Attributes:
        shape: of one example, such as `(28, 28, 1)`.
        value_range: (low, high) that the values lie in; None where any value may come.
        rows: that a batch has at least.
        rows_for: what needs as many, such as "the covariance of the latents".
        wanted_rows: that a batch should have; fewer are warned of.
        fewer_rows: what comes of fewer, in words.
    """

    shape: tuple[int, ...]
    value_range: tuple[float, float] | None = None
    rows: int = 1
    rows_for: str = "a move"
    wanted_rows: int = 0
    fewer_rows: str = ""

    def check(self, examples: Any, what: str = "Examples") -> None:
        """Check a batch, or an array of all examples.

        Args:
            examples: `(n, *shape)`, an array or what becomes one. Of more than 1 GiB 4,096 rows
                are looked at, evenly spread.
            what: stands at the head of a message.

        Raises:
            InputError: another type or shape, fewer rows, or values that are not finite or lie
                outside the range.
        """
        examples = examples if hasattr(examples, "dtype") else np.asarray(examples)
        self.check_form(tuple(examples.shape), examples.dtype, what)
        self.check_rows(len(examples))
        check_finite(examples, what)
        self.check_range(examples, what)

    def array(self, values: Any, *, in_range: bool = True) -> np.ndarray:
        """Examples that a model shall look at, as float32 `(n, *shape)`; one row is enough.

        Args:
            values: what a user gives.
            in_range: whether images must lie in the range.

        Raises:
            InputError: no array of numbers, another shape, no rows, values that are not finite, or
                images outside the range.
        """
        array = numbers(values, "Examples")
        if array.shape[1:] != self.shape or not len(array):
            raise InputError(
                f"Examples must have the shape (n, {', '.join(map(str, self.shape))}). "
                f"Received: {array.shape}"
            )
        check_finite(array)
        if in_range and len(self.shape) == 3:  # Points may lie anywhere.
            self.check_range(array)
        return array.astype(np.float32)

    def check_form(self, shape: tuple[int | None, ...], dtype: Any, what: str = "Examples") -> None:
        """Check what is known of a batch before it is there: its shape and its type.

        Args:
            shape: `(n, ...)`; None stands for what is not known.
            dtype: NumPy's or TensorFlow's.
            what: stands at the head of a message.

        Raises:
            InputError: another type or shape.
        """
        if not _is_float(dtype):
            images = len(self.shape) == 3
            mend = "kgan.data.from_array(x)" if images else "x.astype('float32')"
            raise InputError(
                f"{what} must be floats{self._in_range()}. Received: {_name(dtype)}; give {mend}"
            )
        given = tuple(shape[1:])
        if len(given) == len(self.shape) and all(
            n in (None, m) for n, m in zip(given, self.shape, strict=True)
        ):
            return
        wanted = ", ".join(["n", *map(str, self.shape)])
        raise InputError(
            f"{what} must have the shape of the generator's samples, ({wanted}). "
            f"Received: the shape {tuple(shape)}{self._reshaped(given)}"
        )

    def check_rows(self, rows: int, what: str = "A batch") -> None:
        """Check the number of rows.

        Raises:
            InputError: fewer than are needed.
        """
        if rows < self.rows:
            raise InputError(
                f"{what} must have at least {self.rows} examples, for {self.rows_for}. "
                f"Received: {rows}; choose a batch_size that leaves more over, or none, or give "
                "kgan.data.from_array(x), whose batches are all whole"
            )
        if rows < self.wanted_rows:
            warnings.warn(
                f"{what} should have at least {self.wanted_rows} examples. Received: {rows}; "
                f"{self.fewer_rows}",
                stacklevel=3,
            )

    def check_range(self, examples: Any, what: str = "Examples") -> None:
        """Check that the values lie in the range.

        Raises:
            InputError: values outside it.
        """
        if self.value_range is None:
            return
        low, high = self.value_range
        least, most = _extremes(examples)
        slack = _TOLERANCE * (high - low)
        if least < low - slack or most > high + slack:
            mend = (
                f"give {_from_array(least, most)}, or a generator of that range"
                if len(self.shape) == 3
                else "scale them, or end the generator without the activation that bounds it"
            )
            raise InputError(
                f"{what} must lie in {low:g}..{high:g}, the range of the generator. "
                f"Received: values in {least:g}..{most:g}; {mend}"
            )
        if len(self.shape) == 3 and (low < 0 <= least or most - least < _FLAT * (high - low)):
            warnings.warn(
                f"{what} lie in {least:g}..{most:g}, where the generator's range is "
                f"{low:g}..{high:g}: if theirs is another, give {_from_array(least, most)}.",
                stacklevel=3,
            )

    def _in_range(self) -> str:
        return "" if self.value_range is None else " in {:g}..{:g}".format(*self.value_range)

    def _reshaped(self, given: tuple[int | None, ...]) -> str:
        if given == self.shape[:-1] and self.shape[-1] == 1:
            return "; give x[..., None]"
        if given == self.shape[1:]:
            return "; give batches of examples, as tf.data's x.batch(64) does"
        if len(given) == 3 and (given[1], given[2], given[0]) == self.shape:
            return "; the channels come last: give np.moveaxis(x, 1, -1)"
        if None not in given and math.prod(given) == math.prod(self.shape):  # type: ignore[arg-type]
            return f"; give x.reshape(-1, {', '.join(map(str, self.shape))})"
        return "; give such examples, or build the networks for these"


def _from_array(least: float, most: float) -> str:
    """The call that takes images of these values for what they are."""
    usual = (pair for pair in _USUAL if pair[0] <= least and most <= pair[1])
    low, high = next(usual, (f"{least:g}", f"{most:g}"))
    return f"kgan.data.from_array(x, value_range=({low}, {high}))"


def numbers(values: Any, what: str) -> np.ndarray:
    """The array that `values` are.

    Raises:
        InputError: they are no array of numbers.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind in "OSU":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{what} must be an array of numbers. Received: {type(values).__name__} ({error})"
        ) from error
    if array.dtype.kind == "c":
        raise InputError(f"{what} must be real numbers. Received: {array.dtype}")
    return array


def check_finite(values: Any, what: str = "Examples") -> None:
    """Check that all values of `(n, ...)` are finite.

    Raises:
        InputError: NaN or infinite values; says in how many rows.
    """
    if np.isfinite(_extremes(values)).all():
        return
    broken = sum(
        int((~np.isfinite(part.reshape(len(part), -1))).any(axis=1).sum())
        for part in _parts(values)
    )
    raise InputError(
        f"{what} must be finite. Received: NaN or infinite values in {broken} of {len(values)} "
        "rows; leave them out, or fill them in"
    )


def _extremes(values: Any) -> tuple[float, float]:
    """The least and the most of all values; NaN where one is NaN."""
    found = [(part.min(), part.max()) for part in _parts(values) if part.size]
    if not found:
        return 0.0, 0.0
    least, most = np.array(found, np.float64).T
    return float(least.min()), float(most.max())


def _parts(values: Any) -> Iterator[np.ndarray]:
    """The array piece by piece, in a type that NumPy knows; of a large one some rows."""
    size = math.prod(values.shape) * 4
    if size > _WHOLE_BYTES and len(values) > _SPREAD_ROWS:
        rows = np.linspace(0, len(values) - 1, _SPREAD_ROWS).astype(int)
        values = np.stack([np.asarray(values[row]) for row in rows])
    count = max(1, len(values) * _CHUNK_BYTES // max(size, 1))
    for first in range(0, len(values), count):
        part = np.asarray(values[first : first + count])
        # bfloat16 and its like are numbers to ml_dtypes alone.
        yield part if part.dtype.kind in "fiub" else part.astype(np.float32)


def _is_float(dtype: Any) -> bool:
    return _name(dtype).startswith(("float", "bfloat"))


def _name(dtype: Any) -> str:
    """`float32` of NumPy's, TensorFlow's or PyTorch's type."""
    return str(getattr(dtype, "name", dtype)).rpartition(".")[-1]
