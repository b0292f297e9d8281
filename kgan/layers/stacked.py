"""K layers as one: each generator of a bank has its own weights, all of one shape.

Weights are stacked, `(K, ...)`. Inputs and outputs are flat, `(K * m, ...)`, the rows of
generator 0 first, so that layers without weights of their own between them need no change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from kgan.backend.precision import floats
from kgan.errors import InputError


class StackedLayer:
    """Mixed into a Keras layer: K of it, with initial weights drawn for each.

    Args:
        generators: K, at least 1.
        **kwargs: of the Keras layer.

    Attributes:
        selected: None, or the number of the one generator that all rows of the input belong to.
        apply: what one generator does with its rows `(m, ...)` and its weights.
    """

    apply: Callable[..., Any]

    def __init__(self, *, generators: int, **kwargs: Any):
        super().__init__(**kwargs)
        if generators < 1:
            raise InputError(f"generators must be at least 1. Received: generators={generators}")
        self.generators = int(generators)
        self.selected: Any = None

    def add_weight(self, shape: Any = None, initializer: Any = None, **kwargs: Any) -> Any:
        """K of the weight that the layer asks for."""
        return super().add_weight(  # type: ignore[misc]
            shape=(self.generators, *shape),
            initializer=_each(initializer, self.generators),
            **kwargs,
        )

    def own_weights(self) -> Sequence[Any]:
        """The stacked weights, `(K, ...)` each, as `apply` takes them."""
        bias = [] if self.bias is None else [self.bias]  # type: ignore[attr-defined]
        return [self.kernel, *bias]  # type: ignore[attr-defined]

    def call(self, x: Any) -> Any:
        """`(K * m, ...)` to `(K * m, ...)`, or, with one selected, `(n, ...)` to `(n, ...)`."""
        weights = [ops.convert_to_tensor(w) for w in self.own_weights()]
        if self.selected is not None:
            outputs = self.apply(x, *(ops.take(w, self.selected, axis=0) for w in weights))
        else:
            outputs = _merged(self.apply_all(_grouped(x, self.generators), *weights))
        activation = getattr(self, "activation", None)
        return outputs if activation is None else activation(outputs)

    def apply_all(self, groups: Any, *weights: Any) -> Any:
        """`apply` for every generator: a loop inside the graph, fastest for convolutions on CPU."""
        if self.generators == 1:
            return self.apply(groups[0], *(w[0] for w in weights))[None]
        return ops.map(lambda parts: self.apply(*parts), (groups, *weights))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        return {**super().get_config(), "generators": self.generators}  # type: ignore[misc]


@keras.saving.register_keras_serializable("kgan")
class StackedDense(StackedLayer, layers.Dense):
    """K dense layers; inputs `(K * m, width)`."""

    def apply(self, x: Any, kernel: Any, *bias: Any) -> Any:
        """A dense layer without its activation."""
        x = ops.matmul(x, kernel)
        # Of one generator the bias is (units,), of all (K, units).
        return x + bias[0][..., None, :] if bias else x

    def apply_all(self, groups: Any, *weights: Any) -> Any:
        """One batched product."""
        return self.apply(groups, *weights)


@keras.saving.register_keras_serializable("kgan")
class StackedConv2D(StackedLayer, layers.Conv2D):
    """K convolutions; inputs `(K * m, height, width, channels)`."""

    def apply(self, x: Any, kernel: Any, *bias: Any) -> Any:
        """A convolution without its activation."""
        x = ops.conv(x, kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
        return x + bias[0] if bias else x


@keras.saving.register_keras_serializable("kgan")
class StackedConv2DTranspose(StackedLayer, layers.Conv2DTranspose):
    """K transposed convolutions; inputs `(K * m, height, width, channels)`."""

    def apply(self, x: Any, kernel: Any, *bias: Any) -> Any:
        """A transposed convolution without its activation."""
        x = ops.conv_transpose(
            x,
            kernel,
            self.strides,
            self.padding,
            self.output_padding,
            self.data_format,
            self.dilation_rate,
        )
        return x + bias[0] if bias else x


@keras.saving.register_keras_serializable("kgan")
class StackedBatchNormalization(StackedLayer, layers.BatchNormalization):
    """K batch norms, each with statistics over its own generator's rows, over all replicas."""

    def call(self, x: Any, training: bool | None = None, mask: Any = None) -> Any:
        """`(K * m, ..., channels)` to the same; there are no masks in generators."""
        inputs = floats(x)
        if self.selected is not None:
            statistics = self.moving_mean, self.moving_variance
            outputs = self._normalised(
                inputs, *statistics, lambda w: ops.take(w, self.selected, axis=0)
            )
            return ops.cast(outputs, self.compute_dtype)
        shape = ops.shape(inputs)
        groups = ops.reshape(inputs, (self.generators, -1, inputs.shape[-1]))
        mean, variance = self.moving_mean, self.moving_variance
        if training and self.trainable:
            mean, variance = ops.moments(groups, axes=[1], synchronized=self.synchronized)
            for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign(moving * self.momentum + now * (1 - self.momentum))
        outputs = self._normalised(groups, mean, variance, lambda w: w[:, None])
        return ops.cast(ops.reshape(outputs, shape), self.compute_dtype)

    def _normalised(self, x: Any, mean: Any, variance: Any, fit: Any) -> Any:
        """`x` by its statistics; `fit` brings `(K, channels)` to the shape of `x`."""
        factor = ops.rsqrt(ops.convert_to_tensor(variance) + self.epsilon)
        if self.scale:
            factor = factor * self.gamma
        offset = -ops.convert_to_tensor(mean) * factor
        if self.center:
            offset = offset + self.beta
        return x * fit(factor) + fit(offset)


STACKED: Mapping[type[layers.Layer], type[layers.Layer]] = {
    layers.Dense: StackedDense,
    layers.Conv2D: StackedConv2D,
    layers.Conv2DTranspose: StackedConv2DTranspose,
    layers.BatchNormalization: StackedBatchNormalization,
}
"""What a bank puts in the place of which Keras layer."""


def _grouped(x: Any, generators: int) -> Any:
    return ops.reshape(x, (generators, -1, *x.shape[1:]))


def _merged(groups: Any) -> Any:
    return ops.reshape(groups, (-1, *groups.shape[2:]))


def _each(initializer: Any, generators: int) -> Any:
    """An initializer of `(K, ...)` that draws anew for each generator."""
    first = keras.initializers.get(initializer)

    def initialise(shape: Sequence[int], dtype: Any = None) -> Any:
        return ops.stack([_fresh(first, k)(shape[1:], dtype=dtype) for k in range(generators)])

    return initialise


def _fresh(initializer: Any, k: int) -> Any:
    """A copy of a random initializer with another seed; the initializer itself where it has none.

    Keras draws an initializer's seed once, so that its every call gives the same weights.
    """
    config = initializer.get_config() if hasattr(initializer, "get_config") else {}
    if "seed" not in config:
        return initializer
    seed = config["seed"]
    if isinstance(seed, int):
        seed += k
    return type(initializer).from_config({**config, "seed": seed})
