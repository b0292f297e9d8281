"""Any SavedModel that can be asked for samples, as a source of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, cast

import numpy as np
import tensorflow as tf
from absl import logging
from tensorflow.core.protobuf import saved_model_pb2

from kgan.backend import engine
from kgan.errors import DataError, InputError
from kgan.files import local_path
from kgan.serving.export import ABOUT, PROTO
from kgan.serving.limits import NO_OPTION, WITH_OPTIONS
from kgan.serving.outside import BATCH, OutsideGenerator, batches, first_line
from kgan.serving.signatures import Plan, choose
from kgan.signatures import check_arguments, checked

_OWN = "serving_default"  # Of kgan's own: latents as the model itself draws them.
_BYTE_RANGE = (0.0, 255.0)


@checked
def open_saved_model(
    directory: str | Path,
    *,
    example_shape: Sequence[int] | None = None,
    signature: str | None = None,
    latents: str | None = None,
    value_range: tuple[float, float] | None = None,
    generator: int | None = None,
) -> SavedModelGenerator:
    """A source of samples from a SavedModel of kgan's or of others.

    Args:
        directory: with saved_model.pb, or with numbered versions, of which the last is taken.
        example_shape: of one example; of kgan's own by default what it says.
        signature: name of the signature to draw from; see `kgan.serving.signatures.choose`. Of
            kgan's own by default "serving_default", on the latents that `model.sample` draws.
        latents: `"normal"` (N(0, 1)) or `"uniform"` (U[-1, 1]), for signatures that take latents.
            By default what `kgan.serving.export` noted; else `"normal"`.
        value_range: (low, high) of images. By default what `kgan.serving.export` noted; else 0 to
            255 of whole numbers, and 0 to 1.
        generator: number of the one to take, of kgan's own mixtures; None for a draw by weight.

    Raises:
        DataError: there is no SavedModel, or it cannot be read.
        InputError: it cannot be told how to draw such examples.
    """
    folder = version_folder(directory)
    try:
        loaded = tf.saved_model.load(str(folder))
        defaults = _defaults(folder)
    except (OSError, ValueError, LookupError, RuntimeError, tf.errors.OpError) as error:
        raise DataError(f"The SavedModel {folder} cannot be read ({first_line(error)}).") from error
    about = _about(folder)
    if "max_samples" in about and signature is None:
        signature = _OWN
    if generator is not None:
        signature = _with_generator(signature, loaded.signatures, f"{folder}", generator)
    if "max_samples" in about:
        defaults |= _no_options(loaded.signatures)
    if example_shape is None:
        example_shape = _own_shape(loaded.signatures, folder)
    plan = choose(loaded.signatures, defaults, example_shape, signature, f"{folder}")
    if generator is not None:
        last = about.get("num_generators", generator + 1) - 1
        if not 0 <= generator <= last:
            raise InputError(f"generator must be one of 0..{last}. Received: {generator}")
        chosen = {**plan.constants, "generator": np.array(generator, np.int32)}
        plan = dataclasses.replace(plan, constants=chosen)
    latents = latents or about.get("latents", "normal")
    made = loaded.signatures[plan.signature].structured_outputs
    if len(example_shape) != 3:
        value_range = None
    elif value_range is None:
        noted = about.get("value_range")
        plain = _BYTE_RANGE if made[plan.output].dtype.is_integer else (0.0, 1.0)
        value_range = (noted[0], noted[1]) if noted else plain
    arguments = loaded, plan, str(folder), example_shape, latents, value_range
    if "num_generators" in about and "generator" in made:
        return MixtureSavedModel(*arguments, num_generators=about["num_generators"])
    return SavedModelGenerator(*arguments)


def _with_generator(
    signature: str | None, signatures: Mapping[str, Any], folder: str, generator: int
) -> str:
    """The name of the signature that does the same of a generator that is named."""
    own = {"serving_default": "serving", "sample": "sample", "sample_png": "sample_png"}
    name = f"{own.get(signature or _OWN)}{WITH_OPTIONS}"
    if name not in signatures or "generator" not in signatures[name].structured_outputs:
        raise InputError(
            f"The signature '{signature or _OWN}' of {folder} takes no generator's number. "
            f"Received: generator={generator}"
        )
    return name


def _no_options(signatures: Mapping[str, Any]) -> dict[str, dict[str, np.ndarray]]:
    """By name of kgan's own signatures with options, what leaves them out."""
    found = {}
    for name in signatures:
        if name.endswith(WITH_OPTIONS):
            inputs = signatures[name].structured_input_signature[1]
            found[name] = {key: value for key, value in NO_OPTION.items() if key in inputs}
    return found


def _own_shape(signatures: Mapping[str, Any], folder: Path) -> tuple[int, ...]:
    """Of one sample of kgan's own SavedModel."""
    outputs = signatures["sample"].structured_outputs if "sample" in signatures else {}
    if "samples" not in outputs:
        raise InputError(
            f"{folder} is no SavedModel of kgan's, which tells what it makes: give an "
            "`example_shape`."
        )
    return tuple(outputs["samples"].shape[1:].as_list())


@checked
def version_folder(directory: str | Path) -> Path:
    """The folder of a SavedModel: this one, or the last of the numbered versions in it.

    Raises:
        DataError: there is none.
    """
    folder = local_path(directory, "saved_model")
    versions = [path for path in folder.glob(f"*/{PROTO}") if path.parent.name.isdigit()]
    if not (folder / PROTO).is_file() and versions:
        folder = max(versions, key=lambda path: int(path.parent.name)).parent
    if not (folder / PROTO).is_file():
        raise DataError(f"There is no SavedModel at {folder}: it has no {PROTO}.")
    return folder


