"""What Keras' `fit` of a game needs to know of its data."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import keras

from kgan.errors import InputError


def named(function: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Arguments of a call of `function` by name, without those that are not given."""
    found = dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    further = found.pop("kwargs", {})
    return {**found, **further}


def steps_per_epoch(
    x: Any,
    *,
    batch_size: int | None = None,
    steps_per_epoch: int | None = None,
    validation_split: float = 0.0,
    **_: Any,
) -> int | None:
    """Steps of an epoch of Keras' `fit` with these arguments, where they can be known."""
    if steps_per_epoch is not None:
        return steps_per_epoch
    if hasattr(x, "cardinality"):
        return int(x.cardinality())
    if isinstance(x, keras.utils.PyDataset):
        return x.num_batches
    if hasattr(x, "shape"):
        return math.ceil(math.floor(len(x) * (1 - validation_split)) / (batch_size or 32))
    return None


def parts(batch: Any, count: int) -> list[Any]:
    """A batch in equal parts, one for each move of a phase with repeats.

    Parts are interleaved: each replica's parts then make up the global batch's parts.
    """
    if batch is None or count == 1:
        return [batch] * count
    if batch.shape[0] is not None and batch.shape[0] % count:
        raise InputError(
            f"A batch must be divisible by the number of repeated moves, {count}. "
            f"Received: {batch.shape[0]} examples."
        )
    return [batch[i::count] for i in range(count)]
