"""GAN-0GP (Thanh-Tung, Tran, Venkatesh, ICLR 2019, https://arxiv.org/abs/1902.03984)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics, images

METHOD = Method(
    name="gan_0gp",
    title="GAN-0GP",
    model=GAN,
    idea="slopes of 0 between real and generated samples",
    source="Thanh-Tung et al. 2019",
    link="https://arxiv.org/abs/1902.03984",
    application="gan",
    cost=1.5,
    code="htt210/GeneralizationAndStabilityInGANs",
    terms=True,
    presets=critics.presets(
        {"penalty": "zero_centred_between", "penalty_weight": 10.0},
        without=images.NAMED,
        point_arguments={"penalty_weight": 0.01},
        image_reasons={
            "penalty_weight": "WGAN-GP's; the code's 500 are on slopes of the probability, which "
            "are a quarter of the logits' at most: 31 of theirs. Nothing was searched",
        },
        point_reasons={
            "penalty_weight": "of 1, 0.1, 0.01 and 0.001 that with the most of the grid's modes "
            "strictly after 4,000 steps; one seed",
        },
    ),
)
