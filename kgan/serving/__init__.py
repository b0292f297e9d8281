"""Export to TensorFlow Serving, and generators of others as sources of samples."""

from kgan.serving.export import export
from kgan.serving.generator_file import KerasGenerator, load_keras_file
from kgan.serving.saved_model import SavedModelGenerator, open_saved_model

__all__ = [
    "KerasGenerator",
    "SavedModelGenerator",
    "export",
    "load_keras_file",
    "open_saved_model",
]
