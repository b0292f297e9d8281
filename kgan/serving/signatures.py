"""How a SavedModel's signature is asked for samples, worked out from its inputs and outputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kgan.errors import InputError

# Where none is named: kgan's, and the one that every SavedModel of a single function has.
PREFERRED = ("sample", "serving_default")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to give to a signature, and what to take from it.

    Attributes:
        signature: its name.
        output: name of the output that holds samples.
        latents: input and its shape, `(batch or None, ...)`; None where it draws its own.
        count: input for the number of samples; None where latents say it.
        seed: input for a seed, or, of rank 2, for seeds of each sample, which then say how many
            are wanted; None where there is none.
        constants: further inputs and their values.
    """

    signature: str
    output: str
    latents: tf.TensorSpec | None
    count: tf.TensorSpec | None
    seed: tf.TensorSpec | None
    constants: Mapping[str, np.ndarray]

    @property
    def seeds_of_each(self) -> tf.TensorSpec | None:
        """The seed's input where each sample has seeds of its own; None where one is for all."""
        return self.seed if self.seed is not None and self.seed.shape.rank == 2 else None


def choose(
    signatures: Mapping[str, Any],
    defaults: Mapping[str, Mapping[str, np.ndarray]],
    example_shape: Sequence[int],
    wanted: str | None,
    where: str,
) -> Plan:
    """How to draw examples.

    Args:
        signatures: of a loaded SavedModel.
        defaults: by signature, inputs that may be left out and what then holds.
        example_shape: of one example.
        wanted: name of the signature; None for "sample", then "serving_default", then the only
            other one that draws such examples.
        where: the SavedModel, for errors.

    Raises:
        InputError: no such signature, or one that cannot be told how to draw from: its inputs are
            not latents of a known shape, or a count, each with or without a seed, nor seeds of each
            sample; or no output has the examples' shape, or several.
    """
    if wanted is not None and wanted not in signatures:
        raise InputError(
            f"{where} has no signature '{wanted}'. Received: a SavedModel with "
            f"{_listing(signatures)}"
        )
    names = [wanted] if wanted is not None else list(signatures)
    plans, refusals = {}, []
    for name in names:
        found = _plan(name, signatures[name], defaults.get(name, {}), tuple(example_shape))
        if isinstance(found, Plan):
            plans[name] = found
        else:
            refusals.append(f"{name} {found}")
    for name in PREFERRED:
        if name in plans:
            return plans[name]
    if len(plans) == 1:
        return next(iter(plans.values()))
    why = "several signatures might" if plans else "; ".join(refusals) or "it has no signature"
    raise InputError(
        f"It cannot be told how to draw examples of the shape {tuple(example_shape)} from {where}: "
        f"{why}. Received: a SavedModel with {_listing(signatures)}; name another `signature`."
    )


def _plan(
    name: str, signature: Any, defaults: Mapping[str, np.ndarray], example_shape: tuple[int, ...]
) -> Plan | str:
    """How to draw from a signature, or why it cannot be told."""
    roles: dict[str, list[tf.TensorSpec]] = {"latents": [], "count": [], "seed": []}
    constants = dict(defaults)
    for key, spec in _inputs(signature).items():
        if key in constants:
            continue
        role = _role(key, spec)
        if role == "training":
            constants[key] = np.array(False)
        elif role is None:
            return f"has an input {_described(key, spec)}, which is no latents, count or seed"
        else:
            roles[role].append(tf.TensorSpec(spec.shape, spec.dtype, key))
    latents, counts, seeds = roles.values()
    # What says how many samples are wanted.
    many = [*latents, *counts, *(spec for spec in seeds if spec.shape.rank == 2)]
    if len(many) != 1 or len(seeds) > 1:
        return "does not take either latents, a count or seeds of each sample, and one seed or none"
    output = _output(signature.structured_outputs, example_shape)
    if output is None:
        return f"has not one output of the shape (n, {', '.join(map(str, example_shape))})"
    first_latents, count, seed = (next(iter(some), None) for some in (latents, counts, seeds))
    return Plan(name, output, first_latents, count, seed, constants)


def _role(name: str, spec: tf.TensorSpec) -> str | None:
    rank, shape = spec.shape.rank, spec.shape
    seed = "seed" in name.lower()
    if spec.dtype.is_floating and rank is not None and rank >= 2:
        return "latents" if shape[1:].is_fully_defined() else None
    if spec.dtype.is_integer and seed and rank in (0, 1, 2):
        fixed = shape[1:] if rank == 2 else shape
        return "seed" if fixed.is_fully_defined() else None
    if spec.dtype.is_integer and (rank == 0 or shape == tf.TensorShape([1])):
        return "count"
    if spec.dtype == tf.bool and rank == 0 and "train" in name.lower():
        return "training"
    return None


def _output(outputs: Mapping[str, tf.TensorSpec], example_shape: tuple[int, ...]) -> str | None:
    """Name of the output that holds examples; None where none may, or several."""
    wanted = tf.TensorShape([None, *example_shape])
    fitting = [
        name
        for name, spec in outputs.items()
        if wanted.is_compatible_with(spec.shape)
        and (spec.dtype.is_floating or spec.dtype.is_integer)
    ]
    if "samples" in fitting:
        return "samples"
    return fitting[0] if len(fitting) == 1 else None


def _inputs(signature: Any) -> Mapping[str, tf.TensorSpec]:
    return signature.structured_input_signature[1]


def _listing(signatures: Mapping[str, Any]) -> str:
    """Every signature with its inputs and outputs."""
    told = []
    for name, signature in sorted(signatures.items()):
        inputs, outputs = (
            ", ".join(_described(key, spec) for key, spec in sorted(specs.items()))
            for specs in (_inputs(signature), signature.structured_outputs)
        )
        told.append(f"{name}({inputs}) -> {outputs}")
    return "; ".join(told) or "no signatures"


def _described(name: str, spec: tf.TensorSpec) -> str:
    shape = "of any shape" if spec.shape.rank is None else str(tuple(spec.shape.as_list()))
    return f"{name} {spec.dtype.name} {shape}"
