"""MD-GAN (Eghbal-zadeh et al. 2019, https://arxiv.org/abs/1811.00152)."""

from kgan.models import MDGAN
from kgan.presets import images, points
from kgan.presets.preset import Preset

PRESETS = {
    f"mdgan_{name or 'images'}": Preset(
        model=MDGAN,
        dataset=name,
        example_shape=shape,
        networks=images.networks,
        arguments={"components": 8, "latent_distribution": "uniform"},
        steps=steps,
        batch_size=images.BATCH_SIZE,
        learning_rate=5e-5,
        beta_1=0.0,
        source="section 5.2, table 2: C=8, variances 0.25; networks and budget of Lucic et al.",
    )
    for name, (shape, steps) in images.SETS.items()
} | {
    f"mdgan_{name}": Preset(
        model=MDGAN,
        dataset=name,
        example_shape=(2,),
        networks=points.networks,
        arguments={"components": 8, "latent_distribution": "normal"},
        steps=20_000,
        batch_size=500,
        learning_rate=1e-3,
        beta_1=0.5,
        decay="cosine",
        source="section 5.1.2, table 1",
        interval=500,
        snapshot_interval=1_000,
        steps_per_execution=250,
    )
    for name in ("ring", "grid")
}
