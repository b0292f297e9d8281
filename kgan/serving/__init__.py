"""Export to TensorFlow Serving, and generators of others as sources of samples."""

from kgan.backend import loading

__getattr__, __dir__, __all__ = loading.attach_stub(__name__, __file__, free=["Client"])
