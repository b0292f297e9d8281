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
    code="AlexiaJM/RelativisticGAN",
    terms=True,
    presets=critics.presets(
        {"loss": "relativistic_average"},
        on_images=critics.WITH_NORM,
        point_arguments={"discriminator_steps": 2},
        point_reasons={
            "discriminator_steps": "of one move 3 modes of the ring are left, of two all; one seed",
        },
    ),
)
