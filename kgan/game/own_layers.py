"""Which layers of a bank's template are each generator's own, and what they become."""

from __future__ import annotations

from typing import Any

import keras

from kgan.errors import InputError
from kgan.game.copies import copy_of_layer
from kgan.layers import STACKED


def check_template(template: Any) -> None:
    """Raise InputError for what is no functional model of one input and one output."""
    built = isinstance(template, keras.Model) and template.built
    ends = [getattr(template, end, None) if built else None for end in ("inputs", "outputs")]
    if any(not end or len(end) != 1 for end in ends):
        raise InputError(
            "A bank's template must be a functional or Sequential Keras model of one input and one "
            "output, which begins with keras.Input, of a generator keras.Input((latent_dim,)). "
            f"Received: {template}"
        )


def names(template: keras.Model, private_layers: int | None, first_shared: str | None) -> set[str]:
    """Names of the layers before the first shared one; see `GeneratorBank` for the arguments.

    Raises:
        InputError: no such layer, not so many, or both arguments.
    """
    return {layer.name for layer in _before(template, private_layers, first_shared)}


def _before(
    template: keras.Model, private_layers: int | None, first_shared: str | None
) -> list[keras.Layer]:
    every = list(template.layers)
    if first_shared is not None:
        known = [layer.name for layer in every]
        if private_layers is not None or first_shared not in known:
            raise InputError(
                f"first_shared must be one of the template's layers, {', '.join(known)}, in place "
                f"of private_layers. Received: first_shared={first_shared!r} with "
                f"private_layers={private_layers}"
            )
        return every[: known.index(first_shared)]
    if private_layers is None:
        return every
    own: list[keras.Layer] = []
    kernels = 0
    for layer in every:
        if kernels == private_layers and (_has_kernel(layer) or not _can_be_own(layer)):
            break
        own.append(layer)
        kernels += _has_kernel(layer)
    if kernels < private_layers:
        raise InputError(
            f"private_layers must be at most {kernels}, the template's layers with a kernel, or "
            f"None for all. Received: private_layers={private_layers}"
        )
    return own if private_layers else []


def _has_kernel(layer: keras.Layer) -> bool:
    return hasattr(layer, "kernel")


def _can_be_own(layer: keras.Layer) -> bool:
    return type(layer) in STACKED or not layer.weights


def stacked(layer: keras.Layer, generators: int) -> keras.Layer:
    """K of a layer with weights; a copy of one without.

    Raises:
        InputError: a layer with weights of another kind.
    """
    if type(layer) in STACKED:
        return copy_of_layer(layer, STACKED[type(layer)], generators=generators)
    if not _can_be_own(layer):
        raise InputError(
            f"A generator's own layers may be {', '.join(t.__name__ for t in STACKED)} and layers "
            f"without weights. Received: {layer.name} of {type(layer).__name__}; share it and what "
            f"follows, with first_shared={layer.name!r}."
        )
    return copy_of_layer(layer)
