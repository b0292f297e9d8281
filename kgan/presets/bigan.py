"""BiGAN (Donahue et al. 2017, https://arxiv.org/abs/1605.09782), which is ALI."""

from kgan.models import BiGAN
from kgan.presets import images, inverses, points
from kgan.presets.preset import Preset

_IMAGES = {
    f"bigan_{name or 'images'}": Preset(
        model=BiGAN,
        dataset=name,
        example_shape=shape,
        networks=inverses.image_networks,
        arguments={"latent_distribution": "normal"},
        steps=steps,
        source="the game alone; networks and budget of Lucic et al., pairs meet as in ALI",
        **images.BUDGET,
    )
    for name, (shape, steps) in images.SETS.items()
}
_POINTS = {
    f"bigan_{name}": Preset(
        model=BiGAN,
        dataset=name,
        networks=inverses.point_networks,
        arguments={"latent_distribution": "normal", "fresh_noise": True},
        source="the game alone; networks and budget of all methods on the same data",
        **points.BUDGET,
    )
    for name in ("ring", "grid")
}
PRESETS = _IMAGES | _POINTS
