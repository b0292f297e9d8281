"""What a served model can be asked: functions of tensors with named inputs and outputs."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from kgan.backend import engine
from kgan.serving.limits import MAX_SAMPLES, NO_OPTION, WITH_OPTIONS

# The number of a generator that stands for a draw by the mixture weights.
_DRAWN = int(NO_OPTION["generator"])


class Endpoint(NamedTuple):
    """A function of tensors, which returns a mapping of named ones, and what it takes."""

    function: Callable[..., dict[str, Any]]
    inputs: list[tf.TensorSpec]


def generator_endpoints(model: Any) -> dict[str, Endpoint]:
    """`serving_default`, `sample`, `discriminate` and, of images, `sample_png`.

    Args:
        model: an `AdversarialModel`.
    """

    def generate(latents, seeds):
        return {"samples": keras.ops.cast(model(latents), "float32")}

    return _endpoints(model, generate, [])


def mixture_endpoints(model: Any) -> dict[str, Endpoint]:
    """The same of a `MixtureModel`, with the generators' numbers."""

    def generate(latents, seeds, generator=None):
        chosen = model.generators_of(seeds())
        if generator is not None:
            limits = [
                tf.debugging.assert_greater_equal(generator, _DRAWN, _range(model)),
                tf.debugging.assert_less(generator, model.num_generators, _range(model)),
            ]
            with _after(*limits):
                chosen = tf.where(generator == _DRAWN, chosen, generator)
        samples = model(latents, generator=chosen)
        return {"samples": keras.ops.cast(samples, "float32"), "generator": chosen}

    return _endpoints(model, generate, [tf.TensorSpec((None,), tf.int32, name="generator")])


def inverse_endpoints(model: Any) -> dict[str, Endpoint]:
    """`invert` of an `InverseModel`."""

    def invert(samples):
        return {"latents": model.encode(_finite(samples, "samples"))}

    return {"invert": _endpoint(invert, _examples(model))}


def _endpoints(model: Any, generate: Any, choices: list[tf.TensorSpec]) -> dict[str, Endpoint]:
    """The endpoints of a function that gives samples; `choices` are its further inputs.

    It takes latents, and what gives the seeds that go with them.

    A server puts rows of several requests together, so that every input has as many rows, and none
    may be left out: what a request need not choose has a signature without it.
    """
    latents = tf.TensorSpec((None, model.latent_dim), tf.float32, name="latents")
    seeds = tf.TensorSpec((None, 2), tf.int32, name="seeds")
    truncation = tf.TensorSpec((None,), tf.float32, name="truncation")

    def of_latents(latents, **chosen):
        latents = _finite(latents, "latents")
        return generate(latents, lambda: engine.row_seeds(latents), **chosen)

    def of_seeds(seeds, truncation=None, **chosen):
        drawn = _latents(model, seeds)
        if truncation is not None:
            drawn = _truncated(drawn, truncation)
        return generate(drawn, lambda: seeds, **chosen)

    def discriminate(samples):
        return model.discriminate(_finite(samples, "samples"))

    found = {
        "serving_default": _endpoint(of_latents, latents),
        "sample": _endpoint(of_seeds, seeds),
        "discriminate": _endpoint(discriminate, _examples(model)),
    }
    if choices:
        found[f"serving{WITH_OPTIONS}"] = _endpoint(of_latents, latents, *choices)
    if options := [*choices, *([truncation] if model.latent_distribution == "normal" else [])]:
        found[f"sample{WITH_OPTIONS}"] = _endpoint(of_seeds, seeds, *options)
    if len(model.sample_shape) == 3 and model.sample_shape[-1] in (1, 3, 4):
        for name in [name for name in found if name.startswith("sample")]:
            png = Endpoint(_as_png(model, found[name].function), found[name].inputs)
            found[name.replace("sample", "sample_png")] = png
    return found


def _endpoint(function: Any, *inputs: tf.TensorSpec) -> Endpoint:
    """An endpoint whose arguments are called as its inputs, and have as many rows."""
    names = [spec.name for spec in inputs]
    told = f"{', '.join(names)} must have as many rows."

    def of_tensors(*args):
        rows = [tf.shape(arg)[0] for arg in args]
        checks = [tf.debugging.assert_equal(other, rows[0], told) for other in rows[1:]]
        with _after(*checks):
            values = [tf.identity(arg) for arg in args]
        return function(**dict(zip(names, values, strict=True)))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    of_tensors.__signature__ = signature  # type: ignore[attr-defined]
    return Endpoint(of_tensors, list(inputs))


def _examples(model: Any) -> tf.TensorSpec:
    return tf.TensorSpec((None, *model.seen_shape), tf.float32, name="samples")


def _finite(values: tf.Tensor, name: str) -> tf.Tensor:
    """The same; an error where they are not finite: an answer of them would look like any other."""
    return tf.debugging.check_numerics(values, f"{name} must be finite numbers")


def _after(*checks: Any) -> Any:
    """A block whose tensors wait for the checks; one that was made at once is None."""
    return tf.control_dependencies([check for check in checks if check is not None])


def _latents(model: Any, seeds: tf.Tensor) -> tf.Tensor:
    """Latents `(n, latent_dim)` of seeds `(n, 2)`; an error where they are too many."""
    told = f"At most {MAX_SAMPLES} rows of seeds are taken at once: ask again for the others."
    check = tf.debugging.assert_less_equal(tf.shape(seeds)[0], MAX_SAMPLES, told)
    with _after(check):
        seeds = tf.identity(seeds)
    return engine.row_noise((model.latent_dim,), model.latent_distribution, seeds)


def _truncated(normals: tf.Tensor, most: tf.Tensor) -> tf.Tensor:
    """Normals `(n, d)` moved into `[-most, most]` of their row, where 0 leaves them as they are.

    They are distributed as N(0, 1) is within these bounds (the truncation of BigGAN, Brock et al.
    2019): a value keeps its place among the others, so that a row changes with its bound by and by.
    """
    told = "truncation must be finite and at least 0, where 0 is for none."
    check = tf.debugging.assert_non_negative(_finite(most, "truncation"), told)
    with _after(check):
        most = tf.cast(most, normals.dtype)[:, None]
    # Tails of the left side, which keep their digits.
    outside = _tail(most)
    inside = outside + _tail(tf.abs(normals)) * (1 - 2 * outside)
    moved = tf.minimum(-tf.math.ndtri(inside), most) * tf.sign(normals)
    return tf.where(most > 0, moved, normals)


def _tail(values: tf.Tensor) -> tf.Tensor:
    """The share of N(0, 1) beyond `values`, at least 0."""
    return tf.math.erfc(values / math.sqrt(2)) / 2


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
