"""The methods, one file each. A new one is a line in `__init__.pyi`."""

from kgan.backend import loading

__getattr__, __dir__, __all__ = loading.attach_stub(__name__, __file__)
