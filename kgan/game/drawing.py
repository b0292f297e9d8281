"""Drawing samples: their seed, and networks that are asked piece by piece."""

from __future__ import annotations

import contextlib
import numbers
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from kgan.backend import finite
from kgan.errors import InputError, NonFiniteLossError, check_whole


def seed_of(seed: Any) -> Any:
    """A seed for a draw: a new one for None, else the one that is given.

    Args:
        seed: None, a whole number of 64 bits, or two of them, which may be a tensor. A new one is
            a function of `keras.utils.set_random_seed`, where that was called.

    Raises:
        InputError: anything else.
    """
    if seed is None:
        return random.getrandbits(31)
    if _is_whole(seed):
        return int(seed)
    if not isinstance(seed, numbers.Number):
        with contextlib.suppress(ValueError):  # Lists of several lengths have no shape.
            if tuple(np.shape(seed)) == (2,) and all(map(_is_whole, _numbers(seed))):
                return seed
    raise InputError(
        f"seed must be None, for new samples, or a whole number of 64 bits. Received: {seed!r}"
    )


def _is_whole(number: Any) -> bool:
    """Whether it is a whole number of 64 bits."""
    if isinstance(number, bool) or not isinstance(number, numbers.Integral):
        return False
    return -(2**63) <= int(number) < 2**63


def _numbers(seed: Any) -> list[Any]:
    """Those of a pair that are known; a tensor's are not looked at."""
    known = isinstance(seed, list | tuple | np.ndarray)
    return [number for number in seed if isinstance(number, numbers.Number)] if known else []


def pair_of(seed: Any) -> Any:
    """The two numbers that noise is drawn from."""
    seed = seed_of(seed)
    return (seed, 0) if isinstance(seed, int) else seed


def in_batches(
    model: Any, function: Callable[[Any], Any], inputs: Any, batch_size: int
) -> np.ndarray:
    """`function` of `inputs` piece by piece, as one float32 array.

    Args:
        model: whose networks the function asks.
        function: of `(n, ...)`.
        inputs: `(n, ...)`.
        batch_size: rows of a piece.

    Raises:
        InputError: a batch size that is none.
        NonFiniteLossError: results that are not finite.
    """
    check_whole(1, batch_size=batch_size)
    pieces = [
        ops.convert_to_numpy(function(inputs[i : i + batch_size]))
        for i in range(0, len(inputs), batch_size)
    ]
    made = np.concatenate(pieces).astype("float32")
    if not np.isfinite(made).all():
        finite.require_finite(model, "sampled")
        rows = (~np.isfinite(made.reshape(len(made), -1))).any(axis=1).sum()
        raise NonFiniteLossError(
            f"What a model makes must be finite. Received: NaN or infinite values in {rows} of "
            f"{len(made)} rows, of finite weights; go back to an earlier state, or use "
            "`precision=float32`"
        )
    return made
