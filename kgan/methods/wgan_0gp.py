"""WGAN-0GP: a Wasserstein critic with GAN-0GP's penalty (https://arxiv.org/abs/1902.03984)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics, images

METHOD = Method(
    name="wgan_0gp",
    title="WGAN-0GP",
    model=GAN,
    idea="a Wasserstein critic whose slopes are drawn to 0, not to 1",
    source="Thanh-Tung et al. 2019",
    link="https://arxiv.org/abs/1902.03984",
    application="gan",
    cost=4.0,
    code="htt210/GeneralizationAndStabilityInGANs",
    terms=True,
    presets=critics.presets(
        {
            "loss": "wasserstein",
            "penalty": "zero_centred_between",
            "penalty_weight": 10.0,
            **critics.FIVE,
        },
        without=images.NAMED,
        more={"discriminator_steps": (5, "WGAN's and WGAN-GP's: a critic near its best")},
        point_arguments={"penalty_weight": 0.01},
        point_budget={"learning_rate": 2e-3},
        image_reasons={
            "penalty_weight": "WGAN-GP's and that of the code on points; nothing was searched",
        },
        point_reasons={
            "penalty_weight": "of 0.01 and 0.001 that with more samples near the grid's modes, 89% "
            "and 85%; one seed",
            "learning_rate": "of 1e-3 and 2e-3 that with more samples near the grid's modes after "
            "4,000 steps; one seed",
        },
    ),
)
