"""A GAN as a game: players, phases, one train step, and the parts that methods share."""

from kgan.backend import loading

__getattr__, __dir__, __all__ = loading.attach_stub(__name__, __file__)
