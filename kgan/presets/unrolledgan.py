"""Unrolled GAN (Metz et al. 2017, https://arxiv.org/abs/1611.02163)."""

from kgan.methods import UnrolledGAN
from kgan.presets import images, points
from kgan.presets.preset import Preset

_IMAGES = {
    f"unrolledgan_{name or 'images'}": Preset(
        model=UnrolledGAN,
        dataset=name,
        example_shape=shape,
        networks=images.networks(batch_norm=True),
        arguments={"latent_distribution": "uniform", "unrolled_steps": 5},
        steps=steps,
        source="five steps, as in the authors' notebook; networks and budget of Lucic et al.",
        **images.BUDGET,
    )
    for name, (shape, steps) in images.SETS.items()
}
_POINTS = {
    f"unrolledgan_{name}": Preset(
        model=UnrolledGAN,
        dataset=name,
        networks=points.networks,
        arguments={"latent_distribution": "uniform", "unrolled_steps": 5, "fresh_noise": True},
        source="five steps, as in the authors' notebook; networks and steps of all methods, "
        "the rates are ours",
        example_shape=(width,),
        rate_factors={"discriminator": 0.25},
        **{**points.BUDGET, "learning_rate": 2e-3},
    )
    for name, (width, _) in points.SETS.items()
}
PRESETS = _IMAGES | _POINTS
