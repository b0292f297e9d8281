"""A GAN as a game: players, phases, one train step, and the parts that methods share."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
