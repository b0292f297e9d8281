"""Networks and budgets of Lucic et al., which MD-GAN takes for all its image sets.

Source: "Are GANs Created Equal?", https://arxiv.org/abs/1711.10337: latents U[-1, 1]^64, batch
64, 20 epochs of 50,000 on (Fashion-)MNIST, 100 on CIFAR-10. Their learning rates come from a wide
search whose best values are not published. What it starts from is (`stated/lucic.json`): of the
GAN a rate of 5e-5, beta1 of 0 and batch norm in the discriminator (`src/params.py` of their code,
compare_gan). All methods here take DCGAN's Adam, 2e-4 and 0.5, where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kgan.methods.presets.preset import Networks, Preset, Shared
from kgan.networks import lucic_discriminator, lucic_generator
from kgan.networks.lucic import NORMS

# Data set: example shape, steps. None: any other image set, on Fashion-MNIST's budget.
SETS: dict[str | None, tuple[tuple[int, ...] | None, int]] = {
    "mnist": ((28, 28, 1), 15_625),
    "fashion_mnist": ((28, 28, 1), 15_625),
    "cifar10": ((32, 32, 3), 78_125),
    "celeb_a": ((64, 64, 3), 101_250),
    None: (None, 15_625),
}
NAMED = tuple(name for name in SETS if name)
"""Sets with presets of their own: `presets(without=NAMED)` is one for any images alone."""
LATENT_DIM = 64
# What a user may choose of these networks, see `Networks.options`.
OPTIONS: Mapping[str, Sequence[str]] = {"discriminator_norm": NORMS}
# What the presets of all methods share on images.
BUDGET: Mapping[str, Any] = {"batch_size": 64, "learning_rate": 2e-4, "beta_1": 0.5}
_LUCIC = "Lucic et al.'s, for all methods on these images"
_DCGAN = "DCGAN's (Radford et al. 2016), for all methods on images where nothing else is said"
SHARED: Shared = {
    "networks": ("Lucic et al.", _LUCIC),
    "stddev": (0.02, _LUCIC),
    "value_range": ([0.0, 1.0], "Lucic et al.'s generator ends in a sigmoid"),
    "latent_dim": (LATENT_DIM, _LUCIC),
    "latent_distribution": ("uniform", _LUCIC),
    "fresh_noise": (False, "one draw and one forward pass for both moves: Lucic et al.'s code"),
    "discriminator_norm": ("batch", "as Lucic et al.'s GAN has it"),
    "batch_size": (64, _LUCIC),
    "learning_rate": (2e-4, _DCGAN),
    "beta_1": (0.5, _DCGAN),
}


def facts(norm: str = "none", *, latent_dim: int = LATENT_DIM) -> dict[str, Any]:
    """What is known of Lucic et al.'s networks, see `Networks.facts`."""
    return {
        "networks": "Lucic et al.",
        "latent_dim": latent_dim,
        "discriminator_norm": norm,
        "stddev": 0.02,
        "value_range": [0.0, 1.0],
    }


def shared(name: str | None, steps: int) -> Shared:
    """The reasons of what all methods have on a set."""
    of_any = "Fashion-MNIST's, for any other image set"
    return {**SHARED, "steps": (steps, of_any if name is None else f"{_LUCIC}: its epochs")}


def norm_asked_for(arguments: Mapping[str, Any]) -> dict[str, str]:
    """The argument of `lucic_discriminator` that says its norm, where one was asked for."""
    norm = arguments.get("discriminator_norm")
    return {} if norm is None else {"norm": norm}


def networks(norm: str = "none", *, latent_dim: int = LATENT_DIM) -> Networks:
    """Builder of generator and discriminator; the latter of `outputs`, or as `components` asks for.

    Args:
        norm: of the discriminator, where no other is asked for; see `lucic_discriminator`.
        latent_dim: of the generator.
    """

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        width = arguments.get("outputs", arguments.get("components", 2) - 1)
        return {
            "generator": lucic_generator(example_shape, latent_dim, dtype=dtype),
            "discriminator": lucic_discriminator(
                example_shape, width, dtype=dtype, **{"norm": norm, **norm_asked_for(arguments)}
            ),
        }

    return Networks(build, facts(norm, latent_dim=latent_dim), OPTIONS)


def presets(
    networks: Networks,
    arguments: Mapping[str, Any],
    *,
    without: Collection[str | None] = (),
    more: Shared | None = None,
    **fields: Any,
) -> dict[str, Preset]:
    """A method's presets for all sets, on the budget of all methods.

    Args:
        networks: see `Preset`.
        arguments: of the class.
        without: sets that have presets of their own.
        more: shared reasons besides those of all methods.
        **fields: further ones of `Preset`, in place of the budget's too.
    """
    return {
        name or "images": Preset(
            dataset=name,
            example_shape=shape,
            networks=networks,
            arguments=arguments,
            shared={**shared(name, steps), **(more or {})},
            **{"steps": steps, **BUDGET, **fields},
        )
        for name, (shape, steps) in SETS.items()
        if name not in without
    }
