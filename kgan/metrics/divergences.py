"""Divergences between what a generator makes and the mixture that it should make.

The papers' definitions leave gaps; what is chosen here, and why, stands at each function.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import rel_entr

from kgan.errors import InputError
from kgan.metrics.arrays import distribution
from kgan.metrics.histograms import HistogramGrid
from kgan.metrics.transport import earth_mover_distance
from kgan.signatures import checked

UNIFORM_SHARE = 0.01
"""Share of the uniform distribution that `symmetric_kl` mixes into both histograms."""


@checked
def reverse_kl(near: Any, samples: int, weights: Any) -> float:
    """Reverse KL divergence over modes as InvertGAN (section 5.1) and its predecessors compute it.

    `sum_i p_i log(p_i / w_i)` where p_i is the share **of all samples** within 3 std of mode i. As
    poor samples belong to no mode, the p_i sum to less than 1, and the value can be negative: down
    to -1/e, and 0 for a generator with no good sample at all. Read it beside `high_quality`, or
    take `reverse_kl_nearest`.

    Args:
        near: (k,) samples within 3 std of each mode, `ModeCounts.near`.
        samples: number of all samples.
        weights: (k,) the modes' true probabilities, > 0 (scaled to sum 1).

    Returns:
        Nats, from -1/e to log(1 / min w).

    Raises:
        InputError: shapes that do not fit, more samples near modes than there are, zero weights.
    """
    counts, weights = np.asarray(near, np.float64), distribution("weights", weights, positive=True)
    fits = counts.shape == weights.shape and samples > 0
    if not (fits and (counts >= 0).all() and counts.sum() <= samples):
        raise InputError(
            f"near must be {len(weights)} counts of at most {samples} samples together. "
            f"Received: {near!r}"
        )
    return float(rel_entr(counts / samples, weights).sum())


def reverse_kl_nearest(nearest: Any, weights: Any) -> float:
    """Reverse KL divergence over modes when every sample belongs to its nearest mean.

    `KL(p || w)` of the distribution p of all samples over the nearest means: a proper divergence,
    >= 0, that says nothing about how near the samples are.

    Args:
        nearest: (k,) samples whose nearest mean it is, `ModeCounts.nearest`.
        weights: (k,) the modes' true probabilities, > 0 (scaled to sum 1).

    Returns:
        Nats, from 0 to log(1 / min w).

    Raises:
        InputError: shapes that do not fit, no samples, zero weights.
    """
    shares, weights = (
        distribution("nearest", nearest),
        distribution("weights", weights, positive=True),
    )
    if shares.shape != weights.shape:
        raise InputError(
            f"There must be one count for each weight. Received: {shares.shape} and {weights.shape}"
        )
    return float(rel_entr(shares, weights).sum())


def symmetric_kl(first: Any, second: Any) -> float:
    """The mean of KL and reverse KL of two histograms (MGAN, Hoang et al. 2018, section 5.1).

    The paper does not say what becomes of empty cells, where the divergence is infinite. Here both
    histograms are mixed with 1% of the uniform distribution first, which bounds it by
    log(100 * cells) and leaves equal histograms at 0.

    Args:
        first: histogram of any shape, counts or probabilities (scaled to sum 1).
        second: the same.

    Returns:
        Nats, >= 0.

    Raises:
        InputError: shapes that do not fit, or no distributions.
    """
    first, second = distribution("first", first), distribution("second", second)
    if first.shape != second.shape:
        raise InputError(
            f"Histograms must have the same cells. Received: {first.shape} and {second.shape}"
        )
    p, q = ((1 - UNIFORM_SHARE) * h + UNIFORM_SHARE / h.size for h in (first, second))
    # KL(p||q) + KL(q||p) is the sum of (p - q) (log p - log q).
    return float(((p - q) * np.log(p / q)).sum() / 2)


def histogram_wasserstein(first: Any, second: Any, grid: HistogramGrid) -> float:
    """The exact 1-Wasserstein distance of two histograms (MGAN, section 5.1).

    The paper names neither the order nor the ground distance: this is the least mean Euclidean
    distance between cells' centres that mass must travel.

    Args:
        first: (bins, bins) histogram over the grid's cells (scaled to sum 1).
        second: the same.
        grid: the cells.

    Returns:
        In the data's units, >= 0; differences within a cell cost nothing. At most the square's
        diagonal: how far samples lie outside is `HistogramGrid.beyond`, which `evaluate` adds.

    Raises:
        InputError: histograms of another shape than the grid's.
    """
    cells = grid.cells
    first, second = np.asarray(first), np.asarray(second)
    if not first.shape == second.shape == cells.shape[:2]:
        raise InputError(
            f"Histograms must have the grid's {grid.bins} x {grid.bins} cells. "
            f"Received: {first.shape} and {second.shape}"
        )
    return earth_mover_distance(first.ravel(), second.ravel(), cells.reshape(-1, 2))
