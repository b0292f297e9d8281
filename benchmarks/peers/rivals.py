"""Who is timed: each builds a game in a process of its own, and gives what runs steps of it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.peers import torch_worker
from benchmarks.peers.recipe import Recipe

Run = Callable[[int], Any]


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def ours(game: Any, precision: str | None = None) -> Run:
    """kgan, the step function that `fit` calls."""
    _threads_of_tensorflow()
    model = game.compiled(precision)
    function = model.make_train_function()
    batches = iter(model.stream(game.dataset(), game.preset.batch_size))
    return lambda steps: function.run(batches, steps)


def keras(game: Any, steps: int, jit_compile: bool = False, precision: str | None = None) -> Run:
    """Plain Keras, the train function that its `fit` calls, all `steps` of a turn in one call."""
    _threads_of_tensorflow()
    from benchmarks.peers import keras_peer

    model = keras_peer.peer(
        game.build(precision), game.preset, steps_per_execution=steps, jit_compile=jit_compile
    )
    model.make_train_function()
    batches = iter(game.dataset().batches(game.preset.batch_size))

    def run(steps: int) -> dict[str, float]:
        logs = model.train_function(batches)
        return {name: float(value) for name, value in logs.items()}

    return run


def builders(game: Any, recipe: Recipe | None, steps: int) -> Mapping[str, Callable[[], Run]]:
    """All rivals of a game by name, kgan first.

    Args:
        game: a `games.Game`.
        recipe: the same for PyTorch; None where PyTorch does not play.
        steps: of a turn.
    """
    found: dict[str, Callable[[], Run]] = {
        "kgan": functools.partial(ours, game),
        "kgan, bfloat16": functools.partial(ours, game, "mixed_bfloat16"),
        "Keras": functools.partial(keras, game, steps),
        "Keras, XLA": functools.partial(keras, game, steps, True),
        "Keras, bfloat16": functools.partial(keras, game, steps, False, "mixed_bfloat16"),
    }
    if recipe is not None:
        found |= {
            "PyTorch": functools.partial(torch_worker.train, recipe),
            "PyTorch, compiled": functools.partial(torch_worker.train, recipe, compiled=True),
            "PyTorch, bfloat16": functools.partial(torch_worker.train, recipe, bfloat16=True),
        }
    return found


def _threads_of_tensorflow() -> None:
    """As many threads as PyTorch has."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(cores())
