"""Precision and recall as a curve: PRD (Sajjadi et al. 2018, https://arxiv.org/abs/1806.00035)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgan.errors import InputError
from kgan.metrics.arrays import check_widths, distribution, finite_matrix
from kgan.metrics.kmeans import kmeans
from kgan.signatures import checked

_ANGLES = 1001
_SMALLEST_ANGLE = 1e-10
_BETA = 8


class PRDCurve(NamedTuple):
    """A curve of attainable pairs.

    Attributes:
        precision: (angles,) from 0 to 1.
        recall: (angles,) from 0 to 1.
    """

    precision: np.ndarray
    recall: np.ndarray

    def f_score(self, beta: float) -> float:
        """The largest F_beta on the curve: `(1 + b^2) p r / (b^2 p + r)`.

        Args:
            beta: how many times as much recall counts as precision, over 0. The paper's pair is 8,
                recall and so diversity, and 1/8, precision.
        """
        weight = beta**2
        below = weight * self.precision + self.recall
        above = (1 + weight) * self.precision * self.recall
        return float(np.divide(above, below, out=np.zeros_like(below), where=below > 0).max())


@checked
def prd_of_distributions(samples: Any, real: Any, *, angles: int = _ANGLES) -> PRDCurve:
    """The curve of two distributions on the same places (theorem 4 and section 3.4).

    Of a slope l: precision `sum_i min(l real_i, samples_i)`, recall the same over l. The slopes are
    tangents of angles spread evenly over 0 to 90 degrees.

    Args:
        samples: (places,) counts or probabilities of generated examples.
        real: (places,) the same of real ones.
        angles: points of the curve, at least 3.

    Raises:
        InputError: shapes that do not fit, no distributions, fewer than 3 angles.
    """
    samples, real = distribution("samples", samples), distribution("real", real)
    if samples.shape != real.shape or samples.ndim != 1 or angles < 3:
        raise InputError(
            "A curve needs two distributions over the same places, and 3 angles or more. Received: "
            f"{samples.shape} and {real.shape}, angles={angles}"
        )
    spread = np.linspace(_SMALLEST_ANGLE, np.pi / 2 - _SMALLEST_ANGLE, angles)
    slopes = np.tan(spread)
    precision = np.minimum(slopes[:, None] * real, samples).sum(axis=1)
    # Rounding alone makes values above 1.
    return PRDCurve(precision.clip(0, 1), (precision / slopes).clip(0, 1))


@checked
def prd(
    samples: Any,
    real: Any,
    *,
    clusters: int = 20,
    runs: int = 10,
    angles: int = _ANGLES,
    seed: int = 0,
) -> PRDCurve:
    """The curve of two sets of features: over the clusters of their union, in the mean of runs.

    As in the authors' code, but that k-means runs over all points instead of small batches. Of the
    larger set as many are taken, at random, as the smaller one has: otherwise it would have the
    clusters.

    Args:
        samples: (n, d) features of generated examples.
        real: (m, d) features of real ones.
        clusters: of k-means, at least 2, at most the points of both.
        runs: clusterings, each from its own start; the curve is their mean.
        angles: points of the curve.
        seed: of the starts, >= 0.

    Raises:
        InputError: widths that differ, values not finite, or numbers out of their ranges.
    """
    samples, real = finite_matrix("samples", samples), finite_matrix("real", real)
    check_widths(samples, real)
    count = min(len(samples), len(real))
    if not 2 <= clusters <= 2 * count or runs < 1 or seed < 0:
        raise InputError(
            f"prd needs 2 to {2 * count} clusters (all points), runs >= 1 and seed >= 0. "
            f"Received: {clusters=}, {runs=}, {seed=}"
        )
    rng = np.random.default_rng(seed)
    both = np.concatenate([_some(samples, count, rng), _some(real, count, rng)])
    curves = []
    for _ in range(runs):
        labels = kmeans(both, clusters, rng)
        counts = [np.bincount(part, minlength=clusters) for part in np.split(labels, 2)]
        curves.append(prd_of_distributions(*counts, angles=angles))
    precision, recall = (np.mean(parts, axis=0) for parts in zip(*curves, strict=True))
    return PRDCurve(precision, recall)


def f_scores(curve: PRDCurve) -> tuple[float, float]:
    """(F_8, F_1/8) of a curve: recall and precision, as single numbers."""
    return curve.f_score(_BETA), curve.f_score(1 / _BETA)


def _some(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    if len(points) == count:
        return points
    return points[rng.choice(len(points), count, replace=False)]
