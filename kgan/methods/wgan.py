"""WGAN (Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

_RMSPROP: Mapping[str, Any] = {
    "algorithm": "rmsprop",
    "player_options": {name: {"rho": 0.99} for name in ("discriminator", "generator")},
}
_IMAGE_SEARCH = (
    "the paper's bound and rate leave this critic flat: a Frechet distance of 72 and 7 classes of "
    "Fashion-MNIST after 3,000 steps; with these 10.1 and all 10"
)
_IMAGE_CLIP: Mapping[str, Any] = {"weight_clip": 0.1}
_POINT_CLIP: Mapping[str, Any] = {"weight_clip": 0.5}

METHOD = Method(
    name="wgan",
    title="WGAN",
    model=GAN,
    idea="a Wasserstein critic of clipped weights",
    source="Arjovsky et al. 2017",
    link="https://arxiv.org/abs/1701.07875",
    application="gan",
    cost=2.5,
    code="martinarjovsky/WassersteinGAN",
    terms=True,
    presets=critics.presets(
        {"loss": "wasserstein", **_IMAGE_CLIP, **critics.FIVE},
        on_images=critics.WITH_NORM,
        point_arguments=_POINT_CLIP,
        budget=_RMSPROP,
        image_reasons=dict.fromkeys(("weight_clip", "learning_rate"), _IMAGE_SEARCH),
        point_reasons={
            "weight_clip": "of 0.01, 0.1, 0.2 and 0.5 2%, 51%, 64% and 88% of the samples are "
            "within 3 std of the grid's modes",
        },
    ),
)
