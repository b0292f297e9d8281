"""SavedModels that TensorFlow Serving can serve."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from kgan.errors import RunError

ABOUT = "assets.extra/kgan.json"
"""File in a SavedModel that says what signatures cannot: `class`, the images' `value_range`, and a
mixture's `num_generators`."""


def export(model: Any, directory: str | Path) -> Path:
    """Write a SavedModel with named, batch-polymorphic signatures.

    Signatures, their inputs and outputs:

    - `serving_default`: `latents (n, latent_dim)` float32 to `samples (n, ...)` float32.
    - `sample`: `num_samples` int32 scalar and `seed (2,)` int32 to `samples`. The seed `(s, 0)`
      gives what `model.sample(num_samples, seed=s)` gives.
    - `sample_png`, for images of 1, 3 or 4 channels: the same inputs to `images (n,)`, PNG files.
    - `discriminate`: `samples (n, ...)` float32 to the method's named outputs, such as
      `probability (n,)` and MD-GAN's `embedding (n, d)`.
    - `invert`, of an `InverseModel`: `samples (n, ...)` float32 in the model's value range to
      `latents (n, latent_dim)` float32, as `model.invert`. `serving_default` maps them back.

    A mixture's first three take `generator` besides, int32, a scalar or `(n,)`: the numbers of the
    generators to take, where -1, which TF Serving takes for an absent one, stands for a draw by the
    mixture weights. They return it, `generator (n,)` int32. `sample` and `sample_png` draw by their
    seed, `serving_default` by a seed made from the latents. Numbers out of range are an error.

    What signatures cannot say lies beside them, in `assets.extra/kgan.json`.

    Args:
        model: an `AdversarialModel`.
        directory: the version's folder, such as `saved_models/mdgan_grid/1`. It appears whole, or
            not at all; one that is there is replaced.

    Returns:
        The folder.

    Raises:
        RunError: if it cannot be written.
    """
    target = Path(directory)
    archive = keras.export.ExportArchive()
    for network in model.exported_networks():
        archive.track(network)
    for name, endpoint in model.endpoints().items():
        archive.add_endpoint(name, endpoint.function, input_signature=endpoint.inputs)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
            archive.write_out(f"{folder}/model", verbose=False)
            about = Path(folder, "model", ABOUT)
            about.parent.mkdir(exist_ok=True)
            about.write_text(json.dumps(_about(model), indent=2) + "\n")
            if target.exists():
                shutil.rmtree(target)
            Path(folder, "model").rename(target)
    except (tf.errors.OpError, OSError) as error:
        raise RunError(f"The SavedModel cannot be written to {target}: {error}") from error
    return target


def _about(model: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"class": type(model).__name__}
    if len(model.sample_shape) == 3:
        about["value_range"] = list(model.value_range)
    if hasattr(model, "num_generators"):
        about["num_generators"] = model.num_generators
    return about
