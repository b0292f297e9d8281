"""The plane that a run's points are seen in."""

from __future__ import annotations

import numpy as np

from kgan import data

_MOST = 1_000  # Real points that the axes are found from.
_GOLDEN = (np.sqrt(5) - 1) / 2
_STRIP = 0.3  # Height over width of the strip that numbers on a line are spread over.


def in_plane(dataset: data.Dataset, points: np.ndarray) -> np.ndarray:
    """Points as they are drawn.

    Args:
        dataset: what they are held against. Of a mixture the plane is that of its centres; of other
            points of more than two dimensions that of the first two principal components of the
            real ones, the same at every call.
        points: (n, d).

    Returns:
        (n, 2) floats. Of one dimension the second number is a place in a narrow strip, which says
        nothing and keeps points from lying on each other.
    """
    if dataset.mixture is not None:
        return dataset.mixture.in_plane(points)
    width = points.shape[1]
    if width == 2:
        return points
    chosen = np.sort(np.random.default_rng(0).permutation(len(dataset))[:_MOST])
    real = dataset.floats(chosen).astype(np.float64)
    if width == 1:
        strip = _STRIP * (np.ptp(real) or 1.0)
        places = strip * (np.arange(1, len(points) + 1) * _GOLDEN % 1 - 0.5)
        return np.column_stack([points[:, 0], places]).astype(np.float32)
    middle = real.mean(axis=0)
    axes = np.linalg.svd(real - middle, full_matrices=False)[2][:2]
    if len(axes) < 2:  # A single example has no plane.
        axes = np.eye(2, width)
    # A component's sign is free: its largest part is up.
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.sign(axes[np.arange(2), largest])[:, None]
    return ((np.asarray(points, np.float64) - middle) @ axes.T).astype(np.float32)
