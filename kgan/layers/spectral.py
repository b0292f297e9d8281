"""Layers whose weights are divided by their largest singular value, which makes them 1-Lipschitz.

Source: Miyato, Kataoka, Koyama, Yoshida (ICLR 2018), "Spectral Normalization for Generative
Adversarial Networks", https://arxiv.org/abs/1802.05957, section 2.1 and algorithm 1. Keras'
`SpectralNormalization` overwrites the kernel instead, and lets no gradient through the singular
value: a projection, and another algorithm.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from kgan.errors import InputError
from kgan.layers.own_kernel import OwnKernel
from kgan.signatures import check_arguments

_EPSILON = 1e-12


class SpectralLayer(OwnKernel):
    """Mixed into a Keras layer with a kernel: it computes with `W / sigma(W)`.

    sigma, the largest singular value of W as a matrix of `(everything else, outputs)`, is estimated
    by power iteration from a vector u that is kept between passes, `output_vector` `(outputs,)`. A
    pass with `training=True` iterates and keeps the new u, so that a discriminator which sees real
    and generated samples apart does so twice a step, and once more when the generator moves, as in
    the authors' code. Any other pass takes u as it is. All of this is in float32 under any policy.

    The gradient passes through sigma, with u and v constant: that of `W / sigma` is
    `(G - <G, W / sigma> v u^T) / sigma` for a gradient G of the normalised kernel (Eq. 12).

    A kernel must not start at zero, which has no direction to iterate in.

    Args:
        *args: of the Keras layer.
        iterations: power iterations of a training pass, at least 1.
        **kwargs: of the Keras layer.

    Raises:
        InputError: fewer than 1 iteration, LoRA, or quantization.
    """

    def __init__(self, *args: Any, iterations: int = 1, **kwargs: Any):
        check_arguments(SpectralLayer.__init__, locals())
        super().__init__(*args, **kwargs)
        if iterations < 1:
            raise InputError(f"iterations must be at least 1. Received: iterations={iterations}")
        self.iterations = int(iterations)

    def build(self, input_shape: Any) -> None:
        """Make the layer's weights, and u from N(0, 1)."""
        super().build(input_shape)  # type: ignore[misc]
        self.output_vector = self.add_weight(
            name="output_vector",
            shape=(self.kernel.shape[-1],),  # type: ignore[attr-defined]
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            trainable=False,
            # Kernels are equal on all replicas, and so are the vectors: a mean would only round.
            aggregation="only_first_replica",
        )

    def add_weight(self, *args: Any, **kwargs: Any) -> Any:
        """A weight that keeps its precision when it is read."""
        return super().add_weight(*args, **{**kwargs, "autocast": False})  # type: ignore[misc]

    def normalised_kernel(self, training: bool | None = None) -> Any:
        """`W / sigma(W)`, in the precision of the layer's computation."""
        kernel = ops.convert_to_tensor(self.kernel)  # type: ignore[attr-defined]
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        inputs = self.input_vector(training)
        sigma = self.sigma(ops.matmul(inputs, matrix), training)
        return ops.cast(kernel / sigma, self.compute_dtype)  # type: ignore[attr-defined]

    def input_vector(self, training: bool | None) -> Any:
        """v `(inputs,)`, after all of a pass's iterations but the last one's second half."""
        matrix = ops.stop_gradient(ops.convert_to_tensor(self.kernel))  # type: ignore[attr-defined]
        matrix = ops.reshape(matrix, (-1, matrix.shape[-1]))
        outputs = ops.convert_to_tensor(self.output_vector)
        inputs = _unit(ops.matmul(matrix, outputs))
        if self._iterates(training):
            for _ in range(self.iterations - 1):
                inputs = _unit(ops.matmul(matrix, _unit(ops.matmul(inputs, matrix))))
        return ops.stop_gradient(inputs)

    def sigma(self, product: Any, training: bool | None) -> Any:
        """sigma from `v W`, whose direction is the new u, which a training pass keeps."""
        if self._iterates(training):
            outputs = ops.stop_gradient(_unit(product))
            self.output_vector.assign(outputs)
        else:
            outputs = _unit(ops.convert_to_tensor(self.output_vector))
        return ops.maximum(ops.sum(product * outputs), _EPSILON)

    def _iterates(self, training: bool | None) -> bool:
        return bool(training and self.trainable)  # type: ignore[attr-defined]

    def call(self, x: Any, training: bool | None = None) -> Any:
        """The layer's linear map by the normalised kernel, its bias and its activation."""
        x = self.normalised(x, training)
        if self.bias is not None:  # type: ignore[attr-defined]
            x = x + self.along_channels(ops.cast(self.bias, x.dtype))  # type: ignore[attr-defined]
        activation = self.activation  # type: ignore[attr-defined]
        return x if activation is None else activation(x)

    def normalised(self, x: Any, training: bool | None) -> Any:
        """The linear map by the normalised kernel."""
        return self.linear(x, self.normalised_kernel(training))

    def linear(self, x: Any, kernel: Any) -> Any:
        """What the layer does with a kernel, before bias and activation."""
        raise NotImplementedError

    def save_own_variables(self, store: Any) -> None:
        """All weights; Keras' own of these layers would lose u."""
        keras.Layer.save_own_variables(self, store)

    def load_own_variables(self, store: Any) -> None:
        """Inverse of `save_own_variables`."""
        keras.Layer.load_own_variables(self, store)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the layer."""
        return {**super().get_config(), "iterations": self.iterations}  # type: ignore[misc]


@keras.saving.register_keras_serializable("kgan")
class SpectralDense(SpectralLayer, layers.Dense):
    """A dense layer of spectral norm 1."""

    def normalised(self, x: Any, training: bool | None) -> Any:
        """`x W / sigma`, and `v W` as one row more of the same product.

        The kernel is large, and what comes out small: it is read half as often, and never written.
        """
        kernel = ops.convert_to_tensor(self.kernel)
        if len(x.shape) != 2 or x.dtype != kernel.dtype:  # sigma is of float32 always.
            return super().normalised(x, training)
        rows = ops.concatenate([x, self.input_vector(training)[None]])
        outputs = self.linear(rows, kernel)
        return outputs[:-1] / self.sigma(outputs[-1], training)

    def linear(self, x: Any, kernel: Any) -> Any:
        """The matrix product."""
        return ops.matmul(x, kernel)


@keras.saving.register_keras_serializable("kgan")
class SpectralConv2D(SpectralLayer, layers.Conv2D):
    """A convolution whose kernel has spectral norm 1 as a matrix `(height * width * in, out)`.

    That is the paper's norm. The convolution's own may be larger, up to `sqrt(height * width)`
    times where strides are 1.
    """

    def linear(self, x: Any, kernel: Any) -> Any:
        """The convolution."""
        return self.convolution_op(x, kernel)


def _unit(vector: Any) -> Any:
    return vector / (ops.norm(vector) + _EPSILON)
