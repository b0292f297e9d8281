"""Builders of published networks: functions that return Keras models."""

from kgan.networks.dcgan import dcgan_discriminator, dcgan_generator
from kgan.networks.efficientnet import efficientnet_lite0
from kgan.networks.inception import inception_v4
from kgan.networks.lucic import lucic_autoencoder, lucic_discriminator, lucic_generator
from kgan.networks.mlp import mlp
from kgan.networks.sndcgan import sndcgan_discriminator, sndcgan_generator
from kgan.networks.sngan_resnet import sngan_resnet_discriminator, sngan_resnet_generator
from kgan.networks.spectral_dcgan import spectral_dcgan_critic, spectral_dcgan_generator

__all__ = [
    "dcgan_discriminator",
    "dcgan_generator",
    "efficientnet_lite0",
    "inception_v4",
    "lucic_autoencoder",
    "lucic_discriminator",
    "lucic_generator",
    "mlp",
    "sndcgan_discriminator",
    "sndcgan_generator",
    "sngan_resnet_discriminator",
    "sngan_resnet_generator",
    "spectral_dcgan_critic",
    "spectral_dcgan_generator",
]
