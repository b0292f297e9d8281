"""Improved GAN (Salimans et al., NeurIPS 2016, https://arxiv.org/abs/1606.03498)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics, images

METHOD = Method(
    name="improvedgan",
    title="Improved GAN",
    model=GAN,
    idea="the generator matches the discriminator's features; smoothed labels",
    source="Salimans et al. 2016",
    link="https://arxiv.org/abs/1606.03498",
    application="gan",
    cost=1.4,
    code="openai/improved-gan",
    terms=True,
    reasons={"loss": "the original game, where the features are not all"},
    presets=critics.presets(
        {"terms": ("feature_matching_alone",), "one_sided_smoothing": 0.1},
        without=images.NAMED,
        point_arguments={"terms": ("feature_matching:1",)},
        image_reasons={"terms": "section 3.1: the features are all that the generator looks at"},
        point_reasons={
            "terms": "strictly kept modes of the grid, on seeds of the search: 16 with the "
            "features alone; beside the game 24 and 24 with a weight of 1, 18 and 21 with 0.1",
        },
    ),
)
