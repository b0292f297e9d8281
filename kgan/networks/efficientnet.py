"""EfficientNet-Lite0, a small classifier of ImageNet in whose features any images are compared.

Sources: Tan and Le (2019), https://arxiv.org/abs/1905.11946, table 1, for the blocks; the Lite
variants (2020) are the authors' code, `efficientnet/lite` in https://github.com/tensorflow/tpu: no
squeeze and excitation, ReLU6 in place of swish, pixels as (x - 127) / 128. In that code images of
ImageNet lose a border before they are resized bicubically; here the whole image is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from kgan.errors import DataError, InputError
from kgan.networks import channels_last
from kgan.signatures import checked

SIDE = 224
_STEM, _HEAD, _DROPPED = 32, 1280, 0.2
_NORM = {"momentum": 0.99, "epsilon": 1e-3, "dtype": "float32"}
_EXPANSION = 6


class _Stage(NamedTuple):
    """Blocks in a row, the first of which has the strides."""

    blocks: int
    kernel: int
    strides: int
    expansion: int
    filters: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, _EXPANSION, 24),
    _Stage(2, 5, 2, _EXPANSION, 40),
    _Stage(3, 3, 2, _EXPANSION, 80),
    _Stage(3, 5, 1, _EXPANSION, 112),
    _Stage(4, 5, 2, _EXPANSION, 192),
    _Stage(1, 3, 1, _EXPANSION, 320),
)


@checked
def efficientnet_lite0(
    image_shape: Sequence[int],
    classes: int = 1000,
    *,
    seed: int = 0,
    name: str = "efficientnet_lite0",
) -> keras.Model:
    """Stem, 16 inverted bottlenecks, 1x1 head, mean over the image, dropout, logits.

    Images of any size are resized to 224x224 bicubically, smoothed where they shrink, and grey ones
    get three equal channels. All layers are float32 whatever the global policy: this network
    measures. The weights are random: `load_torch_weights` gives it trained ones.

    Args:
        image_shape: (height, width, channels) with 1 or 3 channels.
        classes: number of logits, at least 2.
        seed: of the initial weights and of dropout.
        name: of the model.

    Returns:
        A Keras model from (batch, height, width, channels) in [0, 1] to (batch, classes) logits,
        with the (batch, 1280) output of a layer named "features" before them.

    Raises:
        InputError: another image shape or number of channels, or fewer than 2 classes.
    """
    shape = tuple(int(n) for n in image_shape)
    if len(shape) != 3 or min(shape) < 1 or shape[2] not in (1, 3):
        raise InputError(
            "EfficientNet-Lite0 takes images (height, width, channels) of 1 or 3 channels. "
            f"Received: image_shape={shape}"
        )
    if classes < 2:
        raise InputError(f"A classifier needs at least 2 classes. Received: {classes}")
    weights = keras.random.SeedGenerator(seed)
    inputs = keras.Input(shape, dtype="float32")
    x = _prepared(inputs)
    convolution = channels_last.Conv2D(
        _STEM, 3, 2, "same", name="conv_stem", **_kernel("kernel_initializer", weights)
    )
    x = _normed(convolution(x), "bn0")
    number = 0
    for stage in _STAGES:
        for place in range(stage.blocks):
            strides = 1 if place else stage.strides
            x = _block(x, stage._replace(strides=strides), f"blocks_{number}", weights)
            number += 1
    head = channels_last.Conv2D(
        _HEAD, 1, name="conv_head", **_kernel("kernel_initializer", weights)
    )
    x = _normed(head(x), "bn1")
    x = channels_last.GlobalAveragePooling2D(name="features", dtype="float32")(x)
    x = layers.Dropout(_DROPPED, seed=seed, dtype="float32")(x)
    initializer = keras.initializers.GlorotUniform(weights)
    x = layers.Dense(classes, kernel_initializer=initializer, name="fc", dtype="float32")(x)
    return keras.Model(inputs, x, name=name)


def _prepared(images: Any) -> Any:
    """Images in [0, 1] as the network has seen them in training."""
    x = images
    if tuple(x.shape[1:3]) != (SIDE, SIDE):
        x = channels_last.Resizing(
            SIDE, SIDE, interpolation="bicubic", antialias=True, dtype="float32"
        )(x)
    x = layers.Rescaling(255 / 128, offset=-127 / 128, dtype="float32")(x)
    if x.shape[-1] == 1:
        x = layers.Concatenate(dtype="float32")([x, x, x])
    return x


def _block(x: Any, stage: _Stage, name: str, weights: Any) -> Any:
    """Widened by a 1x1 convolution, filtered channel by channel, narrowed, added to the input."""
    inputs, width = x, x.shape[-1] * stage.expansion
    if stage.expansion > 1:
        expand = channels_last.Conv2D(
            width, 1, name=f"{name}_expand_conv", **_kernel("kernel_initializer", weights)
        )
        x = _normed(expand(x), f"{name}_bn0")
    depthwise = channels_last.DepthwiseConv2D(
        stage.kernel,
        stage.strides,
        "same",
        name=f"{name}_depthwise_conv",
        **_kernel("depthwise_initializer", weights),
    )
    x = _normed(depthwise(x), f"{name}_bn1")
    project = channels_last.Conv2D(
        stage.filters, 1, name=f"{name}_project_conv", **_kernel("kernel_initializer", weights)
    )
    x = layers.BatchNormalization(name=f"{name}_bn2", **_NORM)(project(x))
    if stage.strides == 1 and inputs.shape[-1] == stage.filters:
        x = layers.Add(dtype="float32")([x, inputs])
    return x


def _kernel(argument: str, weights: Any) -> dict[str, Any]:
    """Of convolutions: no biases, weights of variance 2 / fan-out, as the authors' code has."""
    initializer = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", weights)
    return {argument: initializer, "use_bias": False, "dtype": "float32"}


