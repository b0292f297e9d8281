"""The hinge loss (Lim and Ye 2017, https://arxiv.org/abs/1705.02894)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

METHOD = Method(
    name="hinge",
    title="hinge GAN",
    model=GAN,
    idea="the hinge loss",
    source="Lim and Ye 2017",
    link="https://arxiv.org/abs/1705.02894",
    application="gan",
    code="lim0606/pytorch-geometric-gan",
    terms=True,
    presets=critics.presets(
        {"loss": "hinge"},
        on_images=critics.WITH_NORM,
    ),
)
