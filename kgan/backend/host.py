"""Python functions that a graph calls on the host."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph


def numpy_function(function: Callable[..., Any], inputs: Sequence[Any], dtype: Any) -> Any:
    """As `tf.numpy_function`, but the function goes when the graph does.

    TensorFlow would keep it, and the model or the data that it looks at, until the process ends.
    """
    if tf.executing_eagerly():
        return tf.numpy_function(function, inputs, dtype)
    graph = tf.compat.v1.get_default_graph()
    while isinstance(graph.outer_graph, FuncGraph):
        graph = graph.outer_graph
    graph.kgan_functions = [*getattr(graph, "kgan_functions", []), function]
    there = weakref.ref(function)

    def call(*values: Any) -> Any:
        found = there()
        assert found is not None  # The graph that calls it keeps it.
        return found(*values)

    return tf.numpy_function(call, inputs, dtype)
