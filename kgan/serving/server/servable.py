"""A version of a model: its signatures as functions of arrays, batched by TensorFlow."""

from __future__ import annotations

import itertools
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from kgan.errors import DataError
from kgan.serving.server.failures import EXHAUSTED, INTERNAL, Failure, invalid
from kgan.serving.server.limits import Limits

DEFAULT = "serving_default"
_numbers = itertools.count()  # Of the names that TensorFlow tells its queues apart by.
# TensorFlow's asserts, and what else stands in a line of its own.
_ASSERTED = re.compile(r"assertion failed: \[(.*?)\] \[")


class Servable:
    """A version of a model.

    Args:
        name: of the model.
        version: its number.
        folder: of the SavedModel.
        limits: of requests.

    Attributes:
        definitions: its signatures' SignatureDefs by name, for clients.

    Raises:
        DataError: it cannot be read.
    """

    def __init__(self, name: str, version: int, folder: Path, limits: Limits):
        self.name, self.version = name, version
        try:
            proto = saved_model_pb2.SavedModel()
            proto.ParseFromString((folder / "saved_model.pb").read_bytes())
            self._loaded = tf.saved_model.load(str(folder))  # It owns the variables.
        except Exception as error:  # TensorFlow raises whatever a broken file leads it to.
            line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise DataError(f"The SavedModel {folder} cannot be read ({line}).") from error
        functions = self._loaded.signatures
        self.definitions, self._signatures = {}, {}
        for graph in proto.meta_graphs[:1]:
            for key, told in sorted(graph.signature_def.items()):
                if key in functions:
                    self._signatures[key] = Signature(functions[key], told, limits)
                    told.ClearField("defaults")  # TensorFlow Serving does not tell them.
                    self.definitions[key] = told

    def signature(self, name: str) -> Signature:
        """A signature by its name.

        Raises:
            Failure: there is none.
        """
        found = self._signatures.get(name or DEFAULT)
        if found is None:
            raise invalid(f'Serving signature name: "{name or DEFAULT}" not found in signature def')
        return found


class Signature:
    """What a model can be asked.

    Args:
        function: of a loaded SavedModel.
        definition: its SignatureDef, which knows the values of inputs that may be left out.
        limits: of requests.

    Attributes:
        inputs, outputs: by name.
    """

    def __init__(self, function: Any, definition: Any, limits: Limits):
        self.inputs: dict[str, tf.TensorSpec] = dict(function.structured_input_signature[1])
        self.outputs: dict[str, tf.TensorSpec] = dict(function.structured_outputs)
        self.defaults = {key: tf.make_ndarray(v) for key, v in definition.defaults.items()}
        self._function, self._limits = function, limits
        in_rows = [_in_rows(spec) for spec in (*self.inputs.values(), *self.outputs.values())]
        self._batched = (
            _batched(function, self.inputs, self.outputs, limits) if all(in_rows) else None
        )

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        """Refuse an input of another shape, or of too many rows, before it is made.

        Raises:
            Failure: it cannot be.
        """
        wanted = self.inputs[name].shape
        if not wanted.is_compatible_with(shape):
            sizes = "?" if wanted.rank is None else str([-1 if n is None else n for n in wanted])
            raise invalid(f"{name} must have the shape {sizes}. Received: {list(shape)}")
        if shape and shape[0] > self._limits.max_rows:
            raise invalid(
                f"At most {self._limits.max_rows} rows are taken at once: ask again for the "
                f"others. Received: {shape[0]} rows of {name}"
            )
        if math.prod(shape) > self._limits.max_body:
            raise invalid(f"{name} has too many numbers. Received: the shape {list(shape)}")

    def __call__(self, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs of inputs by name, arrays of the inputs' types.

        Raises:
            Failure: what was given cannot be computed with.
        """
        given = {**self.defaults, **given}
        wrong = sorted(given.keys() ^ self.inputs.keys())
        if wrong:
            raise invalid(
                f"input size does not match signature: it takes {sorted(self.inputs)}. Received: "
                f"{sorted(given)}"
            )
        for name, value in given.items():
            self.check(name, value.shape)
        tensors = {name: tf.constant(given[name], spec.dtype) for name, spec in self.inputs.items()}
        rows = {value.shape[0] if value.shape.rank else -1 for value in tensors.values()}
        if self._batched is None or rows == {0}:
            return self._alone(tensors)
        if len(rows) > 1:
            raise invalid(f"Inputs must have as many rows. Received: {sorted(rows)}")
        try:
            found = self._batched(*tensors.values())
        except tf.errors.InvalidArgumentError:
            return self._alone(tensors)  # It may be a row of another request.
        except tf.errors.OpError as error:
            raise _failure(error) from error
        return {name: value.numpy() for name, value in zip(self.outputs, found, strict=True)}

    def _alone(self, tensors: Mapping[str, tf.Tensor]) -> dict[str, np.ndarray]:
        """The outputs of one request's inputs."""
        try:
            found = self._function(**tensors)
        except (tf.errors.OpError, ValueError, TypeError) as error:
            raise _failure(error) from error
        return {name: found[name].numpy() for name in self.outputs}


def _in_rows(spec: tf.TensorSpec) -> bool:
    return bool(spec.shape.rank) and spec.shape[0] is None


def _batched(
    function: Any, inputs: Mapping[str, Any], outputs: Mapping[str, Any], limits: Limits
) -> Any:
    """A function of the inputs' tensors that computes those of several threads at once."""
    most_waiting = 2 * limits.max_pending

    @tf.nondifferentiable_batch_function(
        num_batch_threads=os.cpu_count() or 1,
        max_batch_size=limits.max_rows,
        batch_timeout_micros=int(1e6 * limits.batch_timeout),
        max_enqueued_batches=most_waiting,
        autograph=False,
    )
    def batch(*rows: tf.Tensor) -> list[tf.Tensor]:
        found = function(**dict(zip(inputs, rows, strict=True)))
        return [found[name] for name in outputs]

    number = next(_numbers)

    def call(*rows: tf.Tensor) -> list[tf.Tensor]:
        # The scope is the queue's name: functions of the same name would share one.
        with tf.name_scope(f"kgan_{number}"):
            return batch(*rows)

    traced = tf.function(call, input_signature=list(inputs.values()), autograph=False)
    return traced.get_concrete_function()


def _failure(error: Exception) -> Failure:
    """What a client is told of TensorFlow's error."""
    text = str(getattr(error, "message", None) or error)
    if asserted := _ASSERTED.search(text):
        text = asserted[1]
    else:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        told = [
            line for line in lines if not line.startswith(("Graph execution", "Detected at", "["))
        ]
        text = told[-1] if told else type(error).__name__
    text = re.sub(r"\s*(\[\[\{\{|\[Op:).*", "", text, flags=re.DOTALL)
    if isinstance(error, (tf.errors.InvalidArgumentError, ValueError, TypeError)):
        return invalid(text)
    if isinstance(error, (tf.errors.UnavailableError, tf.errors.ResourceExhaustedError)):
        return Failure(EXHAUSTED, text)
    return Failure(INTERNAL, text)
