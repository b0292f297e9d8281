"""VEEGAN (Srivastava et al. 2017, https://arxiv.org/abs/1705.07761)."""

from kgan.models import VEEGAN
from kgan.presets import images, inverses, points
from kgan.presets.preset import Preset

_IMAGES = {
    f"veegan_{name or 'images'}": Preset(
        model=VEEGAN,
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
    f"veegan_{name}": Preset(
        model=VEEGAN,
        dataset=name,
        networks=inverses.point_networks,
        arguments={"latent_distribution": "normal", "fresh_noise": True},
        source="the game alone; networks and budget of all methods on the same data",
        **points.BUDGET,
    )
    for name in ("ring", "grid")
}
PRESETS = _IMAGES | _POINTS
