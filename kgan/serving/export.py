"""SavedModels that TensorFlow Serving can serve."""

from __future__ import annotations

import inspect
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from kgan.backend import engine
from kgan.errors import RunError
from kgan.game import InverseModel, MixtureModel

ABOUT = "assets.extra/kgan.json"
"""File in a SavedModel that says what signatures cannot: `class`, the images' `value_range`, and a
mixture's `num_generators`."""

# The number of a generator that stands for a draw by the mixture weights.
_DRAWN = -1


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
    for network in _networks(model):
        archive.track(network)
    for name, (function, signature) in _endpoints(model).items():
        archive.add_endpoint(name, function, input_signature=signature)
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
    if isinstance(model, MixtureModel):
        about["num_generators"] = model.num_generators
    return about


def _networks(model: Any) -> list[keras.Layer]:
    """What the endpoints call, each network once."""
    found = [model.sampler]
    for name, player in model.players.items():
        if name != "generator":
            found += player.networks
    if isinstance(model, InverseModel):
        found.append(model.inverse)  # The generator's player may own it.
    return list({id(network): network for network in found}.values())


def _endpoints(model: Any) -> dict[str, tuple[Any, list[tf.TensorSpec]]]:
    """Name, function and input signature of each endpoint."""
    latents = [tf.TensorSpec((None, model.latent_dim), tf.float32, name="latents")]
    draw = [
        tf.TensorSpec((), tf.int32, name="num_samples"),
        tf.TensorSpec((2,), tf.int32, name="seed"),
    ]
    of_latents, of_seed = (_mixture if isinstance(model, MixtureModel) else _single)(model)
    if isinstance(model, MixtureModel):
        # Of no shape: a scalar for all samples, or one for each.
        choice = tf.TensorSpec(None, tf.int32, name="generator")
        latents, draw = [*latents, choice], [*draw, choice]
    examples = [tf.TensorSpec((None, *model.sample_shape), tf.float32, name="samples")]
    endpoints = {
        "serving_default": (of_latents, latents),
        "sample": (of_seed, draw),
        "discriminate": (model.discriminate, examples),
    }
    if isinstance(model, InverseModel):
        endpoints["invert"] = (lambda samples: {"latents": model.encode(samples)}, examples)
    if len(model.sample_shape) == 3 and model.sample_shape[-1] in (1, 3, 4):
        endpoints["sample_png"] = (_as_png(model, of_seed), draw)
    return endpoints


def _single(model: Any) -> tuple[Any, Any]:
    """What `serving_default` and `sample` do."""

    def of_latents(latents):
        return {"samples": keras.ops.cast(model(latents), "float32")}

    def of_seed(num_samples, seed):
        return of_latents(model.sample_latents(num_samples, seed))

    return of_latents, of_seed


def _mixture(model: MixtureModel) -> tuple[Any, Any]:
    """The same of a mixture, with the generators' numbers."""
    drawn = tf.constant(_DRAWN)  # A tensor: only such defaults reach the SavedModel.

    def generate(latents, generator, draws):
        count = tf.shape(latents)[0]
        limits = [
            tf.debugging.assert_greater_equal(generator, _DRAWN, _range(model)),
            tf.debugging.assert_less(generator, model.num_generators, _range(model)),
        ]
        with tf.control_dependencies([check for check in limits if check is not None]):
            generator = tf.broadcast_to(generator, [count])
        generator = tf.where(generator == _DRAWN, draws, generator)
        samples = model(latents, generator=generator)
        return {"samples": keras.ops.cast(samples, "float32"), "generator": generator}

    def of_latents(latents, generator=drawn):
        draws = model.draw_generators(tf.shape(latents)[0], engine.seed_from(latents))
        return generate(latents, generator, draws)

    def of_seed(num_samples, seed, generator=drawn):
        latents = model.sample_latents(num_samples, seed)
        return generate(latents, generator, model.draw_generators(num_samples, seed))

    return of_latents, of_seed


def _range(model: MixtureModel) -> str:
    return f"generator must lie in 0..{model.num_generators - 1}, or be {_DRAWN} for a draw."


def _as_png(model: Any, of_seed: Any) -> Any:
    """`sample` with PNG files in the place of samples."""
    inputs = inspect.signature(of_seed)

    def of_seed_as_png(*args):
        outputs = of_seed(*args)
        samples = outputs.pop("samples")
        return {"images": _png(model, samples), **outputs}

    of_seed_as_png.__signature__ = inputs  # type: ignore[attr-defined]
    return of_seed_as_png


def _png(model: Any, images: tf.Tensor) -> tf.Tensor:
    """PNG files of float images in the model's value range: `(n, h, w, c)` to `(n,)` strings."""
    low, high = model.value_range
    scaled = tf.round((images - low) / (high - low) * 255)
    pixels = tf.cast(tf.clip_by_value(scaled, 0, 255), tf.uint8)
    return tf.map_fn(tf.io.encode_png, pixels, fn_output_signature=tf.string)
