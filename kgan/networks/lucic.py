"""The networks of "Are GANs Created Equal?", for square images of 28 pixels and more.

Source: Lucic, Kurach, Michalski, Gelly, Bousquet (2018), https://arxiv.org/abs/1711.10337, as in
their published code: InfoGAN's networks, 4x4 kernels of stride 2, batch norm with epsilon 1e-3,
weights N(0, 0.02). MD-GAN takes them for all its image sets. The momentum of batch norm is 0.99,
theirs is 0.999: after 3,000 steps the statistics that samples are made with lag so far behind the
weights that images are a third as bright as the generator makes them in training.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from kgan.errors import check_one_of, check_whole
from kgan.layers import SpectralDense
from kgan.networks import channels_last
from kgan.networks.image_shapes import divisible
from kgan.signatures import checked

_normal = functools.partial(keras.initializers.RandomNormal, stddev=0.02)
_truncated = functools.partial(keras.initializers.TruncatedNormal, stddev=0.02)
_MOMENTUM = 0.99
_SLOPE = 0.2
# Whether all layers of a discriminator are spectral; what follows its second convolution, and its
# hidden dense layer.
_NORMS: Mapping[str, tuple[bool, str, str]] = {
    "none": (False, "none", "none"),
    "batch": (False, "batch", "batch"),
    "batch_convolution": (False, "batch", "none"),
    "spectral": (True, "none", "none"),
    "spectral_batch": (True, "batch", "batch"),
    "spectral_batch_convolution": (True, "batch", "none"),
    "layer": (False, "layer", "layer"),
}
NORMS = tuple(_NORMS)


@checked
def lucic_generator(
    image_shape: Sequence[int],
    latent_dim: int = 64,
    *,
    dtype: Any = None,
    name: str = "generator",
) -> keras.Model:
    """Latents to images in [0, 1].

    Args:
        image_shape: `(height, width, channels)`; height and width divisible by 4.
        latent_dim: width of the latents.
        dtype: dtype policy of all layers but the last; images are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, latent_dim)` to `(batch, height, width, channels)`.

    Raises:
        InputError: if the image's sides are not divisible by 4, or a width is below 1.
    """
    height, width, channels = divisible(image_shape, 4)
    check_whole(1, latent_dim=latent_dim)
    options = {"dtype": dtype}
    inputs = keras.Input((latent_dim,))
    x = layers.Dense(1024, kernel_initializer=_normal(), **options)(inputs)
    x = _normalised(x, **options)
    x = layers.Dense(128 * (height // 4) * (width // 4), kernel_initializer=_normal(), **options)(x)
    x = _normalised(x, **options)
    x = layers.Reshape((height // 4, width // 4, 128), **options)(x)
    x = channels_last.Conv2DTranspose(64, 4, 2, "same", kernel_initializer=_normal(), **options)(x)
    x = _normalised(x, **options)
    x = channels_last.Conv2DTranspose(
        channels, 4, 2, "same", kernel_initializer=_normal(), **options
    )(x)
    return keras.Model(
        inputs, layers.Activation("sigmoid", dtype=keras.config.floatx())(x), name=name
    )


@checked
def lucic_discriminator(
    image_shape: Sequence[int],
    outputs: int = 1,
    *,
    norm: str = "batch",
    dtype: Any = None,
    name: str = "discriminator",
) -> keras.Model:
    """Images to `outputs` logits or embedding dimensions.

    Args:
        image_shape: `(height, width, channels)`; height and width divisible by 4.
        outputs: width of the last layer, which is linear.
        norm: `"none"`, as gradient penalties want it; `"batch"`, batch norm after the second
            convolution and the hidden dense layer, as the paper's GAN; `"batch_convolution"`, after
            the convolution alone; `"spectral"`, kernels divided by their spectral norms, in layers
            that are then `SpectralConv2D` and `SpectralDense`; `"spectral_batch"` and
            `"spectral_batch_convolution"`, both; or `"layer"`, layer norm in place of batch norm.
        dtype: dtype policy of all layers but the last; outputs are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(batch, outputs)` float32.

    Raises:
        InputError: if the image's sides are not divisible by 4, a width is below 1, or there is no
            such norm.
    """
    shape = divisible(image_shape, 4)
    check_whole(1, outputs=outputs)
    check_one_of(NORMS, norm=norm)
    spectral, after_convolution, after_dense = _NORMS[norm]
    options = {"dtype": dtype}
    conv = {"strides": 2, "padding": "same", **options}
    convolution = channels_last.SpectralConv2D if spectral else channels_last.Conv2D
    dense = SpectralDense if spectral else layers.Dense
    inputs = keras.Input(shape)
    x = convolution(64, 4, kernel_initializer=_truncated(), **conv)(inputs)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = convolution(128, 4, kernel_initializer=_truncated(), **conv)(x)
    x = _normalised(x, after_convolution, **options)
    x = channels_last.Flatten(**options)(x)
    x = dense(1024, kernel_initializer=_normal(), **options)(x)
    x = _normalised(x, after_dense, **options)
    x = dense(outputs, kernel_initializer=_normal(), dtype=keras.config.floatx())(x)
    return keras.Model(inputs, x, name=name)


@checked
def lucic_autoencoder(
    image_shape: Sequence[int],
    code_dim: int = 64,
    *,
    dtype: Any = None,
    name: str = "discriminator",
) -> keras.Model:
    """Images to reconstructions in [0, 1]: BEGAN's discriminator, without batch norm.

    Args:
        image_shape: `(height, width, channels)`; height and width divisible by 4.
        code_dim: width of the code.
        dtype: dtype policy of all layers but the last; images are float32 always.
        name: of the model.

    Returns:
        A Keras model from `(batch, height, width, channels)` to the same shape, float32.

    Raises:
        InputError: if the image's sides are not divisible by 4, or a width is below 1.
    """
    height, width, channels = divisible(image_shape, 4)
    check_whole(1, code_dim=code_dim)
    options = {"dtype": dtype}
    inside = (height // 4, width // 4, 128)
    inputs = keras.Input((height, width, channels))
    x = channels_last.Conv2D(64, 4, 2, "same", kernel_initializer=_truncated(), **options)(inputs)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Conv2D(128, 4, 2, "same", kernel_initializer=_truncated(), **options)(x)
    x = channels_last.Flatten(**options)(x)
    x = layers.Dense(code_dim, kernel_initializer=_normal(), **options)(x)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = layers.Dense(math.prod(inside), kernel_initializer=_normal(), **options)(x)
    x = layers.Reshape(inside, **options)(layers.LeakyReLU(_SLOPE, **options)(x))
    x = channels_last.Conv2DTranspose(64, 4, 2, "same", kernel_initializer=_normal(), **options)(x)
    x = layers.LeakyReLU(_SLOPE, **options)(x)
    x = channels_last.Conv2DTranspose(
        channels, 4, 2, "same", kernel_initializer=_normal(), **options
    )(x)
    return keras.Model(
        inputs, layers.Activation("sigmoid", dtype=keras.config.floatx())(x), name=name
    )


def _normalised(x: Any, norm: str = "batch", **options: Any) -> Any:
    """Batch norm over all replicas, layer norm or none, then a leaky ReLU."""
    if norm == "batch":
        x = layers.BatchNormalization(
            momentum=_MOMENTUM, epsilon=1e-3, synchronized=True, **options
        )(x)
    elif norm == "layer":
        # Mean and variance of a whole example, as WGAN-GP's code has it: one group is that.
        x = layers.GroupNormalization(groups=1, axis=-1, epsilon=1e-5, **options)(x)
    return layers.LeakyReLU(_SLOPE, **options)(x)
