"""Weights kept within bounds."""

from __future__ import annotations

from collections.abc import Iterable
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


class GameClip(Clip):
    """A game's bound on a network that it was given, after the weight's own constraint.

    It is on the variable alone: the layer, its configuration and files know nothing of it.
    """

    def __init__(self, bound: float, own: Any = None):
        super().__init__(bound)
        self.own = own

    def __call__(self, w: Any) -> Any:
        """The constrained weight, clipped."""
        return super().__call__(w if self.own is None else self.own(w))


def clip_in_game(variables: Iterable[keras.Variable], bound: float | None) -> None:
    """Bound variables for a game; None takes the bound of a former game off.

    Args:
        variables: of the networks that the game was given.
        bound: over 0, or None.
    """
    for variable in variables:
        own = variable.constraint
        if isinstance(own, GameClip):
            own = own.own
        variable.constraint = own if bound is None else GameClip(bound, own)
