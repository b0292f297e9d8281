"""InvertGAN's residual networks, for square images of 28, 32, 48 pixels and more.

Source: "InvertGAN: Reducing Mode Collapse with Multi-dimensional Gaussian Inversion", appendix A.2,
tables 3 (inverse) and 4 (generator), for 32x32. They are block for block those of Mescheder et al.
2018 (https://arxiv.org/abs/1801.04406), which the paper cites, and what the tables leave open is as
in their published code: pre-activation by leaky ReLUs of slope 0.2, residuals times 0.1, shortcuts
without bias, no batch norm. The discriminator is the inverse with one output.

Sides are halved until they are at most 7, so that 32 starts from 4x4 as printed, 28 from 7x7, 48
from 6x6 and 96 from 6x6. Feature maps at the start are 512 for three halvings, as printed, and
twice as many with every further one.
"""

from __future__ import annotations

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
        width: feature maps of the last block.
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
    first = width * 2**steps
    x = layers.Dense(rows * columns * first, **options)(inputs)
    x = layers.Reshape((rows, columns, first), **options)(x)
    for step in reversed(range(steps)):
        # Table 4: 256, 128 and 64 feature maps, and 64 again in the block of full size.
        x = _block(x, width * 2**step, **options)
        x = channels_last.UpSampling2D(2, **options)(x)
    x = _block(x, width, **options)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Conv2D(channels, 3, padding="same", **options)(x)
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
        width: feature maps of the first block; twice as many with every halving.
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
    x = channels_last.Conv2D(width, 3, padding="same", **options)(inputs)
    for step in range(steps):
        x = _block(x, width * 2**step, **options)
        x = channels_last.AveragePooling2D(3, 2, "same", **options)(x)
    x = _block(x, width * 2**steps, **options)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Flatten(**options)(x)
    return keras.Model(inputs, layers.Dense(outputs, dtype=keras.config.floatx())(x), name=name)


def _block(x: Any, filters: int, **options: Any) -> Any:
    """Two 3x3 convolutions beside the identity, or beside a 1x1 one where widths differ."""
    shortcut, narrower = x, min(x.shape[-1], filters)
    if x.shape[-1] != filters:
        shortcut = channels_last.Conv2D(filters, 1, padding="same", use_bias=False, **options)(x)
    for width in (narrower, filters):  # Table 3: a block from 64 to 128 has 64, then 128.
        x = layers.LeakyReLU(_SLOPE, **options)(x)
        x = channels_last.Conv2D(width, 3, padding="same", **options)(x)
    return layers.Add(**options)([shortcut, layers.Rescaling(_RESIDUAL_SCALE, **options)(x)])
