"""The original GAN: the baseline of every table."""

from kgan.methods import GAN
from kgan.presets import images, points
from kgan.presets.preset import Preset

_IMAGES = {
    f"gan_{name or 'images'}": Preset(
        model=GAN,
        dataset=name,
        example_shape=shape,
        networks=images.networks(batch_norm=True),
        arguments={"latent_distribution": "uniform"},
        network_arguments={"outputs": 1},
        steps=steps,
        source="Lucic et al., arXiv:1711.10337: batch norm in both networks; Adam of DCGAN",
        **images.BUDGET,
    )
    for name, (shape, steps) in images.SETS.items()
}
_POINTS = {
    f"gan_{name}": Preset(
        model=GAN,
        dataset=name,
        networks=points.networks,
        arguments={"latent_distribution": "uniform", "fresh_noise": True},
        network_arguments={"outputs": 1},
        source="the game on the networks and steps of all methods; the rates are ours",
        example_shape=(width,),
        **points.BUDGET,
    )
    for name, (width, _) in points.SETS.items()
}
PRESETS = _IMAGES | _POINTS
