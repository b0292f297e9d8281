"""`Model.export` with the arguments that it has in Keras."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import tensorflow as tf

from kgan.backend import finite
from kgan.errors import InputError
from kgan.files import local_path, replacing
from kgan.serving.export import export

_SEVERAL_FILES = ("openvino",)


def export_as(
    model: Any,
    by_keras: Callable[..., None],
    filepath: str | Path,
    format: str = "tf_saved_model",
    *,
    verbose: bool | None = None,
    input_signature: Any = None,
    **kwargs: Any,
) -> Path:
    """Write a model for inference.

    Args:
        model: an `AdversarialModel`.
        by_keras: Keras' own export of it.
        filepath: where; see `export` for a SavedModel.
        format: "tf_saved_model", with the signatures of `export`; or "onnx", "openvino" or
            "litert", which Keras writes, with what each of them needs: from `latents
            (n, latent_dim)` float32 to samples, of a mixture drawn by its weights.
        verbose: whether to print where it is; by default of the other formats, as in Keras.
        input_signature: of the other formats, where not `latents (None, latent_dim)`.
        **kwargs: of the other formats, as Keras has them.

    Returns:
        The path.

    Raises:
        InputError: arguments that a SavedModel does not take, a path with a scheme, or a format
            whose package is not installed.
        NonFiniteLossError, RunError: as `export`.
        ValueError: Keras' own, for a format that it does not know or cannot write.
    """
    path = local_path(filepath, "filepath")
    if format == "tf_saved_model":
        foreign = [*(["input_signature"] if input_signature is not None else []), *kwargs]
        if foreign:
            raise InputError(
                "A SavedModel has kgan's own signatures, see `kgan.serving.export`, and takes no "
                f"`{foreign[0]}`; leave it out, or write one endpoint with "
                "keras.export.ExportArchive."
            )
        return export(model, path, verbose=bool(verbose))
    finite.require_finite(model, "exported")
    if input_signature is None:
        input_signature = [tf.TensorSpec((None, model.latent_dim), tf.float32, name="latents")]
    how = {"format": format, "verbose": False, "input_signature": input_signature, **kwargs}
    try:
        with nullcontext(path) if format in _SEVERAL_FILES else replacing(path) as written:
            by_keras(str(written), **how)
    except ImportError as error:
        raise InputError(
            f"Keras needs another package to write `format={format}`, which is not installed: "
            f"{error}."
        ) from error
    if verbose is not False:
        print(f"Saved artifact at '{path}'.")
    return path
