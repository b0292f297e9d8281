"""DCGAN as MaEM-GAN's authors have it: a critic of spectral norm 1 in every layer, no biases.

Source: `models.py` of https://github.com/HaozheLiu-ST/MEE, f7d3d33, for the paper's CIFAR-10.
Kernels are 4x4 with strides of 2; the generator alone has batch norm, of PyTorch's momentum (0.9 as
Keras counts) and epsilon; convolutions start from N(0, 0.02), the critic's last layer orthogonal.
Images are halved, or doubled, until 4 pixels or an odd number of them are left; 28x28 pixels, which
the code does not take, so have a start of 7x7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kgan.errors import check_whole
from kgan.layers import SpectralDense
from kgan.networks import channels_last
from kgan.networks.image_shapes import halved
from kgan.signatures import checked

_START, _STDDEV, _SLOPE = 4, 0.02, 0.2


def _normal(mean: float = 0.0) -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(mean, _STDDEV)


@checked
def spectral_dcgan_generator(
    image_shape: Sequence[int],
    latent_dim: int = 64,
    *,
    width: int = 128,
    dtype: Any = None,
    name: str = "generator",
) -> keras.Model:
    """Latents to images in [-1, 1].

    Args:
        image_shape: `(height, width, channels)`; both sides the same power of two times at most
            7 pixels, the longer one 6 pixels and more.
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
    (rows, columns, channels), steps = halved(image_shape, _START)
    check_whole(1, latent_dim=latent_dim, width=width)
    options = {"dtype": dtype}
    doubling = {"kernel_size": 4, "strides": 2, "padding": "same", **options}
    filters = width * 2 ** (steps - 1)
    inputs = keras.Input((latent_dim,))
    # A transposed convolution of one pixel is a dense layer.
    x = layers.Dense(
        rows * columns * filters, use_bias=False, kernel_initializer=_normal(), **options
    )(inputs)
    x = layers.Reshape((rows, columns, filters), **options)(x)
    x = _normalised(x, **options)
    for _ in range(steps - 1):
        filters //= 2
        x = channels_last.Conv2DTranspose(
            filters, use_bias=False, kernel_initializer=_normal(), **doubling
        )(x)
        x = _normalised(x, **options)
    x = channels_last.Conv2DTranspose(
        channels, use_bias=False, kernel_initializer=_normal(), **doubling
    )(x)
    return keras.Model(inputs, layers.Activation("tanh", dtype=keras.config.floatx())(x), name=name)


@checked
def spectral_dcgan_critic(
    image_shape: Sequence[int],
    outputs: int = 1,
    *,
    width: int = 128,
    dtype: Any = None,
    name: str = "discriminator",
) -> keras.Model:
    """Images to `outputs` numbers.

    Args:
        image_shape: `(height, width, channels)`; sides as for `spectral_dcgan_generator`.
        outputs: width of the last layer, which is linear; the authors' gives means and
            log-variances of a code, of both as many.
        width: feature maps of the first layer; twice as many with every layer.
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
    x = inputs = keras.Input(tuple(image_shape))
    for step in range(steps):
        x = channels_last.SpectralConv2D(
            width * 2**step,
            4,
            2,
            "same",
            use_bias=False,
            kernel_initializer=_normal(),
            **options,
        )(x)
        x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Flatten(**options)(x)
    x = SpectralDense(
        outputs,
        use_bias=False,
        kernel_initializer=keras.initializers.Orthogonal(),
        dtype=keras.config.floatx(),
    )(x)
    return keras.Model(inputs, x, name=name)


def _normalised(x: Any, **options: Any) -> Any:
    """Batch norm of feature maps over all replicas, then ReLU."""
    x = layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, gamma_initializer=_normal(1.0), synchronized=True, **options
    )(x)
    return layers.ReLU(**options)(x)
