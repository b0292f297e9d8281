"""LSGAN (Mao et al. 2017, https://arxiv.org/abs/1611.04076)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

METHOD = Method(
    name="lsgan",
    title="LSGAN",
    model=GAN,
    idea="least squares in place of cross-entropy",
    source="Mao et al. 2017",
    link="https://arxiv.org/abs/1611.04076",
    application="gan",
    code="xudonmao/LSGAN",
    terms=True,
    presets=critics.presets(
        {"loss": "least_squares"},
        on_images=critics.WITH_NORM,
    ),
)
