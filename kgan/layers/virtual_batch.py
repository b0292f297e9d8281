"""Virtual batch normalisation: rows are normalised beside a reference batch that is fixed.

Source: Salimans et al. (2016), https://arxiv.org/abs/1606.03498, section 3.5. Unlike batch norm's,
the rows of a batch do not bear on each other, so that real and generated samples are normalised
alike, a sample's answer is its own, and several replicas train as one.

A network has one `ReferenceBatch` at its input, `VirtualBatchNormalization`s of as many rows where
batch norms would be, and `WithoutReference` before its output:

    rows = 64
    keras.Sequential([
        keras.Input((2,)), ReferenceBatch(rows),
        layers.Dense(128), VirtualBatchNormalization(rows), layers.ReLU(),
        WithoutReference(rows), layers.Dense(1),
    ])

Each pass through the network has so many rows more.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_whole
from kgan.signatures import check_arguments


@keras.saving.register_keras_serializable("kgan")
class ReferenceBatch(keras.Layer):
    """Puts the reference batch before the rows that it is given.

    The reference is the beginning of the first batch in training, over all replicas: of a
    discriminator that of the first real one. It stays as it is from then on, and is part of
    `.keras` files and checkpoints; before, it is all 0.

    Args:
        rows: of the reference, at least 1, at most those of the first batch over all replicas.

    Raises:
        InputError: fewer than 1 row, or a first batch of fewer.
    """

    def __init__(self, rows: int, **kwargs: Any):
        check_arguments(ReferenceBatch.__init__, locals())
        check_whole(1, rows=rows)
        super().__init__(**kwargs)
        self.rows = int(rows)

    def build(self, input_shape: Any) -> None:
        """Make the reference `(rows, ...)`."""
        options = {"trainable": False, "aggregation": "only_first_replica"}
        self.reference = self.add_weight(
            name="reference",
            shape=(self.rows, *input_shape[1:]),
            initializer="zeros",
            dtype=keras.config.floatx(),
            **options,
        )
        self.begun = self.add_weight(
            name="begun",
            shape=(),
            initializer="zeros",
            dtype=keras.config.floatx(),
            **options,
        )

    def call(self, x: Any, training: bool | None = None) -> Any:
        """`(n, ...)` to `(rows + n, ...)`."""
        if training:
            # The first rows of all are among the first of each replica.
            batch = ops.stop_gradient(engine.over_replicas(floats(x[: self.rows])))
            if batch.shape[0] is not None and batch.shape[0] < self.rows:
                raise InputError(
                    f"The reference of {self.name} takes {self.rows} rows of the first batch. "
                    f"Received: {batch.shape[0]}; give a larger batch, or fewer rows."
                )
            kept = ops.convert_to_tensor(self.reference)
            reference = ops.where(self.begun > 0, kept, batch[: self.rows])
            self.reference.assign(reference)
            self.begun.assign(ops.ones_like(self.begun))
        return ops.concatenate([ops.cast(self.reference, x.dtype), x], axis=0)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of what `call` gives."""
        return (_moved(input_shape[0], self.rows), *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        return {**super().get_config(), "rows": self.rows}


@keras.saving.register_keras_serializable("kgan")
class VirtualBatchNormalization(keras.Layer):
    """Normalises each row by the moments of the reference batch and the row itself.

    The reference's own rows, the first ones, are normalised by its moments alone.

    Args:
        rows: of the reference, as of the network's `ReferenceBatch`.
        epsilon: under the root, at least 0.

    Raises:
        InputError: fewer than 1 row, or an epsilon below 0.
    """

    def __init__(self, rows: int, epsilon: float = 1e-3, **kwargs: Any):
        check_arguments(VirtualBatchNormalization.__init__, locals())
        check_whole(1, rows=rows)
        check_not_negative(epsilon=epsilon)
        super().__init__(**kwargs)
        self.rows, self.epsilon = int(rows), float(epsilon)

    def build(self, input_shape: Any) -> None:
        """Make scale and offset of each channel."""
        width = (input_shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=width, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=width, initializer="zeros")

    def call(self, x: Any) -> Any:
        """`(rows + n, ..., c)` to the same."""
        values = floats(x)
        places = tuple(range(1, len(values.shape) - 1))
        # Of each row and channel, over all places of an image.
        first, second = (ops.mean(v, axis=places, keepdims=True) for v in (values, values**2))
        share = 1.0 / (self.rows + 1.0)
        moments = []
        for own in (first, second):
            whole = ops.mean(own[: self.rows], axis=0, keepdims=True)
            beside = (1.0 - share) * whole + share * own[self.rows :]
            moments.append(ops.concatenate([ops.repeat(whole, self.rows, axis=0), beside], axis=0))
        mean, square = moments
        scale = ops.rsqrt(ops.maximum(square - mean**2, 0.0) + self.epsilon)
        return ops.cast((values - mean) * scale * floats(self.gamma) + floats(self.beta), x.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of what `call` gives."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        return {**super().get_config(), "rows": self.rows, "epsilon": self.epsilon}


@keras.saving.register_keras_serializable("kgan")
class WithoutReference(keras.Layer):
    """Leaves the reference batch out again.

    Args:
        rows: of the reference, as of the network's `ReferenceBatch`.

    Raises:
        InputError: fewer than 1 row.
    """

    def __init__(self, rows: int, **kwargs: Any):
        check_arguments(WithoutReference.__init__, locals())
        check_whole(1, rows=rows)
        super().__init__(**kwargs)
        self.rows = int(rows)

    def call(self, x: Any) -> Any:
        """`(rows + n, ...)` to `(n, ...)`."""
        return x[self.rows :]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of what `call` gives."""
        return (_moved(input_shape[0], -self.rows), *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        return {**super().get_config(), "rows": self.rows}


def _moved(count: int | None, by: int) -> int | None:
    return None if count is None else max(count + by, 0)
