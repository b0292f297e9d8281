"""Builders of published networks: functions that return Keras models."""

from kgan.networks.dcgan import dcgan_discriminator, dcgan_generator
from kgan.networks.inception import inception_v4
from kgan.networks.lucic import lucic_discriminator, lucic_generator
from kgan.networks.mlp import mlp

__all__ = [
    "dcgan_discriminator",
    "dcgan_generator",
    "inception_v4",
    "lucic_discriminator",
    "lucic_generator",
    "mlp",
]
