"""SN-GAN's plain networks ("SN-DCGAN"), for images of 8 pixels and more.

Source: Miyato, Kataoka, Koyama, Yoshida (ICLR 2018), https://arxiv.org/abs/1802.05957, appendix
B.4, table 3, as in the code of the authors and of compare_gan: the discriminator's strided
convolutions have twice the channels of what they see, where the table has as many. At 32x32 with
128 latents: 3,828,739 and 5,860,865 weights.

Sides are halved three times, odd ones rounded up: 28 starts from 4x4, which becomes 8x8 and is cut
to 7x7. In the generator batch norm has momentum 0.9 and epsilon 2e-5, Chainer's values.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kgan.errors import check_whole
from kgan.layers import SpectralDense
from kgan.networks import channels_last
from kgan.networks.image_shapes import at_least
from kgan.signatures import checked

_normal = functools.partial(keras.initializers.RandomNormal, stddev=0.02)
_SLOPE = 0.1
_SMALLEST = 8
_HALVINGS = 3


@checked
def sndcgan_generator(
    image_shape: Sequence[int],
    latent_dim: int = 128,
    *,
    width: int = 64,
    dtype: Any = None,
    name: str = "generator",
) -> keras.Model:
    """Latents to images in [-1, 1].

    Args:
        image_shape: `(height, width, channels)`, sides of 8 pixels and more.
        latent_dim: width of the latents.
        width: feature maps before the last layer; twice as many with every layer towards the
            latents.
        dtype: dtype policy of all layers but the last; images are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, latent_dim)` to `(batch, height, width, channels)`.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    *sides, channels = at_least(image_shape, _SMALLEST)
    check_whole(1, latent_dim=latent_dim, width=width)
    # What is wanted at the start and after each of the transposed convolutions.
    *starts, first = [[-(-side // 2**n) for side in sides] for n in range(_HALVINGS + 1)]
    options = {"dtype": dtype}
    filters = width * 2**_HALVINGS
    inputs = keras.Input((latent_dim,))
    units = first[0] * first[1] * filters
    x = layers.Dense(units, kernel_initializer=_normal(), **options)(inputs)
    x = batch_norm_relu(x, **options)
    x = layers.Reshape((*first, filters), **options)(x)
    for rows, columns in reversed(starts):
        filters //= 2
        x = channels_last.Conv2DTranspose(
            filters, 4, 2, "same", kernel_initializer=_normal(), **options
        )(x)
        excess = x.shape[1] - rows, x.shape[2] - columns
        if any(excess):
            x = channels_last.Cropping2D(((0, excess[0]), (0, excess[1])), **options)(x)
        x = batch_norm_relu(x, **options)
    x = channels_last.Conv2D(channels, 3, padding="same", kernel_initializer=_normal(), **options)(
        x
    )
    return keras.Model(inputs, layers.Activation("tanh", dtype=keras.config.floatx())(x), name=name)


@checked
def sndcgan_discriminator(
    image_shape: Sequence[int],
    outputs: int = 1,
    *,
    spectral_norm: bool = True,
    width: int = 64,
    dtype: Any = None,
    name: str = "discriminator",
) -> keras.Model:
    """Images to `outputs` logits; no batch norm.

    Args:
        image_shape: `(height, width, channels)`, sides of 8 pixels and more.
        outputs: width of the last layer, which is linear.
        spectral_norm: whether all kernels, the last layer's too, are divided by their spectral
            norms.
        width: feature maps of the first layer; twice as many with every halving.
        dtype: dtype policy of all layers but the last; outputs are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(batch, outputs)` float32.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    shape = at_least(image_shape, _SMALLEST)
    check_whole(1, outputs=outputs, width=width)
    convolution = channels_last.SpectralConv2D if spectral_norm else channels_last.Conv2D
    dense = SpectralDense if spectral_norm else layers.Dense
    options = {"dtype": dtype}
    # Kernels of 3x3 with stride 1 and of 4x4 with stride 2, in turns.
    plan = [(width, 3, 1)]
    for n in range(1, _HALVINGS + 1):
        plan += [(width * 2**n, 4, 2), (width * 2**n, 3, 1)]
    x = inputs = keras.Input(shape)
    for filters, kernel, strides in plan:
        x = convolution(filters, kernel, strides, "same", kernel_initializer=_normal(), **options)(
            x
        )
        x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Flatten(**options)(x)
    x = dense(outputs, kernel_initializer=_normal(), dtype=keras.config.floatx())(x)
    return keras.Model(inputs, x, name=name)


def batch_norm_relu(x: Any, **options: Any) -> Any:
    """Batch norm over all replicas, and ReLU."""
    x = layers.BatchNormalization(momentum=0.9, epsilon=2e-5, synchronized=True, **options)(x)
    return layers.ReLU(**options)(x)
