"""Whether weights are numbers at all: activations such as ReLU hide NaN from every loss."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf

from kgan.errors import NonFiniteLossError


def not_finite(variables: Iterable[Any]) -> list[Any]:
    """Of Keras' or TensorFlow's variables those of floats that have NaN or infinite values."""
    floats = [v for v in variables if keras.backend.is_float_dtype(_name(v.dtype))]
    if not floats:
        return []
    # One answer to wait for; a sum is finite only where all its terms are.
    sums = tf.stack([tf.cast(tf.reduce_sum(_value(v)), tf.float64) for v in floats])
    if bool(tf.reduce_all(tf.math.is_finite(sums))):
        return []
    return [v for v in floats if not bool(tf.reduce_all(tf.math.is_finite(_value(v))))]


def require_finite(model: Any, what: str) -> None:
    """Refuse to do something with a model whose weights are not finite.

    Args:
        model: a Keras model.
        what: what shall be done, such as "saved".

    Raises:
        NonFiniteLossError: names the first such weight.
    """
    broken = not_finite(model.variables)
    if broken:
        raise NonFiniteLossError(
            f"A model must have finite weights to be {what}. Received: NaN or infinite values in "
            f"{len(broken)} of its variables, the first {broken[0].path}; go back to the last "
            "good checkpoint or file"
        )


def _value(variable: Any) -> Any:
    return variable.value if isinstance(variable, keras.Variable) else variable


def _name(dtype: Any) -> str:
    return getattr(dtype, "name", dtype)
