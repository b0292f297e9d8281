"""Many training steps in one call, in the graph, on every replica."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

from kgan.backend import host
from kgan.errors import InputError, NonFiniteLossError


class Guard(Protocol):
    """What says what a batch must be: `kgan.data.guard.Expected`."""

    shape: tuple[int, ...]
    rows: int

    def check_form(self, shape: tuple[int | None, ...], dtype: Any, what: str = ...) -> None:
        """Refuse another shape or type, as far as they are known."""

    def check_rows(self, rows: int, what: str = ...) -> None:
        """Refuse fewer rows."""

    def check(self, examples: Any, what: str = ...) -> None:
        """Refuse a batch."""


def raise_it(error: Exception) -> None:
    """Raise `error`."""
    raise error


def forget_gradients(result: Any) -> Any:
    """Let go of the graph that is being made, all of whose gradients have been taken.

    Each `all_reduce`, of an optimizer or of batch norm, registers a gradient of its own, for which
    TensorFlow would keep the graph, and with it the model, for as long as the process lives.

    Returns:
        `result` as it is.
    """
    if not tf.executing_eagerly():
        for op in tf.compat.v1.get_default_graph().get_operations():
            if op.type == "IdentityN" and "_gradient_op_type" in op.node_def.attr:
                gradient_registry._registry.pop(op.get_attr("_gradient_op_type").decode(), None)
    return result


class StepFunction:
    """Runs many steps in one call, in the graph, on every replica, and checks every loss.

    Called with an iterator as Keras' `fit` calls its train function; returns the running means
    of the logs since `reset`.

    Args:
        step: `(data, index) -> vector` of one replica's logs, in the order of `names`; `index`
            counts the steps since `reset`.
        names: the logs' names.
        strategy: where the step runs.
        steps_per_call: steps that a call runs.
        jit_compile: whether XLA compiles one step.
        eager: run without a graph, for debugging.
        first_step: tells the number of the next step, for error messages.
        may_end_early: whether the data may end within a call, as evaluation's may; steps then run
            one at a time, so that none is lost.
        not_finite: what a call does about a loss that is not finite; it raises what it is given.
        guard: what a replica's batch must be. Its form is checked when the graph is made, its
            values in the first step since `reset`, the number of its rows wherever it may change.
    """

    def __init__(
        self,
        step: Callable[[Any, Any], Any],
        names: Sequence[str],
        strategy: tf.distribute.Strategy,
        *,
        steps_per_call: int = 1,
        jit_compile: bool = False,
        eager: bool = False,
        first_step: Callable[[], int] | None = None,
        may_end_early: bool = False,
        not_finite: Callable[[NonFiniteLossError], None] = raise_it,
        guard: Guard | None = None,
    ):
        self.names = tuple(names)
        self._steps_per_call = steps_per_call
        self._first_step = first_step or (lambda: self._steps)
        self._may_end_early = may_end_early
        self._not_finite = not_finite
        self._strategy = strategy
        self._guard = guard
        self._refused: InputError | None = None
        step = tf.autograph.experimental.do_not_convert(step)
        if jit_compile:
            inside = step
            step = tf.function(
                lambda *args: forget_gradients(inside(*args)), jit_compile=True, autograph=False
            )
        width = len(self.names)

        @tf.autograph.experimental.do_not_convert
        def replica_step(data, index):
            # What needs nothing of the batch, such as an optimizer's count, would run in the graph
            # where the iterator has no more to give.
            batch = [part for part in tf.nest.flatten(data) if tf.is_tensor(part)]
            with tf.control_dependencies([*batch, *self._checked(data, index)]):
                return step(self._formed(data), index)

        def run(iterator, first, count):
            def one(i, history):
                logs = strategy.run(replica_step, args=(next(iterator), first + i))
                logs = forget_gradients(logs)
                return i + 1, history.write(i, strategy.reduce("MEAN", logs, axis=None))

            history = tf.TensorArray(keras.config.floatx(), size=count, element_shape=(width,))
            # Steps depend on each other through variables anyway; with several in flight
            # the replicas' collectives of two steps would meet each other.
            _, history = tf.while_loop(
                lambda i, _: i < count, one, (tf.constant(0), history), parallel_iterations=1
            )
            return history.stack()

        # Without autograph, which would turn an InputError of a step into a StagingError.
        self._run = run if eager else tf.function(run, reduce_retracing=True, autograph=False)
        self.reset()

    def __call__(self, iterator: Any) -> dict[str, float]:
        """Run `steps_per_call` steps, or one on a batch alone; returns the means since `reset`."""
        count = self._steps_per_call
        if not isinstance(iterator, tf.data.Iterator | tf.distribute.DistributedIterator):
            iterator, count = self._one(next(iterator)), 1
        try:
            if not self._may_end_early:
                self.run(iterator, count)
                return self.means()
            for step in range(count):
                try:
                    self.run(iterator, 1)
                except (tf.errors.OutOfRangeError, StopIteration):
                    if step == 0:
                        raise
                    break
        except NonFiniteLossError as error:
            self._not_finite(error)
        return self.means()

    def _one(self, batch: Any) -> Any:
        """An iterator of one batch: a graph keeps no other kind from call to call."""
        data = tf.data.Dataset.from_tensors(batch)
        if self._strategy.num_replicas_in_sync > 1:
            data = self._strategy.experimental_distribute_dataset(data)
        return iter(data)

    def reset(self) -> None:
        """Forget the running means."""
        self._sums = np.zeros(len(self.names))
        self._steps = 0

    def run(self, iterator: Any, count: int) -> np.ndarray:
        """Run `count` steps.

        Returns:
            `(count, len(names))` float32, one row a step.

        Raises:
            NonFiniteLossError: if a log is NaN or infinite; names the first step and log.
            InputError: if a batch is not what it must be; its step has not run.
        """
        first, self._refused = self._first_step(), None
        try:
            history = self._run(iterator, tf.constant(self._steps), tf.constant(count)).numpy()
        except tf.errors.OpError:
            if self._refused is not None:
                raise self._refused from None
            raise
        self._sums += history.sum(axis=0, dtype=np.float64)
        self._steps += count
        wrong = np.argwhere(~np.isfinite(history))
        if len(wrong):
            row, column = wrong[0]
            raise NonFiniteLossError(
                f"{self.names[column]} became {history[row, column]} at step {first + row + 1}. "
                "Weights from here on are useless: go back to the last checkpoint and lower "
                "the learning rate, or use `precision=float32`."
            )
        return history

    def _checked(self, data: Any, index: Any) -> list[tf.Tensor]:
        """What a step waits for besides its batch: that the guard has seen it where it must."""
        if self._guard is None:
            return []
        examples = keras.utils.unpack_x_y_sample_weight(data)[0]
        if not tf.is_tensor(examples) and not isinstance(examples, np.ndarray):
            raise InputError(
                "A batch must be one tensor of examples, or (examples, labels). Received: a "
                f"{type(examples).__name__}; give the examples alone"
            )
        self._guard.check_form(tuple(examples.shape), examples.dtype)
        wanted = tf.equal(index, 0) if None not in examples.shape[1:] else tf.constant(True)
        if examples.shape[0] is None:
            wanted |= tf.shape(examples)[0] < self._guard.rows
        else:
            self._guard.check_rows(examples.shape[0])

        def seen() -> tf.Tensor:
            return host.numpy_function(self._look, [examples, index], tf.bool)

        return [tf.cond(wanted, seen, lambda: tf.constant(True))]

    def _formed(self, data: Any) -> Any:
        """The batch with the shape that it has been seen to have, where the graph left it open.

        TensorFlow forgets sizes as soon as it has met two of them.
        """
        examples, *rest = keras.utils.unpack_x_y_sample_weight(data)
        if self._guard is None or None not in examples.shape[1:]:
            return data
        examples = tf.ensure_shape(examples, (examples.shape[0], *self._guard.shape))
        return keras.utils.pack_x_y_sample_weight(examples, *rest)

    def _look(self, examples: np.ndarray, index: int) -> bool:
        assert self._guard is not None
        try:
            self._guard.check(examples, f"The examples of batch {index + 1}")
        except InputError as error:
            self._refused = error  # TensorFlow makes an error of its own of it.
            raise
        return True

    def means(self) -> dict[str, float]:
        """Means of the logs since `reset`."""
        steps = max(self._steps, 1)
        return {k: float(s / steps) for k, s in zip(self.names, self._sums, strict=True)}
