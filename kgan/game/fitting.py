"""What Keras' `fit` and `evaluate` of a game need to know of their data, and look at."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import keras

from kgan.backend import finite
from kgan.data.guard import Expected
from kgan.errors import InputError, NonFiniteLossError

_KERAS_BATCH = 32  # Of arrays, where no size is given.


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
        rows = math.floor(len(x) * (1 - validation_split))
        return math.ceil(rows / (batch_size or _KERAS_BATCH))
    return None


def check_given(
    x: Any,
    expected: Expected,
    *,
    batch_size: int | None = None,
    steps: int | None = None,
    validation_split: float = 0.0,
) -> None:
    """Check what is given to `fit` or `evaluate`, as far as it is there before the first step.

    Of what comes in batches the step function sees each epoch's first.

    Args:
        x: what Keras takes.
        expected: what a batch must be.
        batch_size: of arrays.
        steps: of an epoch, where the user says so.
        validation_split: of arrays.

    Raises:
        InputError: nothing, several arrays, or an array that is not what a batch must be, or whose
            last batch is not.
    """
    if x is None or isinstance(x, str | list | tuple | dict):
        kind = "nothing" if x is None else f"a {type(x).__name__}"
        raise InputError(
            "x must be a kgan.data.Dataset, one array of examples, a tf.data.Dataset, a PyDataset "
            f"or a generator. Received: {kind}; give kgan.data.load(name), or an array"
        )
    if hasattr(x, "element_spec") or not (hasattr(x, "shape") and hasattr(x, "dtype")):
        return
    expected.check(x, "Examples")
    size = batch_size or _KERAS_BATCH
    rows = math.floor(len(x) * (1 - validation_split))
    if steps is None and rows % size:
        expected.check_rows(
            rows % size, f"The last batch of {rows:,} examples in batches of {size}"
        )


class FiniteWeights(keras.callbacks.Callback):
    """Ends a training whose weights are not finite at the end of an epoch.

    Losses need not tell: where NaN meets a ReLU, it becomes 0.
    """

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at all weights.

        Raises:
            NonFiniteLossError: names the first that is not, unless `TerminateOnNaN` is there.
        """
        broken = finite.not_finite(self.model.variables)
        if broken:
            error = NonFiniteLossError(
                f"Weights became NaN or infinite by step {self.model.steps_taken}, the first "
                f"{broken[0].path}, though the losses did not. Weights are useless from there on: "
                "go back to the last good checkpoint, look at the data, lower the learning rate."
            )
            self.model.not_finite(error)


def watched(callbacks: Any, model: Any) -> Any:
    """A user's callbacks, and before them the look at the model's weights."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        look = FiniteWeights()
        look.set_model(model)
        callbacks.callbacks.insert(0, look)
        return callbacks
    given = [] if callbacks is None else callbacks
    return [FiniteWeights(), *(given if isinstance(given, list | tuple) else [given])]


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
