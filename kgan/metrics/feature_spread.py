"""How far generated examples spread in the features of a network."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgan.metrics.arrays import finite_matrix
from kgan.signatures import checked


@checked
def feature_spread(features: Any, *, printed: bool = False) -> float:
    """The standard deviation of a set of features: the root of their mean squared distance to it.

    `sqrt(E |T(x) - mean|^2)`: what MaEM-GAN (Liu et al. 2022) describes as its I-Variance ("the
    standard deviation of generated distributions"), and not what it publishes: its numbers are
    `inception_variance`'s, by the authors' code. Its Eq. (13) divides by the number of samples once
    more, although the expectation has done so; the value then falls with the root of that number.
    The value is in the units of the features: numbers of different networks, or of logits and
    pooled features, cannot be compared.

    Args:
        features: (n, d) of generated examples.
        printed: divide by sqrt(n) besides, as Eq. (13) is printed.

    Returns:
        0 for a constant, more for more diverse examples. A collapse lowers it, but so does nothing
        that keeps the variance: it does not see lost modes that lie between others.

    Raises:
        InputError: another shape, NaN or infinite values.
    """
    features = finite_matrix("features", features)
    spread = np.square(features - features.mean(axis=0)).sum(axis=1).mean()
    return float(np.sqrt(spread / len(features) if printed else spread))
