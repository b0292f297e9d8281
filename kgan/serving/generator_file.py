"""Any Keras generator in a file, as a source of samples."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kgan.errors import DataError, InputError
from kgan.files import local_path
from kgan.serving.latents import LatentGenerator
from kgan.serving.outside import first_line
from kgan.signatures import checked


@checked
def load_keras_file(path: str | Path) -> keras.Model:
    """Reads a model that Keras has saved, without its compilation.

    Raises:
        DataError: there is no such file, or it cannot be read: broken, with layers that are not
            registered, or with code in it, as `keras.layers.Lambda` has, which is not run.
    """
    path = local_path(path, "path")
    if not path.is_file():
        raise DataError(f"There is no file {path}: give a model that Keras has saved.")
    try:
        return keras.models.load_model(path, compile=False)
    # Keras and h5py raise all of these for files that are broken or of unknown classes.
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"Keras cannot read the model {path} ({first_line(error)}): give a sound .keras file "
            "of Keras 3, and import the module that registers its own layers."
        ) from error


class KerasGenerator(LatentGenerator):
    """A Keras model from latents to samples.

    Latents are those that a kgan model draws from the same seed.

    Args:
        model: of one input, `(batch, ...)` latents of known shape; of several outputs the one that
            has the examples' shape holds the samples.
        name: for messages.
        example_shape: of one example.
        latents: `"normal"` (N(0, 1)) or `"uniform"` (U[-1, 1]).
        value_range: (low, high) of images, None of points.

    Raises:
        InputError: inputs that are not latents of one known shape, or another distribution.
    """

    def __init__(
        self,
        model: keras.Model,
        name: str,
        *,
        example_shape: Sequence[int],
        latents: str = "normal",
        value_range: tuple[float, float] | None = None,
    ):
        super().__init__(
            name,
            _latent_shape(model, name),
            example_shape=example_shape,
            latents=latents,
            value_range=value_range,
        )
        self._model = model

    def _call(self, latents: np.ndarray) -> np.ndarray:
        try:
            outputs = self._model.predict_on_batch(latents)
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise InputError(
                f"{self.name} cannot be called with latents of the shape {latents.shape} "
                f"({first_line(error)}): give a generator of latents alone."
            ) from error
        return self._samples(keras.tree.flatten(outputs))


def _latent_shape(model: keras.Model, name: str) -> tuple[Any, ...]:
    """`(batch or None, ...)` of the model's only input."""
    inputs = getattr(model, "inputs", None)
    if inputs:
        shapes = [tuple(tensor.shape) for tensor in inputs]
        floats = all(keras.backend.is_float_dtype(tensor.dtype) for tensor in inputs)
    else:  # A subclass of keras.Model keeps what it was built with.
        built: Any = (model.get_build_config() or {}).get("input_shape") if model.built else None
        shapes = [tuple(built)] if _is_shape(built) else []
        floats = True
    known = len(shapes) == 1 and len(shapes[0]) > 1 and None not in shapes[0][1:]
    if not (known and floats):
        received = ", ".join(map(str, shapes)) or "a model that does not tell its input's shape"
        kind = "" if floats else ", not all of floats"
        raise InputError(
            f"A generator must have one input, float latents of a known shape. Received: {name} "
            f"with {received}{kind}"
        )
    return shapes[0]


def _is_shape(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(n is None or isinstance(n, int) for n in value)