class SavedModelGenerator(OutsideGenerator):
    """Draws from a SavedModel's signature.

    Args:
        loaded: what `tf.saved_model.load` gave.
        plan: how to draw.
        name: for messages.
        example_shape: of one example.
        latents: `"normal"` or `"uniform"`.
        value_range: (low, high) of images, None of points.
    """

    def __init__(
        self,
        loaded: Any,
        plan: Plan,
        name: str,
        example_shape: Sequence[int],
        latents: str,
        value_range: tuple[float, float] | None,
    ):
        super().__init__(name, example_shape, value_range)
        self._loaded = loaded  # Owns the variables.
        self.plan = plan
        self._signature = loaded.signatures[plan.signature]
        self._latents = latents
        if plan.count is not None and plan.seed is None:
            logging.warning(
                "The signature '%s' of %s takes no seed: its samples cannot be drawn again.",
                plan.signature, name,
            )  # fmt: skip

    def discriminate(self, samples: np.ndarray) -> dict[str, Any]:
        """What kgan's signature of that name says of samples; nothing where there is none."""
        signature = self._loaded.signatures.get("discriminate")
        if signature is None or "embedding" not in signature.structured_outputs:
            return {}
        taken = signature.structured_input_signature[1]["samples"].shape
        if not taken.is_compatible_with(samples.shape):  # It takes packs.
            return {}
        return signature(samples=tf.constant(samples))

    def _draw(self, num_samples: int, seed: int) -> np.ndarray:
        found = self._outputs(num_samples, seed)[self.plan.output]
        return found.astype(np.float32)

    def _outputs(self, num_samples: int, seed: int) -> dict[str, np.ndarray]:
        """All outputs for so many samples, a batch at a time."""
        spec, fixed = self.plan.latents, None
        latents = np.empty((num_samples, 0))  # Of a signature that draws its own.
        if self.plan.seeds_of_each is not None:
            fixed = self.plan.seeds_of_each.shape[0]
        if spec is not None:
            fixed = spec.shape[0]
            shape = (num_samples, *spec.shape[1:].as_list())
            latents = np.asarray(engine.noise(shape, self._latents, (seed, 0)))
        parts = []
        for number, (part, count) in enumerate(batches(latents, fixed)):
            found = self._call(part, seed, number)
            parts.append({key: value[:count] for key, value in found.items()})
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    def _call(self, latents: np.ndarray, seed: int, number: int) -> dict[str, np.ndarray]:
        """The outputs of a call that have a row for each sample."""
        plan, count = self.plan, len(latents)
        inputs = self._signature.structured_input_signature[1]
        given = {
            key: tf.fill([count], value) if inputs[key].shape.rank == 1 else tf.constant(value)
            for key, value in plan.constants.items()
        }
        if plan.latents is not None:
            given[plan.latents.name] = tf.cast(latents, plan.latents.dtype)
        if plan.count is not None:
            given[plan.count.name] = tf.fill(plan.count.shape, tf.cast(count, plan.count.dtype))
        if (spec := plan.seeds_of_each) is not None:
            first = number * (spec.shape[0] or BATCH)
            rows = [_seed_words(seed, first + i, spec.shape[1]) for i in range(count)]
            given[spec.name] = tf.constant(np.stack(rows), spec.dtype)
        elif plan.seed is not None:
            words = _seed_words(seed, number, plan.seed.shape.num_elements())
            given[plan.seed.name] = tf.reshape(tf.cast(words, plan.seed.dtype), plan.seed.shape)
        try:
            found = self._signature(**given)
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise InputError(
                f"The signature '{plan.signature}' of {self.name} cannot be asked for {count} "
                f"samples ({first_line(error)}): name another `signature`."
            ) from error
        rows = found[plan.output].shape[0]
        if rows != count:
            raise InputError(
                f"The signature '{plan.signature}' of {self.name} was asked for {count} samples. "
                f"Received: {rows}"
            )
        return {k: v.numpy() for k, v in found.items() if v.shape.rank and v.shape[0] == count}


class MixtureSavedModel(SavedModelGenerator):
    """One of kgan's mixtures, which tells which generator made each sample.

    Args:
        num_generators: how many there are.
    """

    def __init__(self, *args: Any, num_generators: int):
        super().__init__(*args)
        self.num_generators = num_generators

    def sample_with_generators(
        self, num_samples: int, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """What `sample` gives, and `(num_samples,)` int32, the generator of each."""
        found = self._outputs(num_samples, seed)
        samples = self._checked(found[self.plan.output].astype(np.float32))
        return samples, found["generator"]


def _seed_words(seed: int, number: int, count: int) -> np.ndarray:
    """Whole numbers 0..2^31 - 1 for the call or row `number`: (seed, number), where two fit."""
    if count == 2:
        return np.array([seed, number])
    return np.random.SeedSequence([seed, number]).generate_state(count) >> 1


def _defaults(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """By signature, the inputs that may be left out: `tf.saved_model.load` forgets them."""
    proto = saved_model_pb2.SavedModel()
    proto.ParseFromString((folder / PROTO).read_bytes())
    return {
        name: {key: tf.make_ndarray(value) for key, value in signature.defaults.items()}
        for graph in proto.meta_graphs
        for name, signature in graph.signature_def.items()
    }


class _About(TypedDict, total=False):
    """What kgan notes of its own beside the weights, in part."""

    latents: str
    value_range: tuple[float, float]
    num_generators: int
    max_samples: int


def _about(folder: Path) -> _About:
    """What kgan noted of its own; nothing of others'."""
    path = folder / ABOUT
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("no JSON object")
        check_arguments(_About, found)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}). Export the model again.") from error
    return cast("_About", found)
