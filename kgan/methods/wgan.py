"""WGAN (Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

# The authors trained with PyTorch's RMSprop, whose average is longer than Keras'.
_RMSPROP: Mapping[str, Any] = {
    "algorithm": "rmsprop",
    "player_options": {name: {"rho": 0.99} for name in ("discriminator", "generator")},
}
# The paper's bound of 0.01 leaves these critics flat. On Fashion-MNIST, with its rate of 5e-5, a
# Frechet distance of 72 and 7 classes were left after 3,000 steps; with these, 10.1 and all 10.
# On the grid 2% of the samples are within 3 std of a mode; 0.1 gives 51%, 0.2 64%, 0.5 88%.
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
    terms=True,
    presets=critics.presets(
        "Arjovsky et al., arXiv:1701.07875: clipping and RMSprop; the bounds, 0.1 on images and "
        "0.5 on points, and the rates are ours",
        {"loss": "wasserstein", **_IMAGE_CLIP, **critics.FIVE},
        on_images=critics.WITH_NORM,
        point_arguments=_POINT_CLIP,
        budget=_RMSPROP,
    ),
)
