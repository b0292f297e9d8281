"""InvertGAN's residual networks, for square images of 28, 32, 48 pixels and more.

Source: "InvertGAN: Reducing Mode Collapse with Multi-dimensional Gaussian Inversion", appendix A.2,
tables 3 (inverse) and 4 (generator), for 32x32. They are block for block those of Mescheder et al.
2018 (https://arxiv.org/abs/1801.04406), which the paper cites, and what the tables leave open is as
in their code (https://github.com/LMescheder/GAN_stability, c1f64c9, `models/resnet.py`):
pre-activation by leaky ReLUs of slope 0.2, residuals times 0.1, shortcuts without bias, no batch
norm; averages over 3x3 at every second pixel, begun one pixel outside, whose zeros count; weights
and biases drawn from U(-1/sqrt(n), 1/sqrt(n)) for n inputs, as PyTorch does. Theirs are conditional
and these are not. The discriminator is the inverse with one output.

Sides are halved until they are at most 7, so that 32 starts from 4x4 as printed, 28 from 7x7, 48
from 6x6 and 96 from 6x6. Feature maps are 512 after three halvings, as printed, and twice as many
with every further one, up to 512 in a generator and 1,024 in an encoder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kgan.errors import check_whole
from kgan.networks import channels_last
from kgan.networks.image_shapes import halved

_START = 7
_SLOPE = 0.2
_RESIDUAL_SCALE = 0.1
# Feature maps at most, for the usual width.
_GENERATOR_CAP, _ENCODER_CAP = 8, 16


def resnet_generator(
    image_shape: Sequence[int],
    latent_dim: int = 20,
    *,
    width: int = 64,
    dtype: Any = None,
    name: str = "generator",
) -> keras.Model:
    """Table 4: latents to images in [-1, 1].

    Args:
        image_shape: `(height, width, channels)`; both sides the same power of two times at most 7
            pixels, the longer one 8 pixels and more.
        latent_dim: width of the latents; 20 as in table 3's last line.
        width: feature maps of the last block; no layer has more than 8 times as many.
        dtype: dtype policy of all layers but the last; images are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, latent_dim)` to `(batch, height, width, channels)`.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    (rows, columns, channels), steps = halved(image_shape, _START)
    check_whole(1, latent_dim=latent_dim, width=width)
    options = {"dtype": dtype}
    inputs = keras.Input((latent_dim,))
    maps = [width * min(2**step, _GENERATOR_CAP) for step in range(steps + 1)]
    x = _dense(inputs, rows * columns * maps[steps], **options)
    x = layers.Reshape((rows, columns, maps[steps]), **options)(x)
    for step in reversed(range(steps)):
        # Table 4: 256, 128 and 64 feature maps, and 64 again in the block of full size.
        x = _block(x, maps[step], **options)
        x = channels_last.UpSampling2D(2, **options)(x)
    x = _block(x, width, **options)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = _convolution(x, channels, 3, **options)
    return keras.Model(inputs, layers.Activation("tanh", dtype=keras.config.floatx())(x), name=name)


def resnet_encoder(
    image_shape: Sequence[int],
    outputs: int = 20,
    *,
    width: int = 64,
    dtype: Any = None,
    name: str = "inverse",
) -> keras.Model:
    """Table 3: images to `outputs` latents; with one output, a discriminator.

    Args:
        image_shape: `(height, width, channels)`; sides as for `resnet_generator`.
        outputs: width of the last layer, which is linear.
        width: feature maps of the first block; twice as many with every halving, up to 16 times.
        dtype: dtype policy of all layers but the last; outputs are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(batch, outputs)` float32.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    _, steps = halved(image_shape, _START)
    check_whole(1, outputs=outputs, width=width)
    options = {"dtype": dtype}
    inputs = keras.Input(tuple(image_shape))
    maps = [width * min(2**step, _ENCODER_CAP) for step in range(steps + 1)]
    x = _convolution(inputs, width, 3, **options)
    for step in range(steps):
        x = _halved(_block(x, maps[step], **options), **options)
    x = _block(x, maps[steps], **options)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Flatten(**options)(x)
    return keras.Model(inputs, _dense(x, outputs, dtype=keras.config.floatx()), name=name)


def _halved(x: Any, **options: Any) -> Any:
    """`AvgPool2d(3, stride=2, padding=1)`: windows begin one pixel outside, and zeros count."""
    x = channels_last.ZeroPadding2D(((1, 0), (1, 0)), **options)(x)
    return channels_last.AveragePooling2D(3, 2, "valid", **options)(x)


def _block(x: Any, filters: int, **options: Any) -> Any:
    """Two 3x3 convolutions beside the identity, or beside a 1x1 one where widths differ."""
    shortcut, narrower = x, min(x.shape[-1], filters)
    if x.shape[-1] != filters:
        shortcut = _convolution(x, filters, 1, use_bias=False, **options)
    for width in (narrower, filters):  # Table 3: a block from 64 to 128 has 64, then 128.
        x = layers.LeakyReLU(_SLOPE, **options)(x)
        x = _convolution(x, width, 3, **options)
    return layers.Add(**options)([shortcut, layers.Rescaling(_RESIDUAL_SCALE, **options)(x)])


def _convolution(x: Any, filters: int, side: int, **options: Any) -> Any:
    drawn = _drawn(side * side * x.shape[-1])
    return channels_last.Conv2D(filters, side, padding="same", **drawn, **options)(x)


def _dense(x: Any, units: int, **options: Any) -> Any:
    return layers.Dense(units, **_drawn(x.shape[-1]), **options)(x)


def _drawn(inputs: int) -> dict[str, Any]:
    """PyTorch's initial weights of a layer whose outputs see so many inputs each."""
    bound = 1 / math.sqrt(inputs)
    return {
        # Each weight has an object of its own: an initializer draws the same numbers again.
        "kernel_initializer": keras.initializers.RandomUniform(-bound, bound),
        "bias_initializer": keras.initializers.RandomUniform(-bound, bound),
    }
