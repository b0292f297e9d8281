"""Discriminators of pairs: a sample and its latents, as BiGAN and VEEGAN have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers


def joint_discriminator(
    trunk: Callable[..., keras.Model],
    example_shape: tuple[int, ...],
    latent_dim: int,
    *,
    features: int = 256,
    units: int = 512,
    slope: float = 0.2,
    dtype: Any = None,
    name: str = "discriminator",
) -> keras.Model:
    """Samples and latents to logits.

    The trunk's features of the sample and as many of the latents meet in a hidden layer, as in ALI
    (Dumoulin et al. 2017, arXiv:1606.00704, appendix A).

    Args:
        trunk: `(example_shape, outputs, dtype=) -> model` of samples.
        example_shape: of one sample.
        latent_dim: width of the latents.
        features: of the sample, and of the latents.
        units: of the layer where they meet.
        slope: of the leaky ReLUs.
        dtype: dtype policy of all layers but the last; logits are float32 always.
        name: of the model.

    Returns:
        A Keras model from `[(batch, ...), (batch, latent_dim)]` to `(batch, 1)` float32.
    """
    options = {"dtype": dtype}
    sample, latents = keras.Input(example_shape), keras.Input((latent_dim,))
    of_sample = trunk(example_shape, features, dtype=dtype)(sample)
    of_latents = layers.Dense(features, **options)(latents)
    x = layers.Concatenate(**options)(
        [layers.LeakyReLU(slope, **options)(part) for part in (of_sample, of_latents)]
    )
    x = layers.LeakyReLU(slope, **options)(layers.Dense(units, **options)(x))
    return keras.Model(
        [sample, latents], layers.Dense(1, dtype=keras.config.floatx())(x), name=name
    )
