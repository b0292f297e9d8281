"""The range of a generator's samples, read off the activation that it ends in."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import keras

from kgan.errors import InputError

Range = tuple[float, float]

# By the name of an activation, of a layer or an operation.
_RANGES: dict[str, Range] = {
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "hardsigmoid"), (0.0, 1.0)),
    **dict.fromkeys(("tanh", "hard_tanh", "hardtanh", "softsign"), (-1.0, 1.0)),
}
# What changes where values lie, and not the values.
_MOVES = {"reshape", "flatten", "permute", "transpose", "cropping2d", "upsampling2d", "identity"}


def output_range(network: Any) -> Range | None:
    """(low, high) of what a network gives; None where its last activation does not tell."""
    network = getattr(network, "network", network)  # A bank of generators.
    outputs = getattr(network, "outputs", None)
    return _range(outputs[0]) if outputs and len(outputs) == 1 else None


def resolve(
    given: Sequence[float] | None, found: Range | None, sample_shape: tuple[int, ...]
) -> Range:
    """The range that a game's images are in.

    Args:
        given: what the user says.
        found: what the generator's last activation says.
        sample_shape: of one sample. Points have no range, and get (0, 1).

    Raises:
        InputError: images of an unknown range, or a range that is none.
    """
    images = len(sample_shape) == 3
    if given is None:
        if found is None and images:
            raise InputError(
                "value_range must be given for a generator of images that ends in neither a "
                "sigmoid nor a tanh. Received: none; give (0, 1), (-1, 1), or the range of yours"
            )
        return found if found is not None and images else (0.0, 1.0)
    low, high = map(float, given)
    if not low < high:
        raise InputError(f"value_range must be (low, high), low < high. Received: {given}")
    if images and found not in (None, (low, high)):
        warnings.warn(
            f"value_range is ({low:g}, {high:g}), and the generator's last activation gives "
            "{:g}..{:g}: leave value_range out, or end the generator in another.".format(*found),
            stacklevel=4,
        )
    return low, high


def _range(tensor: Any) -> Range | None:
    history = getattr(tensor, "_keras_history", None)
    if history is None:
        return None
    layer = history.operation
    if isinstance(layer, keras.Model):
        return output_range(layer)
    activation = getattr(getattr(layer, "activation", None), "__name__", None)
    name = type(layer).__name__.lower()
    for known in (activation, name):
        if known in _RANGES:
            return _RANGES[known]
    if name not in _MOVES:
        return None
    try:
        return _range(layer.input)
    except (AttributeError, ValueError):  # A layer that is called several times.
        return None
