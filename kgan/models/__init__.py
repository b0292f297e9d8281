"""Adversarial methods, one file each."""

from kgan.models.adversarial import AdversarialModel, Phase, Player
from kgan.models.gan import GAN
from kgan.models.mdgan import MDGAN

__all__ = ["GAN", "MDGAN", "AdversarialModel", "Phase", "Player"]
