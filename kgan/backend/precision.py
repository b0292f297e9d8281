"""The precision of what is compared, summed and reported, whatever type a network computes in.

It is Keras' default type, float32 unless `keras.set_floatx` says otherwise: losses under
`mixed_bfloat16` are float32 all the same, and a whole game can be followed in float64.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def floats(values: Any) -> Any:
    """`values` in Keras' default float type."""
    if isinstance(values, int | float):  # Keras would round it to float32 first.
        return ops.convert_to_tensor(values, keras.config.floatx())
    return ops.cast(values, keras.config.floatx())
