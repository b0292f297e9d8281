"""SN-GAN's residual networks for 32x32 images, and others whose sides are multiples of 8.

Source: Miyato, Kataoka, Koyama, Yoshida (ICLR 2018), https://arxiv.org/abs/1802.05957, appendix
B.4, table 4 and figure 9, after Gulrajani et al. 2017 (https://arxiv.org/abs/1704.00028). What
they leave open is as in the authors' code: shortcuts are 1x1 convolutions with biases where a block
changes size or width, kernels start as Glorot's with gain sqrt(2) on the main path and 1 elsewhere,
the generator's batch norm has momentum 0.9 and epsilon 2e-5. At 32x32 with 128 latents: 4,276,739
and 1,053,825 weights.

A 1x1 convolution commutes with enlarging by repetition and with means over neighbours, so that
shortcuts convolve the smaller image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kgan.errors import check_whole
from kgan.layers import SpectralDense
from kgan.networks import channels_last
from kgan.networks.image_shapes import divisible
from kgan.networks.sndcgan import batch_norm_relu
from kgan.signatures import checked

_UP_BLOCKS = 3

Convolution = Callable[..., Any]  # (x, filters, kernel size, gain) -> x


@checked
def sngan_resnet_generator(
    image_shape: Sequence[int],
    latent_dim: int = 128,
    *,
    width: int = 256,
    dtype: Any = None,
    name: str = "generator",
) -> keras.Model:
    """Latents to images in [-1, 1]: dense 4x4 `width`, three blocks up, BN, ReLU, 3x3, tanh.

    Args:
        image_shape: `(height, width, channels)`, sides that are multiples of 8.
        latent_dim: width of the latents.
        width: feature maps of all layers but the last.
        dtype: dtype policy of all layers but the last; images are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, latent_dim)` to `(batch, height, width, channels)`.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    rows, columns, channels = divisible(image_shape, 2**_UP_BLOCKS)
    check_whole(1, latent_dim=latent_dim, width=width)
    options = {"dtype": dtype}
    convolve = _convolution(channels_last.Conv2D, **options)
    start = (rows // 2**_UP_BLOCKS, columns // 2**_UP_BLOCKS, width)
    inputs = keras.Input((latent_dim,))
    x = layers.Dense(start[0] * start[1] * width, **options)(inputs)
    x = layers.Reshape(start, **options)(x)
    for _ in range(_UP_BLOCKS):
        shortcut = convolve(x, width, 1)
        shortcut = channels_last.UpSampling2D(2, **options)(shortcut)
        x = channels_last.UpSampling2D(2, **options)(batch_norm_relu(x, **options))
        x = convolve(x, width, 3, gain=2.0)
        x = convolve(batch_norm_relu(x, **options), width, 3, gain=2.0)
        x = layers.Add(**options)([shortcut, x])
    x = convolve(batch_norm_relu(x, **options), channels, 3)
    return keras.Model(inputs, layers.Activation("tanh", dtype=keras.config.floatx())(x), name=name)


@checked
def sngan_resnet_discriminator(
    image_shape: Sequence[int],
    outputs: int = 1,
    *,
    spectral_norm: bool = True,
    width: int = 128,
    dtype: Any = None,
    name: str = "discriminator",
) -> keras.Model:
    """Images to `outputs` logits: four blocks (down, down, same, same), ReLU, sum, dense.

    Args:
        image_shape: `(height, width, channels)`, sides that are multiples of 8.
        outputs: width of the last layer, which is linear.
        spectral_norm: whether all kernels, the last layer's too, are divided by their spectral
            norms.
        width: feature maps of all layers.
        dtype: dtype policy of all layers but the last; outputs are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(batch, outputs)` float32.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    shape = divisible(image_shape, 2**_UP_BLOCKS)
    check_whole(1, outputs=outputs, width=width)
    options = {"dtype": dtype}
    layer = channels_last.SpectralConv2D if spectral_norm else channels_last.Conv2D
    convolve = _convolution(layer, **options)
    dense = SpectralDense if spectral_norm else layers.Dense
    x = inputs = keras.Input(shape)
    # The first block has no ReLU before the image.
    for down, activate in ((True, False), (True, True), (False, True), (False, True)):
        shortcut = x
        x = layers.ReLU(**options)(x) if activate else x
        x = convolve(x, width, 3, gain=2.0)
        x = convolve(layers.ReLU(**options)(x), width, 3, gain=2.0)
        if down:
            x = channels_last.AveragePooling2D(2, **options)(x)
            shortcut = channels_last.AveragePooling2D(2, **options)(shortcut)
            shortcut = convolve(shortcut, width, 1)
        x = layers.Add(**options)([shortcut, x])
    x = layers.ReLU(**options)(x)
    pixels = x.shape[1] * x.shape[2]
    x = channels_last.GlobalAveragePooling2D(dtype=keras.config.floatx())(x)
    x = layers.Rescaling(float(pixels), dtype=keras.config.floatx())(x)  # The sum over the image.
    return keras.Model(inputs, dense(outputs, dtype=keras.config.floatx())(x), name=name)


def _convolution(layer: Any, **options: Any) -> Convolution:
    """A function that adds a layer of this class: `(x, filters, size, gain) -> x`."""

    def convolve(x: Any, filters: int, size: int, gain: float = 1.0) -> Any:
        glorot = keras.initializers.VarianceScaling(gain, "fan_avg", "uniform")
        return layer(filters, size, padding="same", kernel_initializer=glorot, **options)(x)

    return convolve
