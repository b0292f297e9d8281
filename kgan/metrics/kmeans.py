"""k-means on many points: Lloyd's iteration from a start that is spread out."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

ITERATIONS = 20


def kmeans(
    points: np.ndarray, clusters: int, rng: np.random.Generator, iterations: int = ITERATIONS
) -> np.ndarray:
    """Puts every point into a cluster.

    SciPy's `kmeans2` divides by 0 where there are fewer different points than clusters, as samples
    of a collapsed generator have. In float32, which is twice as fast.

    Args:
        points: (n, d) float64.
        clusters: how many at most; those that lose all points stay empty.
        rng: of the start, k-means++ (Arthur and Vassilvitskii, 2007).
        iterations: of Lloyd's.

    Returns:
        (n,) whole numbers from 0 to clusters - 1.
    """
    points = (points - points.mean(axis=0)).astype(np.float32)
    centres = _spread(points, clusters, rng)
    places, ones = np.arange(len(points)), np.ones(len(points), np.float32)
    for _ in range(iterations):
        labels = _nearest(points, centres)
        counts = np.bincount(labels, minlength=clusters).astype(np.float32)[:, None]
        members = csr_matrix((ones, (labels, places)), (clusters, len(points)))
        centres = np.where(counts > 0, (members @ points) / counts.clip(min=1), centres)
    return _nearest(points, centres)


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    # The points' own norms do not change which centre is the nearest.
    return (np.square(centres).sum(axis=1) - points @ (2 * centres.T)).argmin(axis=1)


def _spread(points: np.ndarray, clusters: int, rng: np.random.Generator) -> np.ndarray:
    """(clusters, d): points drawn in proportion to their squared distance to those before."""
    chosen = [int(rng.integers(len(points)))]
    norms = np.square(points).sum(axis=1)
    distance = np.full(len(points), np.inf)
    while len(chosen) < clusters:
        last = chosen[-1]
        to_last = norms + norms[last] - points @ (2 * points[last])
        distance = np.minimum(distance, to_last.clip(min=0), dtype=np.float64)
        total = distance.sum()
        shares = distance / total if total > 0 else None  # No other points are left.
        chosen.append(int(rng.choice(len(points), p=shares)))
    return points[chosen]
