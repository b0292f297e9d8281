"""The original GAN: the baseline of every table."""

from kgan.models import GAN
from kgan.presets import images, points
from kgan.presets.preset import Preset

_LUCIC = "Lucic et al. (arXiv:1711.10337): GAN 5e-5, beta1 0, batch norm in both networks"

PRESETS = {
    f"gan_{name or 'images'}": Preset(
        model=GAN,
        dataset=name,
        example_shape=shape,
        networks=images.networks,
        arguments={"latent_distribution": "uniform"},
        steps=steps,
        batch_size=images.BATCH_SIZE,
        learning_rate=5e-5,
        beta_1=0.0,
        source=_LUCIC,
    )
    for name, (shape, steps) in images.SETS.items()
} | {
    f"gan_{name}": Preset(
        model=GAN,
        dataset=name,
        example_shape=(2,),
        networks=points.networks,
        arguments={"latent_distribution": "normal"},
        steps=20_000,
        batch_size=500,
        learning_rate=1e-3,
        beta_1=0.5,
        decay="cosine",
        source="MD-GAN's grid networks and budget, for comparison",
        interval=500,
        snapshot_interval=1_000,
        steps_per_execution=250,
    )
    for name in ("ring", "grid")
}
