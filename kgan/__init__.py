"""kgan: GANs that keep all their modes, as ordinary Keras models."""

from kgan import data, losses, metrics, networks, training
from kgan.errors import DataError, InputError, KganError, NonFiniteLossError, RunError
from kgan.models import (
    DMGANPL,
    GAN,
    MADGAN,
    MDGAN,
    MGAN,
    MIMGAN,
    AdversarialModel,
    GeneratorBank,
    MixtureModel,
    Phase,
    Player,
)
from kgan.version import __version__

__all__ = [
    "DMGANPL",
    "GAN",
    "MADGAN",
    "MDGAN",
    "MGAN",
    "MIMGAN",
    "AdversarialModel",
    "DataError",
    "GeneratorBank",
    "InputError",
    "KganError",
    "MixtureModel",
    "NonFiniteLossError",
    "Phase",
    "Player",
    "RunError",
    "__version__",
    "data",
    "losses",
    "metrics",
    "networks",
    "training",
]
