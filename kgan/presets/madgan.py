"""MAD-GAN (Ghosh et al., CVPR 2018, https://arxiv.org/abs/1704.02906)."""

from __future__ import annotations

import functools

from kgan.methods import MADGAN
from kgan.networks import lucic_discriminator, lucic_generator
from kgan.presets import banks, images
from kgan.presets.preset import Preset


def _one_and_generators(generators: int) -> int:
    return 1 + generators


_IMAGES = {
    f"madgan_{name or 'images'}": Preset(
        model=MADGAN,
        dataset=name,
        example_shape=shape,
        networks=banks.networks(
            functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
            lucic_discriminator,
            _one_and_generators,
        ),
        network_arguments=banks.arguments(10, private_layers=None),
        arguments={"samples_per_generator": 12, "latent_distribution": "uniform"},
        steps=steps,
        source="the game alone; networks and budget of Lucic et al., generators that share nothing",
        **images.BUDGET,
    )
    for name, (shape, steps) in images.SETS.items()
}
# A discriminator that learns slower than four times as fast as the generators loses all modes.
_POINTS = banks.point_presets(
    "madgan",
    MADGAN,
    lambda name: banks.networks(*banks.POINT_NETWORKS, _one_and_generators),
    functools.partial(banks.arguments, private_layers=None),
    source="the game on the networks and steps of all methods; the rates are ours",
    rate_factors={"discriminator": 4.0},
)
PRESETS = _IMAGES | _POINTS
