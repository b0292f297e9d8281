"""Adversarial methods, one file each."""

from kgan.models.adversarial import AdversarialModel
from kgan.models.bank import GeneratorBank
from kgan.models.began import BEGAN
from kgan.models.bigan import BiGAN
from kgan.models.dmganpl import DMGANPL
from kgan.models.gan import GAN
from kgan.models.inverse import InverseModel
from kgan.models.invertgan import InvertGAN
from kgan.models.joint import JointModel
from kgan.models.madgan import MADGAN
from kgan.models.maemgan import MaEMGAN
from kgan.models.manifold_entropy import ManifoldEntropy
from kgan.models.mdgan import MDGAN
from kgan.models.mgan import MGAN
from kgan.models.mimgan import MIMGAN
from kgan.models.mixture import MixtureModel
from kgan.models.players import Phase, Player
from kgan.models.realnessgan import RealnessGAN
from kgan.models.two_player import TwoPlayerModel
from kgan.models.unrolledgan import UnrolledGAN
from kgan.models.veegan import VEEGAN

__all__ = [
    "BEGAN",
    "DMGANPL",
    "GAN",
    "MADGAN",
    "MDGAN",
    "MGAN",
    "MIMGAN",
    "VEEGAN",
    "AdversarialModel",
    "BiGAN",
    "GeneratorBank",
    "InverseModel",
    "InvertGAN",
    "JointModel",
    "MaEMGAN",
    "ManifoldEntropy",
    "MixtureModel",
    "Phase",
    "Player",
    "RealnessGAN",
    "TwoPlayerModel",
    "UnrolledGAN",
]
