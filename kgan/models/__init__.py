"""Adversarial methods, one file each."""

from kgan.models.adversarial import AdversarialModel
from kgan.models.gan import GAN
from kgan.models.mdgan import MDGAN
from kgan.models.players import Phase, Player

__all__ = ["GAN", "MDGAN", "AdversarialModel", "Phase", "Player"]
