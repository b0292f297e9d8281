"""A function of rows that belong to groups, such as samples by generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


def by_group(
    function: Callable[[Any, Any], Any],
    rows: Any,
    groups: Any,
    *,
    count: int,
    shape: tuple[int | None, ...],
    dense: bool = False,
) -> Any:
    """Call `function` once for each group that has rows; works in graphs.

    Args:
        function: `(rows of the group, its number) -> one float32 output for each row`.
        rows: `(n, ...)`.
        groups: `(n,)` int32, the group of each row, 0..count - 1.
        count: number of groups.
        shape: of one output.
        dense: call it with all rows for each group instead, and take the group's: for XLA, which
            must know every shape.

    Returns:
        The outputs `(n, *shape)` in the order of the rows.
    """
    groups = tf.cast(groups, tf.int32)
    if dense:
        return _dense(function, rows, groups, count, shape)
    order = tf.argsort(groups, stable=True)
    rows = tf.gather(rows, order)
    sizes = tf.math.bincount(groups, minlength=count, maxlength=count)
    ends = tf.cumsum(sizes)
    present = tf.cast(tf.where(sizes > 0)[:, 0], tf.int32)

    def one(i: Any, outputs: tf.TensorArray) -> tuple[Any, tf.TensorArray]:
        group = present[i]
        part = rows[ends[group] - sizes[group] : ends[group]]
        return i + 1, outputs.write(i, function(part, group))

    outputs = tf.TensorArray(
        keras.config.floatx(), tf.size(present), infer_shape=False, element_shape=(None, *shape)
    )
    _, outputs = tf.while_loop(
        lambda i, _: i < tf.size(present), one, (0, outputs), parallel_iterations=1
    )
    if tf.executing_eagerly() and not len(rows):
        return tf.zeros((0, *shape), keras.config.floatx())  # Nothing cannot be concatenated.
    return tf.gather(outputs.concat(), tf.argsort(order))


def _dense(
    function: Callable[[Any, Any], Any], rows: Any, groups: Any, count: int, shape: Any
) -> Any:
    def one(group: Any, outputs: Any) -> tuple[Any, Any]:
        mine = tf.reshape(groups == group, (-1, *[1] * len(shape)))
        return group + 1, tf.where(mine, function(rows, group), outputs)

    start = tf.zeros((tf.shape(rows)[0], *shape), keras.config.floatx())
    _, outputs = tf.while_loop(
        lambda group, _: group < count,
        one,
        (0, start),
        parallel_iterations=1,
        maximum_iterations=count,
    )
    return outputs
