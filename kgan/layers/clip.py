"""Weights kept within bounds."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("kgan")
class Clip(keras.constraints.Constraint):
    """Every number of a weight is clipped to `[-bound, bound]`, after each of its updates.

    Args:
        bound: over 0.
    """

    def __init__(self, bound: float):
        self.bound = float(bound)

    def __call__(self, w: Any) -> Any:
        """The clipped weight."""
        return ops.clip(w, -self.bound, self.bound)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {"bound": self.bound}
