"""Layers at the end of an embedder: where embeddings begin, and how far out they may go."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.precision import floats
from kgan.errors import check_positive
from kgan.signatures import check_arguments

# Of the largest eigenvalue of a batch's covariance: smaller ones are taken for so much, so that
# directions in which the batch hardly differs are not blown up without bound.
_SMALLEST = 1e-3
# A batch that is all one has no directions.
_NOTHING = 1e-20


@keras.saving.register_keras_serializable("kgan")
class NormBound(keras.Layer):
    """Rows e become `e R / sqrt(R^2 + |e|^2)`: directions stay, norms are below R.

    A bound on each coordinate leaves a norm of `sqrt(d)` times as much, so that a density of the
    embedding may still become as small as it likes.

    Args:
        radius: R, over 0.

    Raises:
        InputError: another radius.
    """

    def __init__(self, radius: float, **kwargs: Any):
        check_arguments(NormBound.__init__, {"radius": radius})
        check_positive(radius=radius)
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        self.radius = float(radius)

    def call(self, x: Any) -> Any:
        """`(batch, d)` to the same."""
        x = floats(x)
        squares = ops.sum(ops.square(x), axis=-1, keepdims=True)
        return x * self.radius / ops.sqrt(self.radius**2 + squares)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        return {**super().get_config(), "radius": self.radius}


@keras.saving.register_keras_serializable("kgan")
class Whitening(keras.Layer):
    """An affine map that the first batch in training decides: it has mean 0 and covariance v I.

    The map stays as it is from then on, and is part of `.keras` files and checkpoints. Embeddings
    of fresh networks lie close together, or on a line: this spreads them out at the start. Of
    several replicas all see the whole batch. Before the first batch rows pass as they are.

    Args:
        variance: v, over 0.

    Raises:
        InputError: another variance.
    """

    def __init__(self, variance: float = 0.25, **kwargs: Any):
        check_arguments(Whitening.__init__, {"variance": variance})
        check_positive(variance=variance)
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        self.variance = float(variance)

    def build(self, input_shape: Any) -> None:
        """Make the map, which is none before the first batch."""
        width = input_shape[-1]
        options = {"trainable": False, "aggregation": "only_first_replica"}
        self.matrix = self.add_weight(
            name="matrix", shape=(width, width), initializer="identity", **options
        )
        self.offset = self.add_weight(name="offset", shape=(width,), initializer="zeros", **options)
        self.begun = self.add_weight(name="begun", shape=(), initializer="zeros", **options)

    def call(self, x: Any, training: bool | None = None) -> Any:
        """`(batch, d)` to the same."""
        x = floats(x)
        if training:
            batch = ops.stop_gradient(engine.over_replicas(x))
            kept = ops.convert_to_tensor(self.matrix), ops.convert_to_tensor(self.offset)
            matrix, offset = ops.cond(self.begun > 0, lambda: kept, lambda: self._of(batch))
            self.matrix.assign(matrix)
            self.offset.assign(offset)
            self.begun.assign(ops.ones_like(self.begun))
        return ops.matmul(x - self.offset, self.matrix)

    def _of(self, batch: Any) -> tuple[Any, Any]:
        mean = ops.mean(batch, axis=0)
        centred = batch - mean
        count = ops.cast(ops.shape(batch)[0], batch.dtype)
        covariance = ops.matmul(ops.transpose(centred), centred) / ops.maximum(count - 1, 1.0)
        values, vectors = ops.eigh(covariance)
        largest = ops.max(values)
        values = ops.where(
            largest > _NOTHING, ops.maximum(values, _SMALLEST * largest), self.variance
        )
        scales = ops.sqrt(self.variance / values)
        return ops.matmul(vectors * scales, ops.transpose(vectors)), mean

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        return {**super().get_config(), "variance": self.variance}
