"""Export to TensorFlow Serving."""

from kgan.serving.export import export

__all__ = ["export"]
