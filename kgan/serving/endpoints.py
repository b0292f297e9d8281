"""What a served model can be asked: functions of tensors with named inputs and outputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from kgan.backend import engine

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

    def of_seed(num_samples, seed):
        return of_latents(model.sample_latents(num_samples, seed))

    return _endpoints(model, of_latents, of_seed, [])


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
        draws = model.draw_generators(tf.shape(latents)[0], engine.seed_from(latents))
        return generate(latents, generator, draws)

    def of_seed(num_samples, seed, generator=drawn):
        latents = model.sample_latents(num_samples, seed)
        return generate(latents, generator, model.draw_generators(num_samples, seed))

    # Of no shape: a scalar for all samples, or one for each.
    choice = tf.TensorSpec(None, tf.int32, name="generator")
    return _endpoints(model, of_latents, of_seed, [choice])


def inverse_endpoints(model: Any) -> dict[str, Endpoint]:
    """`invert` of an `InverseModel`."""

    def invert(samples):
        return {"latents": model.encode(samples)}

    return {"invert": Endpoint(invert, _examples(model))}


def _endpoints(
    model: Any, of_latents: Any, of_seed: Any, more: list[tf.TensorSpec]
) -> dict[str, Endpoint]:
    """The endpoints of two functions that give samples; `more` are their further inputs."""
    latents = [tf.TensorSpec((None, model.latent_dim), tf.float32, name="latents"), *more]
    draw = [
        tf.TensorSpec((), tf.int32, name="num_samples"),
        tf.TensorSpec((2,), tf.int32, name="seed"),
        *more,
    ]
    found = {
        "serving_default": Endpoint(of_latents, latents),
        "sample": Endpoint(of_seed, draw),
        "discriminate": Endpoint(model.discriminate, _examples(model)),
    }
    if len(model.sample_shape) == 3 and model.sample_shape[-1] in (1, 3, 4):
        found["sample_png"] = Endpoint(_as_png(model, of_seed), draw)
    return found


def _examples(model: Any) -> list[tf.TensorSpec]:
    return [tf.TensorSpec((None, *model.sample_shape), tf.float32, name="samples")]


def _range(model: Any) -> str:
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
