"""Layers that let a discriminator compare the samples of a batch with each other.

A generator that makes one sample again and again is then told from the data, however real that
sample is. Rows bear on each other: an answer depends on the batch that it was asked in, real and
generated samples must pass apart, and of several replicas each looks at its own part.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend.precision import floats
from kgan.errors import InputError, check_whole
from kgan.signatures import check_arguments

# In the root, whose gradient would be infinite where samples are all one.
_LEAST = 1e-8


@keras.saving.register_keras_serializable("kgan")
class MinibatchStandardDeviation(keras.Layer):
    """Appends the standard deviation over a group of samples as a feature of each of them.

    Source: Karras, Aila, Laine, Lehtinen (2018), https://arxiv.org/abs/1710.10196, section 3;
    groups as in StyleGAN2's code: of n rows, every (n / group_size)-th.

    Args:
        group_size: rows that are compared, at least 1. A batch that is smaller, or no multiple of
            it, is one group.
        features: how many are appended, each the mean over its part of the channels, and over all
            places of an image.

    Raises:
        InputError: a number below 1, or features that do not divide the channels.
    """

    def __init__(self, group_size: int = 4, features: int = 1, **kwargs: Any):
        check_arguments(MinibatchStandardDeviation.__init__, locals())
        check_whole(1, group_size=group_size, features=features)
        super().__init__(**kwargs)
        self.group_size, self.features = int(group_size), int(features)

    def build(self, input_shape: Any) -> None:
        """Check that the features divide the channels."""
        if input_shape[-1] % self.features:
            raise InputError(
                f"features must divide the {input_shape[-1]} channels. Received: "
                f"features={self.features}"
            )
        self.built = True

    def call(self, x: Any) -> Any:
        """`(n, ..., c)` to `(n, ..., c + features)`."""
        rows, (*places, channels) = ops.shape(x)[0], x.shape[1:]
        group = _group(rows, self.group_size)
        parts = (*places, self.features, channels // self.features)
        values = ops.reshape(floats(x), (group, rows // group, *parts))
        variances = ops.mean(ops.square(values - ops.mean(values, axis=0, keepdims=True)), axis=0)
        axes = (*range(1, len(places) + 1), -1)
        spread = ops.mean(ops.sqrt(variances + _LEAST), axis=axes)
        # Row r is in group r modulo their number.
        of_rows = ops.take(spread, ops.arange(rows, dtype="int32") % (rows // group), axis=0)
        of_rows = ops.reshape(of_rows, (-1, *[1] * len(places), self.features))
        feature = ops.zeros_like(x[..., : self.features]) + ops.cast(of_rows, x.dtype)
        return ops.concatenate([x, feature], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of what `call` gives."""
        return (*input_shape[:-1], input_shape[-1] + self.features)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        own = {"group_size": self.group_size, "features": self.features}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("kgan")
class MinibatchDiscrimination(keras.Layer):
    """Appends how close each sample is to the others of its batch, in learnt projections.

    Source: Salimans et al. (2016), https://arxiv.org/abs/1606.03498, section 3.2:
    `o(x_i)_b = sum_j exp(-|M_ib - M_jb|_1)` with `M_i = f(x_i) T`. The sum is over the other rows:
    the row itself would add 1 to each.

    Args:
        kernels: B, how many features are appended, at least 1.
        dimensions: C, of each projection, at least 1.
        kernel_initializer: of T.

    Raises:
        InputError: a number below 1, or inputs that are no rows of numbers.
    """

    def __init__(
        self,
        kernels: int,
        dimensions: int = 5,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ):
        check_arguments(MinibatchDiscrimination.__init__, locals())
        check_whole(1, kernels=kernels, dimensions=dimensions)
        super().__init__(**kwargs)
        self.kernels, self.dimensions = int(kernels), int(dimensions)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape: Any) -> None:
        """Make T, `(a, kernels * dimensions)`."""
        if len(input_shape) != 2:
            raise InputError(
                "MinibatchDiscrimination is for rows of numbers. Received: inputs of shape "
                f"{tuple(input_shape)}; put a Flatten before it"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.kernels * self.dimensions),
            initializer=self.kernel_initializer,
        )
        self.built = True

    def call(self, x: Any) -> Any:
        """`(n, a)` to `(n, a + kernels)`."""
        projected = floats(ops.matmul(x, self.kernel))
        projected = ops.reshape(projected, (-1, self.kernels, self.dimensions))
        apart = ops.sum(ops.abs(projected[:, None] - projected[None]), axis=-1)
        close = ops.sum(ops.exp(-apart), axis=1) - 1.0
        return ops.concatenate([x, ops.cast(close, x.dtype)], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of what `call` gives."""
        return (input_shape[0], input_shape[-1] + self.kernels)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        own = {"kernels": self.kernels, "dimensions": self.dimensions}
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return {**super().get_config(), **own, "kernel_initializer": initializer}


def _group(rows: Any, size: int) -> Any:
    """Rows of a group: `size`, or all where they cannot be shared out so."""
    if isinstance(rows, int):
        return size if rows >= size and rows % size == 0 else max(rows, 1)
    whole = ops.logical_and(rows >= size, ops.equal(rows % size, 0))
    return ops.where(whole, size, ops.maximum(rows, 1))
