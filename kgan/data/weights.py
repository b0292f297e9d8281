"""Unequal weights for mixtures: the rare modes are the first that a generator loses."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from kgan.errors import InputError, check_whole
from kgan.signatures import checked

_LEAST = 1e-9


@checked
def geometric_weights(modes: int, smallest: float) -> np.ndarray:
    """Weights that fall by a constant factor from mode to mode, down to the smallest.

    By size they are `smallest * ratio^i`, i = 0..modes-1, with the one ratio >= 1 that makes their
    sum 1; so every number of modes has them for every smallest weight from 0 to 1 / modes. With 1%
    the eight modes of the ring have 41.9% down to 1% (ratio 1.71), the 25 of the grid 10.1% down
    to 1% (ratio 1.10).

    In the modes' order, large and small ones alternate: the largest, the smallest, the second
    largest, the second smallest, ... So rare modes lie between frequent ones on the ring and, in a
    checkerboard's squares, on a grid of an odd number of rows, and weight tells nothing of place.

    Args:
        modes: how many, at least 1.
        smallest: the smallest weight, from 1e-9 to 1 / modes, which gives equal weights.

    Returns:
        (modes,) float64 with sum 1 within rounding.

    Raises:
        InputError: a smallest weight out of its range.
    """
    check_whole(1, modes=modes)
    equal = 1 / modes
    if not _LEAST <= smallest <= equal * (1 + 1e-9):
        raise InputError(
            f"smallest, of {modes} weights, must lie in {_LEAST:g}..1/{modes} = {equal:g}. "
            f"Received: {smallest!r}"
        )
    if modes == 1 or smallest >= equal * (1 - 1e-9):
        return np.full(modes, equal)
    powers = np.arange(modes)
    # The largest weight is below 1; twice the ratio that makes it 1 is above all.
    most = 2 * smallest ** (-1 / (modes - 1))
    ratio = brentq(lambda r: smallest * (r**powers).sum() - 1, 1.0, most, xtol=1e-14)
    rising = smallest * ratio**powers
    weights = np.empty(modes)
    weights[::2] = rising[::-1][: (modes + 1) // 2]
    weights[1::2] = rising[: modes // 2]
    return weights
