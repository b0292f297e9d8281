"""K layers as one: each generator of a bank has its own weights, all of one shape.

Weights are stacked, `(K, ...)`. Inputs and outputs are flat, `(K * m, ...)`, the rows of
generator 0 first, so that layers without weights of their own between them need no change.
Initializers, constraints and regularizers see the weights of one generator, never the stack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from kgan.errors import InputError
from kgan.layers.own_kernel import OwnKernel
from kgan.signatures import check_arguments


class StackedLayer(OwnKernel):
    """Mixed into a Keras layer: K of it, with initial weights drawn for each.

    Args:
        generators: K, at least 1.
        **kwargs: of the Keras layer.

    Attributes:
        selected: None, or the number of the one generator that all rows of the input belong to.
        apply: what one generator does with its rows `(m, ...)` and its weights.

    Raises:
        InputError: fewer than 1 generator, LoRA, or quantization.
    """

    apply: Callable[..., Any]

    def __init__(self, *, generators: int, **kwargs: Any):
        check_arguments(StackedLayer.__init__, locals())
        super().__init__(**kwargs)
        if generators < 1:
            raise InputError(f"generators must be at least 1. Received: generators={generators}")
        self.generators = int(generators)
        self.selected: Any = None
        self._own_regularizer: Any = self.activity_regularizer  # type: ignore[has-type]
        if self._own_regularizer is not None:
            self.activity_regularizer = self._activity_loss

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        constraint: Any = None,
        regularizer: Any = None,
        **kwargs: Any,
    ) -> Any:
        """K of the weight that the layer asks for."""
        return super().add_weight(  # type: ignore[misc]
            shape=(self.generators, *shape),
            initializer=_each(initializer, self.generators),
            constraint=constraint and _constrained(constraint),
            regularizer=regularizer and _penalized(regularizer),
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
        config = {**super().get_config(), "generators": self.generators}  # type: ignore[misc]
        if self._own_regularizer is not None:
            config["activity_regularizer"] = keras.regularizers.serialize(self._own_regularizer)
        return config

    def _activity_loss(self, outputs: Any) -> Any:
        """The sum over generators, each divided by its own number of rows; Keras divides by all."""
        if self.selected is not None:
            return self._own_regularizer(outputs)
        return self.generators * _penalized(self._own_regularizer)(
            _grouped(outputs, self.generators)
        )


@keras.saving.register_keras_serializable("kgan")
class StackedDense(StackedLayer, layers.Dense):
    """K dense layers; inputs `(K * m, ..., width)`."""

    def apply(self, x: Any, kernel: Any, *bias: Any) -> Any:
        """A dense layer without its activation."""
        x = ops.matmul(x, kernel)
        # Of one generator the bias is (units,), of all (K, units).
        return x + bias[0][..., None, :] if bias else x

    def apply_all(self, groups: Any, *weights: Any) -> Any:
        """One batched product, over all axes but the last."""
        *rows, width = ops.shape(groups)[1:]
        outputs = self.apply(ops.reshape(groups, (self.generators, -1, width)), *weights)
        if len(rows) == 1:
            return outputs
        return ops.reshape(outputs, (self.generators, *rows, outputs.shape[-1]))


class _StackedConvolution(StackedLayer):
    """Mixed into a convolution of two dimensions."""

    def apply(self, x: Any, kernel: Any, *bias: Any) -> Any:
        """The layer without its activation."""
        x = self.convolution_op(x, kernel)  # type: ignore[attr-defined]
        return x + self.along_channels(bias[0]) if bias else x


@keras.saving.register_keras_serializable("kgan")
class StackedConv2D(_StackedConvolution, layers.Conv2D):
    """K convolutions; inputs `(K * m, height, width, channels)`, or channels first."""


@keras.saving.register_keras_serializable("kgan")
class StackedConv2DTranspose(_StackedConvolution, layers.Conv2DTranspose):
    """K transposed convolutions; inputs `(K * m, height, width, channels)`, or channels first."""

    def convolution_op(self, x: Any, kernel: Any) -> Any:
        """The transposed convolution."""
        return ops.conv_transpose(
            x,
            kernel,
            self.strides,
            self.padding,
            self.output_padding,
            self.data_format,
            self.dilation_rate,
        )


@keras.saving.register_keras_serializable("kgan")
class StackedBatchNormalization(StackedLayer, layers.BatchNormalization):
    """K batch norms, each with statistics over its own generator's rows, over all replicas.

    Raises:
        InputError: `renorm`, statistics for each row, or, in a call, a mask.
    """

    def __init__(self, *, generators: int, **kwargs: Any):
        super().__init__(generators=generators, **kwargs)
        if getattr(self, "renorm", False):
            raise InputError(
                "A generator's own batch norm cannot have renorm. Received: renorm=True for "
                f"{self.name}; build it without, or share the layer."
            )

    def build(self, input_shape: Any) -> None:
        """Make the layer's weights."""
        if self.axis % len(input_shape) == 0:
            raise InputError(
                "A generator's own batch norm needs an axis of channels. Received: "
                f"axis={self.axis}, the batch's, for {self.name}"
            )
        super().build(input_shape)

    def call(self, x: Any, training: bool | None = None, mask: Any = None) -> Any:
        """`(K * m, ...)` to the same, normalised along all axes but `axis`."""
        if mask is not None:
            raise InputError(
                f"A generator's own batch norm takes no mask. Received: one for {self.name}; "
                "share the layer, or do without masks before it."
            )
        # In half precision statistics would overflow.
        inputs = ops.cast(x, keras.backend.result_type(x.dtype, "float32"))
        inputs = ops.moveaxis(inputs, self.axis, -1) if self._moved(inputs) else inputs
        outputs = self._normalised_groups(inputs, training)
        outputs = ops.moveaxis(outputs, -1, self.axis) if self._moved(inputs) else outputs
        return ops.cast(outputs, self.compute_dtype)

    def _moved(self, x: Any) -> bool:
        return self.axis % len(x.shape) != len(x.shape) - 1

    def _normalised_groups(self, inputs: Any, training: bool | None) -> Any:
        """`(K * m, ..., channels)` to the same."""
        if self.selected is not None:
            statistics = self.moving_mean, self.moving_variance
            return self._normalised(inputs, *statistics, lambda w: ops.take(w, self.selected, 0))
        shape = ops.shape(inputs)
        groups = ops.reshape(inputs, (self.generators, -1, inputs.shape[-1]))
        mean, variance = self.moving_mean, self.moving_variance
        if training and self.trainable:
            mean, variance = ops.moments(groups, axes=[1], synchronized=self.synchronized)
            for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign(moving * self.momentum + now * (1 - self.momentum))
        return ops.reshape(self._normalised(groups, mean, variance, lambda w: w[:, None]), shape)

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
    return ops.reshape(x, (generators, -1, *ops.shape(x)[1:]))


