"""Large weights in fewer bits: what they round to, and how a SavedModel holds them."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kgan.errors import InputError

STORED_AS = ("float32", "float16", "int8")
"""As what large weights can be stored.

`"int8"`: kernels as whole numbers from -127 to 127 times a power of two for each column, the
others as float16.
"""
LEAST = 1024
"""Arrays of fewer numbers keep their precision: norms, biases, counts."""
_LEAST_ROWS = 32  # Of a column with a scale of its own.
_LARGEST = 127
_EXPONENTS = (-24, 9)  # Between these float16 holds every one of the numbers.


def kind(variable: Any, stored_as: str) -> str:
    """As what a weight is stored where large ones are stored as `stored_as`.

    Args:
        variable: a Keras variable.
        stored_as: one of `STORED_AS`.
    """
    shape = variable.shape
    if variable.dtype != "float32" or math.prod(shape) < LEAST:
        return "float32"
    by_column = variable.name == "kernel" and len(shape) > 1 and shape[-2] >= _LEAST_ROWS
    return "float16" if stored_as == "int8" and not by_column else stored_as


def round_weights(model: keras.Model, stored_as: str) -> None:
    """Give a model the weights that it will have when it is loaded.

    float16 holds all that is rounded, of int8 too.

    Args:
        model: whose weights are changed.
        stored_as: one of `STORED_AS`.

    Raises:
        InputError: weights that float16 cannot hold.
    """
    for variable in model.weights:
        how = kind(variable, stored_as)
        if how != "float32":
            variable.assign(rounded(variable, how)[1])


def rounded(variable: Any, how: str) -> tuple[list[np.ndarray], np.ndarray]:
    """What is stored in the place of a weight, and the float32 that it stands for.

    Args:
        variable: a Keras variable.
        how: `"float16"` or `"int8"`.

    Raises:
        InputError: weights that it cannot hold.
    """
    values = keras.ops.convert_to_numpy(variable)
    if how == "int8":
        whole, scale = in_columns(values)
        parts, found = [whole, scale], whole * scale.astype(np.float32)
    else:
        with np.errstate(over="ignore"):
            parts = [values.astype(np.float16)]
        found = parts[0].astype(np.float32)
    # A column beyond the largest scale is cut off, and no other is so far from what it was.
    if np.abs(found - values).max() > np.abs(values).max() / 8:
        raise InputError(
            f"{how} cannot hold the weights {variable.path}. Received: values up to "
            f"{np.abs(values).max():g}; store them as float32."
        )
    return parts, found


def in_columns(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kernels `(..., rows, columns)` as whole numbers and a power of two for each column.

    Returns:
        int8 of the same shape, and float16 `(..., 1, columns)`. Their product rounds to itself.
    """
    most = np.abs(values).max(axis=-2, keepdims=True)
    with np.errstate(divide="ignore"):
        exponents = np.ceil(np.log2(most / _LARGEST)).clip(*_EXPONENTS)
    scale = np.exp2(exponents)
    whole = np.round(values / scale).clip(-_LARGEST, _LARGEST)
    return whole.astype(np.int8), scale.astype(np.float16)


class StoredWeight:
    """What a SavedModel holds in the place of a weight.

    Args:
        variable: the weight.
        how: `"float16"` or `"int8"`.
    """

    def __init__(self, variable: Any, how: str):
        parts, _ = rounded(variable, how)
        self.variables = [tf.Variable(part, name=variable.name) for part in parts]

    def read(self) -> tf.Tensor:
        """The float32 that it stands for, to be called within a function."""
        first, *scale = (tf.cast(variable, tf.float32) for variable in self.variables)
        return first * scale[0] if scale else first
