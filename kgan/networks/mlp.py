"""Multi-layer perceptrons for 2-D data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kgan.errors import check_positive, check_whole
from kgan.layers import SpectralDense
from kgan.signatures import checked


@checked
def mlp(
    input_dim: int,
    units: Sequence[int],
    output_dim: int,
    *,
    activation: str = "relu",
    initializer: Any = "glorot_uniform",
    input_scale: float = 1.0,
    output_scale: float = 1.0,
    output_bound: float | None = None,
    spectral_norm: bool = False,
    dtype: Any = None,
    name: str = "mlp",
) -> keras.Model:
    """Dense layers of `units`, and a linear one.

    Args:
        input_dim: width of the input.
        units: widths of the hidden layers.
        output_dim: width of the output.
        activation: of the hidden layers.
        initializer: of the kernels; biases start at 0.
        input_scale: the input is multiplied by it, to bring data near unit variance.
        output_scale: the output is multiplied by it.
        output_bound: the output `x` becomes `2 bound (sigmoid(x) - 1/2)`, within +-bound.
        spectral_norm: whether the kernels are divided by their spectral norms; the layers are then
            `SpectralDense`.
        dtype: dtype policy of the hidden layers; the output is float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, input_dim)` to `(batch, output_dim)` float32.

    Raises:
        InputError: a width below 1, or a scale or bound that is not over 0.
    """
    check_whole(1, input_dim=input_dim, output_dim=output_dim)
    check_whole(1, **{f"units[{i}]": width for i, width in enumerate(units)})
    check_positive(input_scale=input_scale, output_scale=output_scale, output_bound=output_bound)
    layer = SpectralDense if spectral_norm else layers.Dense

    def dense(width: int, **kwargs: Any) -> layers.Dense:
        # Keras initializers are drawn once per object: each layer takes its own copy.
        kernel = keras.initializers.get(initializer)
        if hasattr(kernel, "clone"):
            kernel = kernel.clone()
        return layer(width, kernel_initializer=kernel, **kwargs)

    inputs = x = keras.Input((input_dim,))
    if input_scale != 1:
        x = layers.Rescaling(input_scale, dtype=keras.config.floatx())(x)
    for width in units:
        x = dense(width, activation=activation, dtype=dtype)(x)
    x = dense(output_dim, dtype=keras.config.floatx())(x)
    if output_bound is not None:
        x = layers.Activation("sigmoid", dtype=keras.config.floatx())(x)
        x = layers.Rescaling(2 * output_bound, offset=-output_bound, dtype=keras.config.floatx())(x)
    if output_scale != 1:
        x = layers.Rescaling(output_scale, dtype=keras.config.floatx())(x)
    return keras.Model(inputs, x, name=name)
