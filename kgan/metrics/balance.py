"""Whether samples share out among modes or classes as the data do: Pearson's chi-square tests.

The statistic grows with the number of samples while the imbalance stays the same; `reverse_kl` does
not, and is about the statistic over 2 n where both are small. The p-value tells whether so many
samples show an imbalance at all; of ten thousand generated ones they nearly always do.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from kgan.errors import InputError
from kgan.metrics import arrays


class Balance(NamedTuple):
    """The outcome of a chi-square test.

    Attributes:
        chi_square: Pearson's statistic, >= 0; about the number of modes - 1 where the samples are
            balanced.
        p_value: the probability of a statistic as large if they are; from 0 to 1.

    Both are None where no sample was counted: nothing is known then.
    """

    chi_square: float | None
    p_value: float | None


def mode_balance(counts: Any, weights: Any = None) -> Balance:
    """Tests counts of samples in k modes against known weights (goodness of fit).

    Args:
        counts: (k,) samples in each mode, >= 0, such as `ModeCounts.near`.
        weights: (k,) the modes' true probabilities, > 0 (scaled to sum 1); None for equal ones.

    Returns:
        Statistic and p-value, with k - 1 degrees of freedom. With a single mode there is nothing
        against balance: 0 and 1. Without any samples both are None.

    Raises:
        InputError: no (k,) counts, negative or NaN ones, shapes that do not fit, zero weights.
    """
    counts = arrays.counts("counts", counts)
    shares = arrays.distribution(
        "weights", np.ones(len(counts)) if weights is None else weights, positive=True
    )
    if shares.shape != counts.shape:
        raise InputError(
            f"There must be one weight for each mode. Received: {len(counts)} counts and weights "
            f"of shape {shares.shape}"
        )
    if not counts.any():
        return Balance(None, None)
    if len(counts) == 1:
        return Balance(0.0, 1.0)
    return Balance(*map(float, stats.chisquare(counts, shares * counts.sum())))


def class_balance(first: Any, second: Any) -> Balance:
    """Tests whether two samples' counts in k classes are of one distribution (homogeneity).

    That is the test where the true shares are not known, but counted in other samples: their noise
    is allowed for. Which of both are the real ones does not matter.

    Args:
        first: (k,) samples in each class, >= 0, not all 0.
        second: (k,) the same of other samples.

    Returns:
        Statistic and p-value; its degrees of freedom are the classes that either has, less 1.
        Where that is 0, statistic 0 and p-value 1.

    Raises:
        InputError: no (k,) counts, negative or NaN ones, shapes that do not fit, no samples.
    """
    table = [arrays.counts("first", first), arrays.counts("second", second)]
    if table[0].shape != table[1].shape or not all(counts.any() for counts in table):
        raise InputError(
            "Both must have counts of the same classes, and any samples. Received: "
            f"{[int(counts.sum()) for counts in table]} samples in "
            f"{[len(counts) for counts in table]} classes"
        )
    both = np.stack(table)
    found = stats.chi2_contingency(both[:, both.any(axis=0)], correction=False)
    return Balance(float(found.statistic), float(found.pvalue))
