"""InvertGAN, with the networks of its appendix where it has them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from kgan.methods import InvertGAN
from kgan.networks import mlp
from kgan.networks.resnet import resnet_encoder, resnet_generator
from kgan.presets import images, inverses, points
from kgan.presets.preset import Preset

Networks = Callable[[tuple[int, ...], Any, Mapping[str, Any]], dict[str, Any]]

_LATENT_UNITS = (128, 128, 128)
# Of table 3. The moments of a batch of 64 in 64 dimensions are far from the distribution's: the
# mean p-norm over such batches is least for latents of half the variance that they are to have.
_LATENT_DIM = 20


def _with_inverse(others: Networks, inverse: Callable[..., Any]) -> Networks:
    """`others`, an inverse, and a latent discriminator where the Gaussian loss is one."""

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        built = {
            **others(example_shape, dtype, arguments),
            "inverse": inverse(example_shape, dtype=dtype),
        }
        if arguments["gaussian_loss"] == "latent_discriminator":
            width = built["generator"].input_shape[-1]
            built["latent_discriminator"] = mlp(
                width, _LATENT_UNITS, 1, dtype=dtype, name="latent_discriminator"
            )
        return built

    return build


def _residual(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    del arguments
    return {
        "generator": resnet_generator(example_shape, dtype=dtype),
        "discriminator": resnet_encoder(example_shape, 1, dtype=dtype, name="discriminator"),
    }


# Section 5.2: 100,000 steps of batches of 64. The appendix has no rate.
_PAPER = {
    f"invertgan_{name}": Preset(
        model=InvertGAN,
        dataset=name,
        example_shape=shape,
        networks=_with_inverse(_residual, resnet_encoder),
        arguments={"gaussian_loss": "p_norm", "value_range": (-1.0, 1.0)},
        steps=100_000,
        source="tables 3 and 4; the discriminator is the inverse with one output; Adam of DCGAN",
        **images.BUDGET,
    )
    for name, shape in (
        ("cifar10", (32, 32, 3)),
        ("cifar100", (32, 32, 3)),
        ("stl10", (48, 48, 3)),
    )
}
# The networks that all methods have on the image sets that the paper has not.
_IMAGES = {
    f"invertgan_{name or 'images'}": Preset(
        model=InvertGAN,
        dataset=name,
        example_shape=shape,
        networks=_with_inverse(
            images.networks(batch_norm=True, latent_dim=_LATENT_DIM),
            functools.partial(inverses.image_inverse, latent_dim=_LATENT_DIM),
        ),
        arguments={"gaussian_loss": "p_norm"},
        steps=steps,
        source="Eq. (10) on the networks and budget of Lucic et al., with the latents of table 3",
        **images.BUDGET,
    )
    for name, (shape, steps) in images.SETS.items()
    if name != "cifar10"
}
# By search: an inverse of weight 1 holds the generator back from parting the modes, and so does a
# slower discriminator, on modes as wide as the other methods'. `docs/results/invertgan.md` has what
# modes of a fiftieth of that width need.
_POINTS = {
    f"invertgan_{name}": Preset(
        model=InvertGAN,
        dataset=name,
        networks=_with_inverse(points.networks, inverses.point_inverse),
        arguments={"gaussian_loss": "p_norm", "data_consistency": 0.3, "fresh_noise": True},
        source="section 5.1; widths, rates, weights and budget, which it has not, are ours",
        example_shape=(width,),
        **{**points.BUDGET, "steps": 30_000, "learning_rate": 2e-3},
    )
    for name, (width, _) in points.SETS.items()
}
PRESETS = _PAPER | _IMAGES | _POINTS
