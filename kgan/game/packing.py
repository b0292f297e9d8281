"""Packs: a discriminator that sees several samples at once (Lin et al., NeurIPS 2018).

PacGAN, https://arxiv.org/abs/1712.04086: a distribution that lost modes differs from the data's by
more in packs of m samples than in single ones, so that the discriminator pushes the generator away
from it. A pack is m samples of one kind, real or generated, beside each other on the last axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kgan.errors import InputError, check_whole
from kgan.game.players import build_network

NETWORKS = ("discriminator", "second_discriminator")
"""Arguments of methods that see packs."""


def check(pack: Any, model: Any) -> None:
    """Check the number of samples in a pack of a game.

    Args:
        pack: the number.
        model: the game or its class; its `no_packs` says why it cannot have any.

    Raises:
        InputError: no whole number of at least 1, or packs in a game that cannot have them.
    """
    check_whole(1, pack=pack)
    if pack > 1 and model.no_packs:
        name = getattr(model, "__name__", type(model).__name__)
        raise InputError(
            f"{name} takes no packs: {model.no_packs}. Received: pack={pack}; leave it out."
        )


def check_batch(batch_size: int, pack: int, replicas: int) -> None:
    """Check that a batch is whole packs on every replica.

    Raises:
        InputError: if it is not.
    """
    if pack > 1 and batch_size % (pack * replicas):
        raise InputError(
            f"The batch size must be a multiple of {pack * replicas}: packs of {pack} on "
            f"{replicas} replica{'s' * (replicas > 1)}. Received: batch_size={batch_size}"
        )


def shape(sample_shape: Sequence[int], pack: int) -> tuple[int, ...]:
    """The shape of a pack."""
    *outer, width = sample_shape
    return (*outer, pack * width)


def packed(samples: Any, pack: int, stride: int = 1) -> Any:
    """Samples as a discriminator of packs sees them; rows that make no whole pack are left out.

    Args:
        samples: `(n, ..., c)`.
        pack: m, how many are beside each other.
        stride: K, where samples lie in turns, row r of generator `r % K`: a pack is then of one
            generator, and packs lie in turns too. Otherwise a pack is of neighbouring rows.

    Returns:
        `(n / m, ..., m c)`.
    """
    if pack == 1:
        return samples
    beside = ops.moveaxis(grouped(samples, pack, stride), 1, -2)
    return ops.reshape(beside, (-1, *shape(samples.shape[1:], pack)))


def grouped(rows: Any, size: int, stride: int = 1) -> Any:
    """Rows `(n, ...)` in groups of `size`, those of one generator where K take turns.

    Returns:
        `(n / (size K), size, K, ...)`, without the rows that are left over.
    """
    whole = ops.shape(rows)[0] // (size * stride) * (size * stride)
    return ops.reshape(rows[:whole], (-1, size, stride, *rows.shape[1:]))


def build(discriminator: keras.Layer, model: Any) -> tuple:
    """Build a discriminator for what it sees in a game; returns its output's shape.

    Raises:
        InputError: if it does not take that.
    """
    try:
        return build_network(discriminator, (None, *model.seen_shape))
    except InputError as error:
        if model.pack == 1:
            raise
        raise InputError(f"With pack={model.pack} {error}") from error


def network(discriminator: keras.Model, pack: int) -> keras.Model:
    """A functional discriminator of the same layers for packs, or a bank; weights drawn anew."""
    remade = getattr(discriminator, "remade", None)
    if remade is not None:
        return remade(lambda template: network(template, pack))
    (inputs,) = discriminator.inputs
    packs = keras.Input(shape(inputs.shape[1:], pack), dtype=inputs.dtype)
    found = keras.models.clone_model(discriminator, input_tensors=packs)
    return keras.Model(found.inputs, found.outputs[0], name=discriminator.name)
