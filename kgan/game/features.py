"""What a discriminator knows of samples below its last layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from kgan.errors import InputError


def up_to(network: Any, layer: str | None, who: str) -> Callable[..., Any]:
    """The part of a network up to a layer: `(samples, training=) -> (n, ...)`.

    It has the network's own layers, and no weights of its own.

    Args:
        network: a functional or Sequential model of one input.
        layer: name of the layer whose output it gives; None for what the last layer with weights
            sees.
        who: asks for it, for the error.

    Raises:
        InputError: another network, or no such layer.
    """
    features = output(network, layer, who)
    part = keras.Model(network.inputs, features)
    # A function, as Keras would count a model's weights as those of the term that keeps it.
    return lambda samples, training: part(samples, training=training)


def output(network: Any, layer: str | None, who: str) -> keras.KerasTensor:
    """What `up_to` gives, `(None, ...)`, as a symbol; the arguments and errors are the same."""
    if len(getattr(network, "inputs", None) or ()) != 1:
        raise InputError(
            f"{who} needs a functional or Sequential discriminator of samples alone. "
            f"Received: {network.name} of {type(network).__name__}"
        )
    names = [one.name for one in network.layers]
    if layer is None:
        with_weights = [one for one in network.layers if one.weights]
        return with_weights[-1].input if with_weights else network.inputs[0]
    if layer not in names:
        raise InputError(
            f"{who} must name one of the discriminator's layers, {', '.join(names)}. "
            f"Received: layer={layer!r}"
        )
    return network.get_layer(layer).output
