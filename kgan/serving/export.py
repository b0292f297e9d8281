"""SavedModels that TensorFlow Serving can serve."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from kgan.errors import RunError


def export(model: Any, directory: str | Path) -> Path:
    """Write a SavedModel with named, batch-polymorphic signatures.

    Signatures, their inputs and outputs:

    - `serving_default`: `latents (n, latent_dim)` float32 to `samples (n, ...)` float32.
    - `sample`: `num_samples` int32 scalar and `seed (2,)` int32 to `samples`. The seed `(s, 0)`
      gives what `model.sample(num_samples, seed=s)` gives.
    - `sample_png`, for images of 1, 3 or 4 channels: the same inputs to `images (n,)`, PNG files.
    - `discriminate`: `samples (n, ...)` float32 to the method's named outputs, such as
      `probability (n,)` and MD-GAN's `embedding (n, d)`.

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
    archive.track(model.sampler)
    for name, player in model.players.items():
        if name != "generator":
            for network in player.networks:
                archive.track(network)
    for name, (function, signature) in _endpoints(model).items():
        archive.add_endpoint(name, function, input_signature=signature)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
            archive.write_out(f"{folder}/model", verbose=False)
            if target.exists():
                shutil.rmtree(target)
            Path(folder, "model").rename(target)
    except (tf.errors.OpError, OSError) as error:
        raise RunError(f"The SavedModel cannot be written to {target}: {error}") from error
    return target


def _endpoints(model: Any) -> dict[str, tuple[Any, list[tf.TensorSpec]]]:
    """Name, function and input signature of each endpoint."""
    draw = [
        tf.TensorSpec((), tf.int32, name="num_samples"),
        tf.TensorSpec((2,), tf.int32, name="seed"),
    ]

    def generate(latents):
        return keras.ops.cast(model(latents), "float32")

    def sample(num_samples, seed):
        return generate(model.sample_latents(num_samples, seed))

    endpoints = {
        "serving_default": (
            lambda latents: {"samples": generate(latents)},
            [tf.TensorSpec((None, model.latent_dim), tf.float32, name="latents")],
        ),
        "sample": (lambda num_samples, seed: {"samples": sample(num_samples, seed)}, draw),
        "discriminate": (
            model.discriminate,
            [tf.TensorSpec((None, *model.sample_shape), tf.float32, name="samples")],
        ),
    }
    if len(model.sample_shape) == 3 and model.sample_shape[-1] in (1, 3, 4):
        endpoints["sample_png"] = (
            lambda num_samples, seed: {"images": _png(model, sample(num_samples, seed))},
            draw,
        )
    return endpoints


def _png(model: Any, images: tf.Tensor) -> tf.Tensor:
    """PNG files of float images in the model's value range: `(n, h, w, c)` to `(n,)` strings."""
    low, high = model.value_range
    scaled = tf.round((images - low) / (high - low) * 255)
    pixels = tf.cast(tf.clip_by_value(scaled, 0, 255), tf.uint8)
    return tf.map_fn(tf.io.encode_png, pixels, fn_output_signature=tf.string)
