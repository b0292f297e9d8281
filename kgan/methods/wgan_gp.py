"""WGAN-GP (Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

METHOD = Method(
    name="wgan_gp",
    title="WGAN-GP",
    model=GAN,
    idea="a Wasserstein critic with a gradient penalty",
    source="Gulrajani et al. 2017",
    link="https://arxiv.org/abs/1704.00028",
    application="gan",
    cost=4.0,
    code="igul222/improved_wgan_training",
    terms=True,
    presets=critics.presets(
        {"loss": "wasserstein", **critics.PENALTY, **critics.FIVE},
        image_budget={"learning_rate": 1e-4},
        point_budget={"learning_rate": 2e-3},
        point_arguments=critics.LIGHT_PENALTY,
        more={"penalty_weight": critics.LIGHT},
        point_reasons={"learning_rate": critics.RATE},
        budget={"beta_2": 0.9},
    ),
)
