"""DRAGAN (Kodali et al. 2017, https://arxiv.org/abs/1705.07215)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

METHOD = Method(
    name="dragan",
    title="DRAGAN",
    model=GAN,
    idea="gradient penalty around real data",
    source="Kodali et al. 2017",
    link="https://arxiv.org/abs/1705.07215",
    application="gan",
    cost=1.5,
    code="kodalinaveen3/DRAGAN",
    terms=True,
    presets=critics.presets(
        {"loss": "non_saturating", "penalty": "dragan", "penalty_weight": 10.0},
        image_budget={"learning_rate": 1e-4},
        point_arguments=critics.LIGHT_PENALTY,
        more={
            "penalty_weight": critics.LIGHT,
            "discriminator_norm": ("none", "with batch norm rows bear on each other's gradients"),
        },
    ),
)
