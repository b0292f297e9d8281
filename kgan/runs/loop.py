"""Training to a given step, in intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kgan.errors import InputError, RunError
from kgan.game import fitting


def train(
    model: Any,
    dataset: Any,
    *,
    steps: int,
    batch_size: int,
    interval: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> None:
    """Train `model` from its current step up to step `steps`.

    Where `fit` counts epochs, this counts steps, and needs no divisibility: callbacks get
    `on_epoch_end` with the mean logs at every multiple of `interval` and at the end, wherever
    training began, and `on_train_batch_end` after each execution.

    Args:
        model: a compiled `AdversarialModel`.
        dataset: a `kgan.data.Dataset`.
        steps: the step to stop at, over all runs of this model.
        batch_size: examples per move of a player, over all replicas.
        interval: steps between two calls of `on_epoch_end`.
        callbacks: Keras callbacks.

    Raises:
        InputError: if steps or interval are below 1.
        NonFiniteLossError: when a loss becomes NaN or infinite, or a weight by an interval's end.
        RunError: when another worker is gone.
    """
    if steps < 1 or interval < 1:
        raise InputError(
            f"steps and interval must be at least 1. Received: steps={steps}, interval={interval}"
        )
    hooks = keras.callbacks.CallbackList(fitting.watched(list(callbacks), model), model=model)
    step = model.steps_taken
    function = model.make_train_function()
    with model.distribute_strategy.scope():
        hooks.on_train_begin()
        iterator = iter(model.stream(dataset, batch_size)) if step < steps else None
        while step < steps and not model.stop_training:
            boundary = min((step // interval + 1) * interval, steps)
            function.reset()
            hooks.on_epoch_begin(step // interval)
            while step < boundary:
                count = min(model.steps_per_execution, boundary - step)
                _run(function, iterator, count)
                step += count
                hooks.on_train_batch_end(step, function.means())
            hooks.on_epoch_end((step - 1) // interval, function.means())
        hooks.on_train_end()


def _run(function: Any, iterator: Any, count: int) -> None:
    try:
        function.run(iterator, count)
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        raise RunError(
            "Another worker is gone, and training cannot go on without it: see what it said, and "
            "start all workers again."
        ) from error
