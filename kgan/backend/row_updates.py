"""Few rows of a large variable: written in place, and read without a copy."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def write_rows(variable: keras.Variable, positions: Any, rows: Any) -> None:
    """Write `rows (n, ...)` at `positions (n,)` in place.

    Every replica must write the same: the first one's values are taken.

    Args:
        variable: `(size, ...)`, not trainable, of aggregation `"only_first_replica"`.
        positions: integers in [0, size), each once.
        rows: what stands there afterwards.
    """
    variable.value.scatter_update(tf.IndexedSlices(tf.cast(rows, variable.dtype), positions))


def read_rows(variable: keras.Variable, *, copy: bool = False) -> Any:
    """All of the variable, as before any later write.

    TensorFlow copies a variable that was written by rows each time it is read, unless asked not
    to. It still does where a value that was read is in use when the next rows are written.

    Args:
        variable: as for `write_rows`.
        copy: do not ask, for which XLA has no kernel.
    """
    return variable.value.read_value() if copy else variable.value.read_value_no_copy()
