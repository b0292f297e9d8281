"""Terms that can be added to the losses of any game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from kgan.backend.engine import Turn


class Regularizer(keras.Layer):
    """A term of players' losses that goes with many methods: `GAN(..., terms=[...])`, or
    `regularizer=` of one.

    A subclass keeps state, such as a replay buffer, in weights that are not trainable: they are
    saved, and part of checkpoints.
    """

    def build_for(self, model: Any) -> None:
        """Check that the term goes with `model`, whose networks are built, and make the state."""
        raise NotImplementedError

    def meet(self, dataset: Any) -> None:
        """Look at the data set that is to be trained on; by default nothing."""

    def metric_names(self, player: str) -> Sequence[str]:
        """Names of the scalars that `term` returns for `player`."""
        raise NotImplementedError

    def replaces(self, player: str) -> bool:
        """Whether the player's loss of the game is left out, and the terms stand alone."""
        return False

    def term(self, player: str, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        """What is added to the loss of `player` in its turn: a scalar, and its metrics.

        `model.embedding(samples, turn)` are the discriminator's outputs, made once a turn.
        """
        raise NotImplementedError
