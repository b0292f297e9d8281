"""Games and the norms of their discriminators, each with each: which of the two decides?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.methods import catalog
from kgan.studies.table import Row

NORMS = ("none", "batch", "batch_convolution", "spectral")
# Label, method, flags besides.
_GAMES: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    # As the others have it: its preset's rate was searched for, and theirs were not.
    ("GAN", "gan", {"learning_rate": 2e-4, "ema_decay": None}),
    ("hinge GAN", "hinge", {}),
    ("RaGAN", "ragan", {}),
    ("LSGAN", "lsgan", {}),
    ("Realness GAN", "realness", {}),
    ("WGAN-GP", "wgan_gp", {}),
    ("MD-GAN", "mdgan", {"preset": "mdgan_fashion_mnist_paper"}),
    (
        "MD-GAN, bounded and non-saturating",
        "mdgan",
        {
            "preset": "mdgan_fashion_mnist_paper",
            "embedding_bound": 2.0,
            "loss": "non_saturating",
        },
    ),
    ("MaEM-GAN", "maemgan", {}),
)
NOTES = (
    "All have Lucic et al.'s generator and discriminator, whose norm is the column's: batch norm "
    "in the convolution and the dense layer or in the convolution alone, spectral norm, none.",
    "What else a game has is its preset's: the rates, how often the discriminator moves, the width "
    "of its output.",
    "Batch norm under WGAN-GP's penalty is against its paper, which a run warns of: rows bear on "
    "each other's gradients.",
    "Worst by best: the largest mean over the smallest, of a game over its norms (in its line) and "
    "of a norm over its games (in its column). What has the larger ones decides.",
)


def rows(dataset: str, steps: int, minutes: float) -> tuple[Row, ...]:
    """A row for each game and norm.

    Args:
        dataset: its name.
        steps: of the generator.
        minutes: that a GAN takes on one core.
    """
    entries = catalog.methods()
    return tuple(
        Row(
            label=f"{label}: {norm}",
            method=entries[method].command,
            dataset=dataset,
            samples=10_000,
            minutes=minutes * entries[method].cost,
            flags={
                **({} if method == entries[method].command else {"method": method}),
                **own,
                "discriminator_norm": norm,
                "steps": steps,
            },
            crossed=(label, norm),
        )
        for label, method, own in _GAMES
        for norm in NORMS
    )