def _merged(groups: Any) -> Any:
    return ops.reshape(groups, (-1, *ops.shape(groups)[2:]))


def _each(initializer: Any, generators: int) -> Any:
    """An initializer of `(K, ...)` that draws anew for each generator."""
    first = keras.initializers.get(initializer)

    def initialise(shape: Sequence[int], dtype: Any = None) -> Any:
        return ops.stack([_fresh(first, k)(shape[1:], dtype=dtype) for k in range(generators)])

    return initialise


def _fresh(initializer: Any, k: int) -> Any:
    """A copy of a random initializer with another seed; the initializer itself where it has none.

    Keras draws an initializer's seed once, so that its every call gives the same weights; one with
    a `SeedGenerator` draws anew by itself.
    """
    config = initializer.get_config() if hasattr(initializer, "get_config") else {}
    seed = config.get("seed", {})
    if isinstance(seed, dict):
        return initializer
    if isinstance(seed, int):
        seed += k
    return type(initializer).from_config({**config, "seed": seed})


def _constrained(constraint: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A constraint of `(K, ...)` that is one of each generator's weight."""
    return lambda weights: ops.map(constraint, ops.convert_to_tensor(weights))


def _penalized(regularizer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A regularizer of `(K, ...)`: the sum over generators."""
    return lambda weights: ops.sum(ops.map(regularizer, ops.convert_to_tensor(weights)))
