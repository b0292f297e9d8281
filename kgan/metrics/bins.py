"""Bins of real data, and how their shares differ: whether modes are missing, without labels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import rel_entr
from scipy.stats import norm

from kgan.errors import check_whole
from kgan.metrics.arrays import check_widths, finite_matrix
from kgan.metrics.kmeans import kmeans, nearest
from kgan.signatures import checked

BINS = 100
"""Of Richardson and Weiss 2018."""
LEVEL = 0.05
"""Of the test of each bin: so many bins differ by chance."""
LEAST = 20
"""Real examples of a bin in the mean, below which it tells little: then there are fewer bins."""


class BinShares(NamedTuple):
    """What share of the samples and of the real examples lies in each bin.

    Attributes:
        centres: (bins, d) of the bins, the commonest of the real data first.
        made: (bins,) shares of the samples.
        real: (bins,) shares of the real examples.
        differs: (bins,) whether the two shares differ by more than chance, at a level of 5%.
        divergence: Jensen-Shannon divergence of the shares, in nats, 0 to log 2.
    """

    centres: np.ndarray
    made: np.ndarray
    real: np.ndarray
    differs: np.ndarray
    divergence: float

    @property
    def different(self) -> int:
        """NDB, the number of statistically different bins."""
        return int(self.differs.sum())


@checked
def bin_shares(samples: Any, real: Any, *, bins: int | None = None, seed: int = 0) -> BinShares:
    """Cuts the real examples into bins by k-means, and compares the samples' shares of them.

    Richardson and Weiss 2018 (arXiv:1805.12462, section 2): each bin has a test of two proportions,
    and NDB is the number of bins in which they differ. A lost mode is a bin that samples leave
    empty, and no label is needed to see it. Theirs are bins of pixels; here they are of whatever
    features are given.

    Args:
        samples: (n, d) features of generated examples.
        real: (m, d) features of real ones.
        bins: how many, at least 2; by default 100, or m / 20 where that is less. Of fewer different
            examples there are fewer.
        seed: of k-means' start, at least 0.

    Raises:
        InputError: widths that differ, values not finite, fewer than 2 bins, a negative seed.
    """
    samples, real = finite_matrix("samples", samples), finite_matrix("real examples", real)
    check_widths(samples, real)
    if bins is None:
        bins = max(2, min(BINS, len(real) // LEAST))
    check_whole(2, bins=bins)
    check_whole(0, seed=seed)
    centres = _centres(real, bins, seed)
    counts = [np.bincount(_nearest(x, centres), minlength=len(centres)) for x in (samples, real)]
    order = np.argsort(-counts[1], kind="stable")
    made, true = (count[order] / count.sum() for count in counts)
    return BinShares(
        centres=centres[order],
        made=made,
        real=true,
        differs=_differ(made, true, len(samples), len(real)),
        divergence=_jensen_shannon(made, true),
    )


def _centres(real: np.ndarray, bins: int, seed: int) -> np.ndarray:
    """Means of the real examples of each bin; of fewer different examples there are fewer bins."""
    labels = kmeans(real, bins, np.random.default_rng(seed))
    return np.stack([real[labels == label].mean(axis=0) for label in np.unique(labels)])


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    middle = centres.mean(axis=0)  # Where squares are small beside distances.
    return nearest(points - middle, centres - middle)


def _differ(made: np.ndarray, real: np.ndarray, n: int, m: int) -> np.ndarray:
    """The two-sided test of two proportions, of each bin."""
    pooled = (n * made + m * real) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return np.abs(made - real) > norm.ppf(1 - LEVEL / 2) * error


def _jensen_shannon(p: np.ndarray, q: np.ndarray) -> float:
    mean = (p + q) / 2
    return float((rel_entr(p, mean).sum() + rel_entr(q, mean).sum()) / 2)
