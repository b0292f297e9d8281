"""Gradients of a network's outputs in its inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def input_gradients(function: Callable[[Any], Any], inputs: Any) -> Any:
    """Each row's gradient of its own output; itself differentiable, for a penalty in a loss.

    Args:
        function: `(n, ...)` to one number a row, `(n,)` or `(n, 1)`. No row may bear on another's
            output, as with batch norm in training mode: gradients would be those of the sum.
        inputs: `(n, ...)` float.

    Returns:
        `(n, ...)`, zeros where the outputs do not depend on the inputs.
    """
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = function(inputs)
    return tape.gradient(outputs, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def is_differentiable(function: Callable[[Any], Any], inputs: Any) -> bool:
    """Whether `function` has gradients in `inputs (n, ...)` at all, if only of 0."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = function(inputs)
    return tape.gradient(outputs, inputs) is not None
