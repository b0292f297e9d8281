"""The networks of MGAN: DCGAN's, of 5x5 kernels, with batch norm in all layers but the outputs.

Source: Hoang, Nguyen, Le, Phung (ICLR 2018), https://openreview.net/forum?id=rkmu5b0a-, appendix
C.2, tables 4 to 7, after Radford, Metz, Chintala (2016), https://arxiv.org/abs/1511.06434. What the
tables leave open is as in the authors' code (qhoangdl/MGAN, 5847f31): batch norm with momentum 0.9
and epsilon 1e-5, its first one over all units of the dense layer, biases everywhere.

Where the two differ, the tables are what is built, and the code is chosen by arguments: the first
batch norm has no centre in the tables and one in the code (`first_center`); initial weights have
standard deviation 0.01 in the tables, 0.02 in section 5 and in the code's convolutions and first
layer (`stddev`); the code truncates those of the discriminator's convolutions (`truncated`).

The start is what is left of the image's sides when they are halved until they are at most 4 or odd,
and feature maps double with every halving:

    image            start                 table
    28x28            7x7 x 2 width         none
    32x32            4x4 x 4 width         4 (CIFAR-10), 7 (ImageNet)
    48x48            3x3 x 8 width         5 (STL-10)
    96x96            3x3 x 16 width        6 (STL-10)

Tables 5 and 6 print a start of 4x4, from which four and five strides of 2 give 64 and 128 pixels:
48 = 3 * 2^4 and 96 = 3 * 2^5 start from 3x3, which is also what the author's code computes. Table
6's 2046 feature maps stand for 2048, and its discriminator's 32x32x3 input for 96x96x3.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kgan.errors import check_not_negative, check_whole
from kgan.networks import channels_last
from kgan.networks.image_shapes import halved
from kgan.signatures import checked

_KERNEL = 5
_HEAD_STDDEV = 0.01
_SLOPE = 0.2
_START = 4


@checked
def dcgan_generator(
    image_shape: Sequence[int],
    latent_dim: int = 100,
    *,
    width: int = 128,
    first_center: bool = False,
    centers: bool = False,
    stddev: float = 0.01,
    dtype: Any = None,
    name: str = "generator",
) -> keras.Model:
    """Latents to images in [-1, 1].

    The batch norms' centres stay at zero (appendix C.2): where they are learnt they drift below
    zero, and up to 45% of the ReLU units die.

    Args:
        image_shape: `(height, width, channels)`; both sides the same power of two times at most
            7 pixels, the longer one 6 pixels and more.
        latent_dim: width of the latents.
        width: feature maps before the last layer; twice as many with every layer towards the
            latents.
        first_center: whether the first batch norm learns its centre, as in the author's code. It
            is the one that each generator of MGAN has of its own.
        centers: whether all batch norms learn theirs, as in DCGAN.
        stddev: of the initial weights; the author's code has 0.02.
        dtype: dtype policy of all layers but the last; images are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, latent_dim)` to `(batch, height, width, channels)`.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    (rows, columns, channels), steps = halved(image_shape, _START)
    check_whole(1, latent_dim=latent_dim, width=width)
    check_not_negative(stddev=stddev)
    options = {"dtype": dtype}
    normal = functools.partial(keras.initializers.RandomNormal, stddev=stddev)
    deconv = {"kernel_size": _KERNEL, "strides": 2, "padding": "same", **options}
    filters = width * 2 ** (steps - 1)
    inputs = keras.Input((latent_dim,))
    units = rows * columns * filters
    x = layers.Dense(units, kernel_initializer=normal(), **options)(inputs)
    x = _normalised(x, center=first_center or centers, **options)
    x = layers.ReLU(**options)(x)
    x = layers.Reshape((rows, columns, filters), **options)(x)
    for _ in range(steps - 1):
        filters //= 2
        x = channels_last.Conv2DTranspose(filters, kernel_initializer=normal(), **deconv)(x)
        x = _normalised(x, center=centers, **options)
        x = layers.ReLU(**options)(x)
    x = channels_last.Conv2DTranspose(channels, kernel_initializer=normal(), **deconv)(x)
    return keras.Model(inputs, layers.Activation("tanh", dtype=keras.config.floatx())(x), name=name)


@checked
def dcgan_discriminator(
    image_shape: Sequence[int],
    outputs: int = 1,
    *,
    width: int = 128,
    batch_norm: bool = True,
    stddev: float = 0.01,
    truncated: bool = False,
    dtype: Any = None,
    name: str = "discriminator",
) -> keras.Model:
    """Images to `outputs` logits.

    MGAN's classifier and discriminator share all but their last layers: one network of
    `outputs = 1 + K`.

    Args:
        image_shape: `(height, width, channels)`; sides as for `dcgan_generator`.
        outputs: width of the last layer, which is linear.
        width: feature maps of the first layer; twice as many with every layer.
        batch_norm: as the method wants it: yes for MGAN, no with gradient penalties.
        stddev: of the convolutions' initial weights; the author's code has 0.02. The last layer's
            is 0.01 in both.
        truncated: whether the convolutions' initial weights are drawn within two standard
            deviations, as in the authors' code; the tables do not say.
        dtype: dtype policy of all layers but the last; outputs are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(batch, outputs)` float32.

    Raises:
        InputError: another image shape, or a width below 1.
    """
    _, steps = halved(image_shape, _START)
    check_whole(1, outputs=outputs, width=width)
    check_not_negative(stddev=stddev)
    options = {"dtype": dtype}
    initializers = keras.initializers
    kind = initializers.TruncatedNormal if truncated else initializers.RandomNormal
    normal = functools.partial(kind, stddev=stddev)
    conv = {"kernel_size": _KERNEL, "strides": 2, "padding": "same", **options}
    x = inputs = keras.Input(tuple(image_shape))
    for step in range(steps):
        filters = width * 2**step
        x = channels_last.Conv2D(filters, kernel_initializer=normal(), **conv)(x)
        if batch_norm:
            x = _normalised(x, center=True, **options)
        x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Flatten(**options)(x)
    x = layers.Dense(
        outputs,
        kernel_initializer=keras.initializers.RandomNormal(stddev=_HEAD_STDDEV),
        dtype=keras.config.floatx(),
    )(x)
    return keras.Model(inputs, x, name=name)


def _normalised(x: Any, *, center: bool, **options: Any) -> Any:
    """Batch norm over all replicas."""
    return layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, center=center, synchronized=True, **options
    )(x)