def _normed(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(name=name, **_NORM)(x)
    return layers.ReLU(max_value=6.0, dtype="float32")(x)


def load_torch_weights(model: keras.Model, tensors: Mapping[str, np.ndarray]) -> None:
    """Gives a model of `efficientnet_lite0` the weights of the same network in PyTorch.

    Args:
        model: with 1,000 classes, for published weights.
        tensors: by the names that the PyTorch package `efficientnet_lite_pytorch` has, such as
            "_blocks.3._depthwise_conv.weight"; kernels are (out, in, height, width).

    Raises:
        DataError: tensors are missing, left over, or of other shapes; the model is as it was.
    """
    found = {
        name.replace("._", "_").replace(".", "_").lstrip("_"): value
        for name, value in tensors.items()
        if not name.endswith(".num_batches_tracked")
    }
    chosen = {layer: _converted(layer, found) for layer in model.layers if layer.weights}
    if found:
        raise DataError(f"These are no weights of {model.name}: {min(found)} is left over.")
    for layer, values in chosen.items():
        layer.set_weights(values)


# Where PyTorch's axes (out, in, height, width) come to lie; a depthwise kernel's "in" is 1.
_AXES = {"Conv2D": (2, 3, 1, 0), "DepthwiseConv2D": (2, 3, 0, 1), "Dense": (1, 0)}
_BATCH_NORM = ("weight", "bias", "running_mean", "running_var")


def _converted(layer: keras.Layer, found: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Takes a layer's weights out of what was found, in Keras' order and shapes."""
    axes = _AXES.get(type(layer).__name__)
    kinds = ("weight", "bias")[: len(layer.weights)] if axes else _BATCH_NORM
    values = []
    for kind, own in zip(kinds, layer.weights, strict=True):
        name = f"{layer.name}_{kind}"
        value = found.pop(name, None)
        if value is not None and axes and kind == "weight" and value.ndim == len(axes):
            value = value.transpose(axes)
        if value is None or value.shape != tuple(own.shape):
            shape = "nothing" if value is None else f"the shape {value.shape}"
            raise DataError(
                f"These are no weights of EfficientNet-Lite0: {name} should have the shape "
                f"{tuple(own.shape)} in Keras' order and has {shape}."
            )
        values.append(value)
    return values
