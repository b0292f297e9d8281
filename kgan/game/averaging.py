"""A moving average of a network's weights, kept as a second network."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend.precision import floats
from kgan.errors import InputError
from kgan.game.copies import copy_of


def check(decay: float | None) -> None:
    """Refuse a decay that is no share."""
    if decay is not None and not 0 < decay < 1:
        raise InputError(f"ema_decay must lie in (0, 1). Received: {decay}")


def frozen_copy(network: keras.Layer, input_shape: tuple[int | None, ...]) -> keras.Layer:
    """A copy of `network` with the same weights and nothing to train."""
    copy = copy_of(network)
    copy(keras.KerasTensor(input_shape))  # Builds networks of any kind, subclassed ones too.
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


def update_average(average: keras.Layer, network: keras.Layer, decay: float, step: Any) -> None:
    """Move `average` towards `network`: `a <- a + (1 - decay) (w - a)`.

    Args:
        average: a frozen copy of `network`.
        network: what is trained.
        decay: in (0, 1); in the first steps `(1 + step) / (10 + step)` where that is less.
        step: number of the step, from 0.
    """
    step = floats(step)
    decay = ops.minimum(decay, (1 + step) / (10 + step))
    trained = {id(v) for v in network.trainable_weights}
    for mean, weight in zip(average.weights, network.weights, strict=True):
        if id(weight) in trained:
            mean.assign(floats(mean) + (1 - decay) * (floats(weight) - floats(mean)))
        else:  # Statistics of batch norm are averages already.
            mean.assign(weight)
