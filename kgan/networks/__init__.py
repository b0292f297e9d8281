"""Builders of published networks: functions that return Keras models."""

from kgan.networks.lucic import lucic_discriminator, lucic_generator
from kgan.networks.mlp import mlp

__all__ = ["lucic_discriminator", "lucic_generator", "mlp"]
