"""RaGAN (Jolicoeur-Martineau 2018, https://arxiv.org/abs/1807.00734)."""

from __future__ import annotations

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import critics

METHOD = Method(
    name="ragan",
    title="RaGAN",
    model=GAN,
    idea="real samples compared with the generated ones' average",
    source="Jolicoeur-Martineau 2018",
    link="https://arxiv.org/abs/1807.00734",
    application="gan",
    cost=1.5,
    terms=True,
    presets=critics.presets(
        "Jolicoeur-Martineau, arXiv:1807.00734; networks and rates of the GAN; two moves on points "
        "are ours",
        {"loss": "relativistic_average"},
        on_images=critics.WITH_NORM,
        # Of one move 3 modes of the ring are left; of two all, and on the grid 94% within 3 std.
        point_arguments={"discriminator_steps": 2},
    ),
)
