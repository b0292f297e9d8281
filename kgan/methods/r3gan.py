"""R3GAN's game (Huang et al., NeurIPS 2024, https://arxiv.org/abs/2501.05441)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

_PENALTIES = ("r1:0.1", "r2:0.1")

METHOD = Method(
    name="r3gan",
    title="R3GAN",
    model=GAN,
    idea="each real sample compared with a generated one, slopes of 0 at both",
    source="Huang et al. 2024",
    link="https://arxiv.org/abs/2501.05441",
    application="gan",
    cost=2.0,
    code="brownvc/R3GAN",
    terms=True,
    presets=critics.presets(
        {"loss": "relativistic_pairing", "penalties": _PENALTIES},
        image_reasons={
            "penalties": "gamma of 0.2, between the code's for CIFAR-10 and for ImageNet-32, whose "
            "networks and batches are others; nothing was searched",
        },
        point_reasons={
            "penalties": "of 0.1, 0.01 and 0.001 that which has all 25 modes of the grid strictly "
            "after 4,000 steps; one seed",
        },
    ),
)
