"""Networks and budgets of Lucic et al., which MD-GAN takes for all its image sets.

Source: "Are GANs Created Equal?", https://arxiv.org/abs/1711.10337: latents U[-1, 1]^64, batch
64, 20 epochs of 50,000 on (Fashion-)MNIST, 100 on CIFAR-10. Their learning rates come from a wide
search whose best values are not published. What it starts from is: of the GAN a rate of 5e-5,
beta1 of 0 and batch norm in the discriminator (`src/params.py` of their code, compare_gan). All
methods here take DCGAN's Adam, 2e-4 and 0.5, in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from kgan.methods.presets.preset import Preset
from kgan.networks import lucic_discriminator, lucic_generator

# Data set: example shape, steps. None: any other image set, on Fashion-MNIST's budget.
SETS: dict[str | None, tuple[tuple[int, ...] | None, int]] = {
    "mnist": ((28, 28, 1), 15_625),
    "fashion_mnist": ((28, 28, 1), 15_625),
    "cifar10": ((32, 32, 3), 78_125),
    "celeb_a": ((64, 64, 3), 101_250),
    None: (None, 15_625),
}
LATENT_DIM = 64
# What the presets of all methods share on images.
BUDGET: Mapping[str, Any] = {"batch_size": 64, "learning_rate": 2e-4, "beta_1": 0.5}


def networks(
    *, batch_norm: bool = False, spectral_norm: bool = False, latent_dim: int = LATENT_DIM
) -> Callable[..., dict[str, Any]]:
    """Builder of generator and discriminator; the latter of `outputs`, or as `components` asks for.

    Args:
        batch_norm: whether the discriminator has it.
        spectral_norm: whether its layers are spectral.
        latent_dim: of the generator.
    """

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        width = arguments.get("outputs", arguments.get("components", 2) - 1)
        return {
            "generator": lucic_generator(example_shape, latent_dim, dtype=dtype),
            "discriminator": lucic_discriminator(
                example_shape,
                width,
                batch_norm=batch_norm,
                spectral_norm=spectral_norm,
                dtype=dtype,
            ),
        }

    return build


def presets(
    source: str,
    networks: Callable[..., dict[str, Any]],
    arguments: Mapping[str, Any],
    *,
    without: Collection[str | None] = (),
    **fields: Any,
) -> dict[str, Preset]:
    """A method's presets for all sets, on the budget of all methods.

    Args:
        source: what is the paper's, and what is ours.
        networks: see `Preset`.
        arguments: of the class.
        without: sets that have presets of their own.
        **fields: further ones of `Preset`, in place of the budget's too.
    """
    return {
        name or "images": Preset(
            dataset=name,
            example_shape=shape,
            networks=networks,
            arguments=arguments,
            source=source,
            **{"steps": steps, **BUDGET, **fields},
        )
        for name, (shape, steps) in SETS.items()
        if name not in without
    }
