"""What Keras' `fit` and `evaluate` of a game need to know of their data, and look at."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import keras

from kgan.backend import engine, finite
from kgan.data.guard import Expected
from kgan.errors import InputError, NonFiniteLossError, check_whole
from kgan.game import packing
from kgan.game.arguments import refuse_weights

_KERAS_BATCH = 32  # Of arrays, where no size is given.


def named(function: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Arguments of a call of `function` by name, without those that are not given."""
    found = dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    further = found.pop("kwargs", {})
    return {**found, **further}


def of_fit(model: Any, x: Any = None, **given: Any) -> dict[str, Any]:
    """Keras' arguments of `fit` for those that a user gave to a game's, all by name.

    Raises:
        InputError: data, a batch or steps that cannot be.
    """
    refuse_weights(**{k: given.get(k) for k in ("sample_weight", "class_weight")})
    _check_batch_size(given, model.pack)
    batch_size = given.get("batch_size") or model.usual_batch_size()
    if hasattr(given.get("validation_data"), "batches"):
        size = given.get("validation_batch_size") or batch_size
        given["validation_data"] = model.held_out(given["validation_data"], size)
    if hasattr(x, "batches"):
        given.pop("batch_size", None)
        per_execution, rows = model.steps_per_execution, batch_size * model.parts_of_batch
        whole = len(x) // rows // per_execution * per_execution
        given.setdefault("steps_per_epoch", max(whole, 1))
        given.setdefault("shuffle", False)  # The stream is shuffled already.
        x = model.stream(x, batch_size)
    else:
        check_given(
            x,
            model.expected(model.parts_of_batch),
            batch_size=given.get("batch_size"),
            steps=given.get("steps_per_epoch"),
            validation_split=given.get("validation_split", 0.0),
        )
    given["callbacks"] = watched(given.get("callbacks"), model)
    engine.require_divisible(steps_per_epoch(x, **given), model.steps_per_execution)
    return {"x": x, **given}


def of_evaluate(model: Any, x: Any = None, **given: Any) -> dict[str, Any]:
    """The same of `evaluate`."""
    refuse_weights(sample_weight=given.get("sample_weight"))
    _check_batch_size(given, 1)
    if hasattr(x, "batches"):
        x = model.held_out(x, given.pop("batch_size", None) or model.usual_batch_size())
    elif not given.get("_use_cached_eval_dataset"):
        check_given(
            x, model.expected(), batch_size=given.get("batch_size"), steps=given.get("steps")
        )
    return {"x": x, **given}


def _check_batch_size(given: Mapping[str, Any], pack: int) -> None:
    if given.get("batch_size") is not None:
        check_whole(1, batch_size=given["batch_size"])
        packing.check_batch(given["batch_size"], pack, 1)


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
