"""Differences between two sources over the seeds that both have: how large, how sure, and how many
seeds a difference of that size needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95
"""Of the interval; and the power below is that of a test at 5%."""
POWER = 0.8
"""The share of repetitions in which so many seeds would show a difference of that size."""
MOST_SEEDS = 1_000


class PairedDifference(NamedTuple):
    """A score's differences, first less second, over common seeds.

    Attributes:
        mean: of the differences.
        low: the lower end of its 95% interval, by Student's t.
        high: the upper end.
        seeds: how many both have.
        needed: seeds with which a paired t-test at 5% would find a difference of this mean and
            spread in 80% of the repetitions; None for more than 1,000, or no difference.
    """

    mean: float
    low: float
    high: float
    seeds: int
    needed: int | None

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 0 out."""
        return not self.low <= 0 <= self.high


def paired_difference(
    first: Mapping[Any, float], second: Mapping[Any, float]
) -> PairedDifference | None:
    """The mean difference of a score over the seeds that both have, with its interval.

    Runs of one seed share data, batches and evaluation: what the seed makes easy for one it may
    make easy for the other, and the difference is then surer than either.

    Args:
        first: by seed, finite values.
        second: the same of what it is held against.

    Returns:
        None of fewer than 2 common seeds.
    """
    seeds = [seed for seed in first if seed in second]
    if len(seeds) < 2:
        return None
    differences = np.array([first[seed] - second[seed] for seed in seeds], np.float64)
    mean, std = float(differences.mean()), float(differences.std(ddof=1))
    # What rounding leaves of differences that are all one is no spread.
    if std <= 1e-12 * abs(mean):
        std = 0.0
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(seeds) - 1)) * std / math.sqrt(len(seeds))
    return PairedDifference(mean, mean - half, mean + half, len(seeds), seeds_needed(mean, std))


def seeds_needed(mean: float, std: float) -> int | None:
    """Seeds with which a paired t-test at 5% finds a difference in 80% of the repetitions.

    Args:
        mean: of the differences.
        std: their standard deviation, n - 1.

    Returns:
        At least 2; None for more than 1,000, or no difference.
    """
    if mean == 0:
        return None
    if std == 0:
        return 2
    effect = abs(mean) / std
    low, high = 2, MOST_SEEDS
    if _power(effect, high) < POWER:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(effect, middle) >= POWER else (middle + 1, high)
    return low


def _power(effect: float, seeds: int) -> float:
    """The probability that the t-statistic of so many differences is beyond its 5% limits."""
    limit = stats.t.ppf((1 + LEVEL) / 2, seeds - 1)
    statistic = stats.nct(seeds - 1, effect * math.sqrt(seeds))
    # The other tail is of no weight where the power is large; it may be NaN there.
    return float(statistic.sf(limit))
