"""SN-GAN with residual networks (Miyato et al., ICLR 2018, https://arxiv.org/abs/1802.05957)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets.preset import Networks, Preset
from kgan.networks import sngan_resnet_discriminator, sngan_resnet_generator

# Batches of 64 for each of the discriminator's five moves.
_CRITIC_STEPS, _BATCH = 5, 64


def _networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "generator": sngan_resnet_generator(example_shape, dtype=dtype),
        "discriminator": sngan_resnet_discriminator(
            example_shape, arguments["outputs"], dtype=dtype
        ),
    }


_RESIDUAL = {
    "cifar10": Preset(
        dataset="cifar10",
        example_shape=(32, 32, 3),
        networks=Networks(
            _networks,
            {
                "networks": "SN-GAN's table 4",
                "latent_dim": 128,
                "discriminator_norm": "spectral",
            },
        ),
        arguments={
            "loss": "hinge",
            "latent_distribution": "normal",
            "value_range": (-1.0, 1.0),
            "discriminator_steps": _CRITIC_STEPS,
            "fresh_noise": True,
        },
        network_arguments={"outputs": 1},
        steps=100_000,
        batch_size=_CRITIC_STEPS * _BATCH,
        learning_rate=2e-4,
        beta_1=0.0,
        beta_2=0.9,
        decay="linear",
    )
}
METHOD = Method(
    name="sngan_resnet",
    title="SN-GAN, residual",
    model=GAN,
    idea="SN-GAN with residual networks",
    source="Miyato et al. 2018",
    link="https://arxiv.org/abs/1802.05957",
    application="gan",
    cost=3.0,
    code="pfnet-research/sngan_projection",
    terms=True,
    presets=_RESIDUAL,
)
