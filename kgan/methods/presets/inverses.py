"""Inverses and discriminators of pairs, as the methods that invert their generator have them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import layers

from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Networks, Preset, Shared
from kgan.networks import lucic_discriminator, mlp
from kgan.networks.joint import joint_discriminator


def point_inverse(
    example_shape: tuple[int, ...], latent_dim: int | None = None, dtype: Any = None
) -> keras.Model:
    """Points to latents, as many as coordinates: the discriminator's layers, input scaled alike."""
    outputs = example_shape[0] if latent_dim is None else latent_dim
    return points.discriminator(example_shape, outputs, dtype=dtype, name="inverse")


def image_inverse(
    example_shape: tuple[int, ...], latent_dim: int = images.LATENT_DIM, dtype: Any = None
) -> keras.Model:
    """Images to latents: the discriminator's layers without batch norm.

    With it the latents of an image would depend on the rest of its batch.
    """
    return lucic_discriminator(example_shape, latent_dim, norm="none", dtype=dtype, name="inverse")


def point_pairs(
    example_shape: tuple[int, ...], latent_dim: int | None = None, dtype: Any = None
) -> keras.Model:
    """Points and latents to a logit: the discriminator's layers, which see both side by side."""
    (width,) = points.checked(example_shape)
    latent_dim = width if latent_dim is None else latent_dim
    samples, latents = keras.Input((width,)), keras.Input((latent_dim,))
    scaled = layers.Rescaling(1 / points.data_scale(width), dtype=keras.config.floatx())(samples)
    both = layers.Concatenate(dtype=keras.config.floatx())([scaled, latents])
    logits = mlp(width + latent_dim, points.units(width), 1, dtype=dtype)(both)
    return keras.Model([samples, latents], logits, name="discriminator")


def image_pairs(
    example_shape: tuple[int, ...],
    latent_dim: int = images.LATENT_DIM,
    *,
    norm: str = "none",
    dtype: Any = None,
) -> keras.Model:
    """Images and latents to a logit; no batch norm, as ALI's discriminator has none."""
    trunk = functools.partial(lucic_discriminator, norm=norm)
    return joint_discriminator(trunk, example_shape, latent_dim, dtype=dtype)


def asked_for(arguments: Mapping[str, Any]) -> dict[str, int]:
    """The argument of the builders here that says how many latents there are, where one does."""
    latent_dim = arguments.get("latent_dim")
    return {} if latent_dim is None else {"latent_dim": latent_dim}


def joint_networks(
    generator: Networks, inverse: Callable[..., Any], pairs: Callable[..., Any]
) -> Networks:
    """Builder of a generator, an inverse, and a discriminator of pairs.

    Args:
        generator: builder of networks of which the generator is taken.
        inverse: `(example_shape, latent_dim=, dtype=) -> model`.
        pairs: the same, of a discriminator of samples and latents; of images `norm=` besides.
    """

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        options = {**asked_for(arguments), "dtype": dtype}
        return {
            "generator": generator(example_shape, dtype, arguments)["generator"],
            "inverse": inverse(example_shape, **options),
            "discriminator": pairs(example_shape, **options, **images.norm_asked_for(arguments)),
        }

    return generator.differing(build, discriminator_norm="none")


_LATENTS = "an inverse's latents have no bounds, as InvertGAN's and ALI's"
image_networks = joint_networks(images.networks("none"), image_inverse, image_pairs)
point_networks = joint_networks(points.networks, point_inverse, point_pairs)


def joint_presets(
    *, inverse_std: Mapping[str, float] | None = None, why: str = ""
) -> dict[str, Preset]:
    """Presets of a method whose discriminator sees pairs, for the image sets and the points.

    Args:
        inverse_std: by the name of the points; 0 on others.
        why: the reason for it.
    """
    more: Shared = {
        "latent_distribution": ("normal", _LATENTS),
        "discriminator_rate": (2.0, "a slower one left 2% within 3 std on the grid, this one 8%"),
    }
    found = points.presets(
        {"latent_distribution": "normal"},
        point_networks,
        more=more,
        rate_factors={"discriminator": 2.0},
    )
    for name, preset in found.items():
        arguments = {**preset.arguments, "inverse_std": (inverse_std or {}).get(name, 0.0)}
        reasons = {"inverse_std": why} if why else {}
        found[name] = dataclasses.replace(preset, arguments=arguments, reasons=reasons)
    return found | images.presets(
        image_networks,
        {"latent_distribution": "normal"},
        more=more,
    )
