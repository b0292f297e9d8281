"""Nearest training examples of samples: does a generator repeat what it has seen?"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy import stats

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix, finite_values
from kgan.metrics.neighbours import nearest
from kgan.signatures import checked


@dataclasses.dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest references of each query, the nearest first.

    Attributes:
        indices: (n, k) int64, rows of the references.
        distances: (n, k) float64 >= 0, Euclidean.
    """

    indices: np.ndarray
    distances: np.ndarray


@dataclasses.dataclass(frozen=True)
class Nearness:
    """How often a sample lies nearer to the training data than a held-out example does.

    Attributes:
        share: 0..1, ties count half; 0.5 for samples that lie as near as held-out data, more for a
            generator that repeats training data, less for one far off the data. NaN where no cell
            has both.
        error: the standard error of the share were both alike.
    """

    share: float
    error: float


@checked
def nearest_neighbours(queries: Any, parts: Iterable[Any], neighbours: int = 1) -> Nearest:
    """Finds the nearest references of each query, the references given a part at a time.

    Memory holds one part and its distances to 500 queries.

    Args:
        queries: (n, d).
        parts: of the references, each (m, d), counted on from part to part.
        neighbours: k, from 1 to the number of references.

    Raises:
        InputError: arrays of other shapes, values that are not finite, too few references.
    """
    if neighbours < 1:
        raise InputError(f"Neighbours must be at least 1. Received: {neighbours}")
    queries = finite_matrix("queries", queries)
    count, seen = len(queries), 0
    # The k nearest so far, and behind them room for those of the next part.
    squared, indices = np.empty((count, 0)), np.empty((count, 0), np.int64)
    for part in parts:
        part = finite_matrix("references", part, columns=queries.shape[1])
        found, where = nearest(queries, part, min(neighbours, len(part)))
        squared = np.concatenate([squared, found], axis=1)
        indices = np.concatenate([indices, where + seen], axis=1)
        best = np.argsort(squared, axis=1, kind="stable")[:, :neighbours]
        squared = np.take_along_axis(squared, best, axis=1)
        indices = np.take_along_axis(indices, best, axis=1)
        seen += len(part)
    if neighbours > seen:
        raise InputError(
            "There must be as many references as neighbours. Received: "
            f"{neighbours} neighbours among {seen} references"
        )
    return Nearest(indices, np.sqrt(squared))


def nearness(samples: Any, held_out: Any, cells: tuple[Any, Any] | None = None) -> Nearness:
    """Compares distances to the nearest training example: of samples, and of held-out data.

    The Mann-Whitney statistic of Meehan, Chaudhuri and Dasgupta, "A non-parametric test to detect
    data-copying in generative models" (2020). As there it is taken within cells of the space, whose
    mean it is, each counting as the held-out data in it. Over the whole space at once, samples that
    crowd where the data are dense seem to be copies: their nearest example is near, as anyone's is.

    Args:
        samples: (n,) distances.
        held_out: (m,) distances to the same training examples.
        cells: whole numbers (n,) and (m,), in which cell each lies; None for a single one.

    Raises:
        InputError: no distances, some that are not finite, or other cells than one for each.
    """
    made = finite_values("distances of samples", samples)
    true = finite_values("distances of held-out data", held_out)
    own, others = map(np.asarray, cells or (np.zeros(len(made)), np.zeros(len(true))))
    if (own.shape, others.shape) != (made.shape, true.shape):
        raise InputError(
            "Each distance must have a cell. Received: cells of shape "
            f"{own.shape} and {others.shape} for {len(made)} and {len(true)} distances"
        )
    found = []
    for cell in np.intersect1d(own, others):
        here, there = made[own == cell], true[others == cell]
        pairs = len(here) * len(there)
        further = float(stats.mannwhitneyu(here, there, method="asymptotic").statistic)
        variance = (len(here) + len(there) + 1) / (12 * pairs)
        found.append((len(there), 1 - further / pairs, variance))
    if not found:
        return Nearness(math.nan, math.nan)
    weights, shares, variances = np.array(found).T
    weights /= weights.sum()
    return Nearness(float(weights @ shares), math.sqrt(float(weights**2 @ variances)))
