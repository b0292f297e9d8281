"""Mixtures whose weights are learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.game.mixture import MixtureModel


class MixtureWeights(keras.layers.Layer):
    """Weights `(count,)` with sum 1 of a mixture that a player learns: the softmax of logits.

    Args:
        count: how many there are.
    """

    def __init__(self, count: int, **kwargs: Any):
        super().__init__(dtype=keras.config.floatx(), **kwargs)
        self.logits = self.add_weight(name="logits", shape=(count,), initializer="zeros")
        self.built = True

    def start_from(self, probabilities: np.ndarray) -> None:
        """Start from `(count,)` probabilities; equal ones give logits of 0."""
        logs = np.log(np.maximum(probabilities, 1e-30))
        self.logits.assign(logs - logs.max())

    def values(self) -> Any:
        """The weights, through which gradients reach the logits."""
        return ops.softmax(ops.convert_to_tensor(self.logits))


class LearntMixtureModel(MixtureModel):
    """A mixture whose bank takes its mixture weights, after each step, from a player's.

    A subclass gives a player `MixtureWeights`, and sets them as `prior`; None: they are not learnt.
    """

    prior: MixtureWeights | None

    def train_step(self, data: Any) -> Any:
        """One round; then the bank's mixture weights are those that were learnt."""
        logs = super().train_step(data)
        # After the moving average, which would set its own bank a step behind.
        self._follow_prior()
        return logs

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """See `AdversarialModel.fit`; an average of them (`use_ema`) is the mixture's too."""
        history = super().fit(*args, **kwargs)
        self._follow_prior()
        return history

    def set_mixture_weights(self, weights: Sequence[float] | None) -> None:
        """As of `MixtureModel`; weights that are learnt go on from them."""
        super().set_mixture_weights(weights)
        if self.prior is not None:
            self.prior.start_from(self.mixture_weights)

    def _follow_prior(self) -> None:
        if self.prior is not None:
            weights = self.prior.values()
            for bank in self.banks:
                bank.mixture.assign(weights)
