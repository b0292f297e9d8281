"""k-means on many points: Lloyd's iteration from a start that is spread out."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from kgan.metrics.arrays import distinct_rows

ITERATIONS = 20
_FAR = 1e6  # Times as far from the middle as half of the points.


def kmeans(
    points: np.ndarray, clusters: int, rng: np.random.Generator, iterations: int = ITERATIONS
) -> np.ndarray:
    """Puts every point into a cluster.

    SciPy's `kmeans2` divides by 0 where there are fewer different points than clusters, as samples
    of a collapsed generator have. In float32, which is twice as fast, but where single points lie
    so far out that it would have no digits for the others. Copies are in the same cluster.

    Args:
        points: (n, d) float64.
        clusters: how many at most; those that lose all points stay empty.
        rng: of the start, k-means++ (Arthur and Vassilvitskii, 2007).
        iterations: of Lloyd's.

    Returns:
        (n,) whole numbers from 0 to clusters - 1.
    """
    rows, which = distinct_rows(points)
    weights = np.bincount(which)
    points = _scaled(points, rows)
    centres = _spread(points, weights, clusters, rng)
    places, weights = np.arange(len(points)), weights.astype(points.dtype)
    for _ in range(iterations):
        labels = nearest(points, centres)
        counts = np.bincount(labels, weights, minlength=clusters).astype(points.dtype)[:, None]
        members = csr_matrix((weights, (labels, places)), (clusters, len(points)))
        centres = np.where(counts > 0, (members @ points) / counts.clip(min=1), centres)
    return nearest(points, centres)[which]


def _scaled(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of points about their centre, and small enough to be squared."""
    # A median of some, which a few points far out do not draw to them as the mean.
    middle = np.median(points[:: max(1, len(points) // 500)], axis=0)
    lengths = np.linalg.norm(points - middle, axis=1)
    far = lengths.max() > _FAR * np.median(lengths)
    centred, kind = (
        points - (middle if far else points.mean(axis=0)),
        np.float64 if far else np.float32,
    )
    # By a power of two, which changes no digit.
    return np.ldexp(centred[rows], -np.frexp(np.abs(centred).max())[1]).astype(kind)


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(n,) the place of the nearest of (c, d) centres to each of (n, d) points."""
    # The points' own norms do not change which centre is the nearest.
    return (np.square(centres).sum(axis=1) - points @ (2 * centres.T)).argmin(axis=1)


def _spread(
    points: np.ndarray, weights: np.ndarray, clusters: int, rng: np.random.Generator
) -> np.ndarray:
    """(clusters, d): points drawn in proportion to their squared distance to those before."""
    chosen = [int(np.repeat(np.arange(len(points)), weights)[rng.integers(weights.sum())])]
    norms = np.square(points).sum(axis=1)
    distance = np.full(len(points), np.inf)
    while len(chosen) < clusters:
        last = chosen[-1]
        to_last = norms + norms[last] - points @ (2 * points[last])
        to_last[last] = 0  # Not by rounding alone: it could be large beside the others' distances.
        distance = np.minimum(distance, to_last.clip(min=0), dtype=np.float64)
        total = (weights * distance).sum()
        # None where no other points are left.
        shares = weights * distance / total if total > 0 else None
        chosen.append(int(rng.choice(len(points), p=shares)))
    return points[chosen]
