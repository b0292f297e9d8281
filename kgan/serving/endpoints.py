"""What a served model can be asked: functions of tensors with named inputs and outputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from kgan.backend import engine
from kgan.serving.limits import MAX_SAMPLES

# The number of a generator that stands for a draw by the mixture weights.
_DRAWN = -1


class Endpoint(NamedTuple):
    """A function of tensors, which returns a mapping of named ones, and what it takes."""

    function: Callable[..., dict[str, Any]]
    inputs: list[tf.TensorSpec]


def generator_endpoints(model: Any) -> dict[str, Endpoint]:
    """`serving_default`, `sample`, `discriminate` and, of images, `sample_png`.

    Args:
        model: an `AdversarialModel`.
    """

    def of_latents(latents):
        return {"samples": keras.ops.cast(model(latents), "float32")}

    def of_seeds(seeds):
        return of_latents(_latents(model, seeds))

    return _endpoints(model, of_latents, of_seeds, [])


def mixture_endpoints(model: Any) -> dict[str, Endpoint]:
    """The same of a `MixtureModel`, with the generators' numbers."""
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
        return generate(latents, generator, model.generators_of(engine.row_seeds(latents)))

    def of_seeds(seeds, generator=drawn):
        return generate(_latents(model, seeds), generator, model.generators_of(seeds))

    # Of no shape: a scalar for all samples, or one for each.
    choice = tf.TensorSpec(None, tf.int32, name="generator")
    return _endpoints(model, of_latents, of_seeds, [choice])


def inverse_endpoints(model: Any) -> dict[str, Endpoint]:
    """`invert` of an `InverseModel`."""

    def invert(samples):
        return {"latents": model.encode(samples)}

    return {"invert": Endpoint(invert, _examples(model))}


def _endpoints(
    model: Any, of_latents: Any, of_seeds: Any, more: list[tf.TensorSpec]
) -> dict[str, Endpoint]:
    """The endpoints of two functions that give samples; `more` are their further inputs."""
    latents = [tf.TensorSpec((None, model.latent_dim), tf.float32, name="latents"), *more]
    draw = [tf.TensorSpec((None, 2), tf.int32, name="seeds"), *more]
    found = {
        "serving_default": Endpoint(of_latents, latents),
        "sample": Endpoint(of_seeds, draw),
        "discriminate": Endpoint(model.discriminate, _examples(model)),
    }
    if len(model.sample_shape) == 3 and model.sample_shape[-1] in (1, 3, 4):
        found["sample_png"] = Endpoint(_as_png(model, of_seeds), draw)
    return found


def _examples(model: Any) -> list[tf.TensorSpec]:
    return [tf.TensorSpec((None, *model.seen_shape), tf.float32, name="samples")]


def _latents(model: Any, seeds: tf.Tensor) -> tf.Tensor:
    """Latents `(n, latent_dim)` of seeds `(n, 2)`; an error where they are too many."""
    told = f"At most {MAX_SAMPLES} rows of seeds are taken at once: ask again for the others."
    check = tf.debugging.assert_less_equal(tf.shape(seeds)[0], MAX_SAMPLES, told)
    with tf.control_dependencies([] if check is None else [check]):
        seeds = tf.identity(seeds)
    return engine.row_noise((model.latent_dim,), model.latent_distribution, seeds)


def _range(model: Any) -> str:
    return f"generator must lie in 0..{model.num_generators - 1}, or be {_DRAWN} for a draw."


def _as_png(model: Any, of_seeds: Any) -> Any:
    """`sample` with PNG files in the place of samples."""
    inputs = inspect.signature(of_seeds)

    def of_seeds_as_png(*args):
        outputs = of_seeds(*args)
        samples = outputs.pop("samples")
        # REST clients get base64 of what is called so, and an error for other strings of bytes.
        return {"image_bytes": _png(model, samples), **outputs}

    of_seeds_as_png.__signature__ = inputs  # type: ignore[attr-defined]
    return of_seeds_as_png


def _png(model: Any, images: tf.Tensor) -> tf.Tensor:
    """PNG files of float images in the model's value range: `(n, h, w, c)` to `(n,)` strings."""
    low, high = model.value_range
    scaled = tf.round((images - low) / (high - low) * 255)
    pixels = tf.cast(tf.clip_by_value(scaled, 0, 255), tf.uint8)
    return tf.map_fn(tf.io.encode_png, pixels, fn_output_signature=tf.string)
