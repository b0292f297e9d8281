"""WGAN-GP with a critic of many outputs: what MaEM-GAN's Eq. (7) is without its terms.

MaEM-GAN's baseline is MaF-GAN (Liu et al. 2021, https://arxiv.org/abs/2109.08955), whose point is a
topological consistency of the codes. That is not here, and no code of it was found; without it the
mean of m linear outputs is one linear output.
"""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

METHOD = Method(
    name="maf",
    title="WGAN-GP, many outputs",
    model=GAN,
    idea="MaEM-GAN's critic without its terms: many outputs, one mean",
    source="Liu et al. 2022",
    link="https://arxiv.org/abs/2208.12055",
    application="gan",
    cost=4.5,
    terms=True,
    presets=critics.presets(
        {"loss": "wasserstein", **critics.PENALTY, **critics.FIVE},
        outputs=(128, 16),
        image_budget={"learning_rate": 1e-4},
        point_budget={"learning_rate": 2e-3},
        point_arguments=critics.LIGHT_PENALTY,
        budget={"beta_2": 0.9},
        image_reasons={
            **dict.fromkeys(("penalty_weight", "learning_rate"), "WGAN-GP's"),
            "outputs": "as MaEM-GAN's presets have it",
        },
        point_reasons={"learning_rate": critics.RATE, "outputs": "as MaEM-GAN's presets have it"},
        more={
            "penalty_weight": critics.LIGHT,
            "penalty": ("gradient", "WGAN-GP's, in place of topological consistency"),
            "discriminator_steps": (5, "WGAN-GP's"),
            "beta_2": (0.9, "WGAN-GP's"),
        },
    ),
)
