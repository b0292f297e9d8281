"""What layers add to the loss themselves: regularizers of weights and activities, `add_loss`."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras


def weight_penalties(variables: Iterable[keras.Variable]) -> list[Any]:
    """Scalars, one for each of `variables` that has a regularizer."""
    return [v.regularizer(v) for v in variables if v.regularizer is not None]


@contextmanager
def recorded(networks: Sequence[keras.Layer]) -> Iterator[list[Any]]:
    """The scalars that layers of `networks` add meanwhile, in all of their passes.

    Keras keeps those of a network's last pass alone, and a game looks at real and at generated
    samples. Within another such block, what the inner one records is not the outer one's.
    """
    found: list[Any] = []
    layers = {id(x): x for network in networks for x in network._flatten_layers()}.values()
    before = [vars(layer).get("add_loss") for layer in layers]
    for layer in layers:
        # Past Keras, which would look for state in it.
        object.__setattr__(layer, "add_loss", functools.partial(_add, layer, found))
    try:
        yield found
    finally:
        for layer, former in zip(layers, before, strict=True):
            if former is None:
                object.__delattr__(layer, "add_loss")
            else:
                object.__setattr__(layer, "add_loss", former)


def total(loss: Any, added: Iterable[Any]) -> Any:
    """`loss` with what layers added to it."""
    for scalar in added:
        loss = loss + keras.ops.cast(scalar, loss.dtype)
    return loss


def _add(layer: keras.Layer, found: list[Any], loss: Any) -> None:
    found.extend(keras.tree.flatten(loss))
    type(layer).add_loss(layer, loss)
