"""The original GAN: the baseline of every table."""

from kgan.models import GAN
from kgan.presets import images, points
from kgan.presets.preset import Preset

_IMAGES = {
    f"gan_{name or 'images'}": Preset(
        model=GAN,
        dataset=name,
        example_shape=shape,
        networks=images.networks(batch_norm=True),
        arguments={"latent_distribution": "uniform"},
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
        source="MD-GAN's networks and budget on the same data, for comparison",
        example_shape=(width,),
        **points.BUDGET,
    )
    for name, (width, _) in points.SETS.items()
}
PRESETS = _IMAGES | _POINTS
