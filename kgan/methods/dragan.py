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
    terms=True,
    presets=critics.presets(
        "Kodali et al., arXiv:1705.07215; without batch norm, which Lucic et al. have: its rows "
        "bear on each other's gradients; a penalty of 0.1 on points",
        {"loss": "non_saturating", "penalty": "dragan", "penalty_weight": 10.0},
        image_budget={"learning_rate": 1e-4},
        point_arguments=critics.LIGHT_PENALTY,
    ),
)
