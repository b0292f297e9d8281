"""Collapse within a mode: how far its samples spread, in units of how far real data do.

Samples may reach all modes, in right shares and close to their means, and still be a few points in
each. Modes that are too tight have a *higher* share within 3 std than real data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from scipy.special import digamma

from kgan.data import GaussianMixture
from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix
from kgan.metrics.modes import KEPT, mode_radius
from kgan.metrics.points import near_modes, present_modes

LEAST = 10
"""Samples that a mode or a class needs, to have a spread."""


def mode_spread(points: Any, mixture: GaussianMixture) -> float | None:
    """The standard deviation within a mode over the mixture's, along the modes' principal axes.

    Of each mode the samples near it are looked at (`near_modes`), in the plane of the modes: the
    geometric mean of their standard deviations along their two principal axes, so that a mode that
    has become a line has no spread. It is divided by what real samples have there, who lie within
    that distance too, and the mean over modes is taken.

    Args:
        points: (n, d) samples.
        mixture: the true one; modes of weight 0 are no modes.

    Returns:
        0 for modes that are points or lines, 1 for real data's; at most 1.54, of samples that fill
        the circle around a mode evenly. None where no mode has 10 samples near it.

    Raises:
        InputError: samples of another shape, or not finite.
    """
    near, modes = near_modes(points, mixture)
    coordinates = np.asarray(mixture.in_plane(np.asarray(points, np.float64)))
    _, std, _ = present_modes(mixture)
    radius = mode_radius(2, KEPT if mixture.basis is None else np.sqrt(KEPT))
    kept = np.sqrt(_kept_variance(radius))
    found = []
    for mode in np.unique(modes[near]):
        own = coordinates[near & (modes == mode)]
        if len(own) >= LEAST:
            found.append(_area_root(own) / (std[mode] * kept))
    return float(np.mean(found)) if found else None


def class_spread(features: Any, labels: Any, real: Any, real_labels: Any) -> float | None:
    """The standard deviation of features within a class over real data's.

    Of each class the root of the mean squared distance to the class's mean, over the same of real
    examples; the mean over classes.

    Args:
        features: (n, d) of generated examples.
        labels: (n,) whole numbers, the class that each looks like.
        real: (m, d) of real examples.
        real_labels: (m,) their classes, found in the same way.

    Returns:
        0 for one example a class, 1 for real data's spread, more for more. None where no class has
        10 examples on both sides.

    Raises:
        InputError: shapes that do not fit, or values that are not finite.
    """
    made, true = finite_matrix("features", features), finite_matrix("real features", real)
    own, others = np.asarray(labels), np.asarray(real_labels)
    if (made.shape[1], len(made), len(true)) != (true.shape[1], len(own), len(others)):
        raise InputError(
            "Features must be of one width, with a label each. Received: "
            f"{made.shape} with {len(own)} labels, {true.shape} with {len(others)}"
        )
    found = []
    for label in np.intersect1d(own, others):
        pair = made[own == label], true[others == label]
        if min(map(len, pair)) >= LEAST:
            spread, data = (np.sqrt(part.var(axis=0, ddof=1).sum()) for part in pair)
            if data > 0:
                found.append(spread / data)
    return float(np.mean(found)) if found else None


def _area_root(points: np.ndarray) -> float:
    """The geometric mean of the standard deviations along the two principal axes of (n, 2)."""
    count = len(points)
    axes = np.linalg.eigvalsh(np.cov(points.T))
    if axes[0] <= 0:
        return 0.0
    # A sample covariance's log determinant is too small in the mean, of Gaussians by so much.
    halves = (count - 1) / 2, (count - 2) / 2
    bias = float(digamma(halves).sum()) + 2 * np.log(2 / (count - 1))
    return float(np.exp((np.log(axes).sum() - bias) / 4))


def _kept_variance(radius: float) -> float:
    """A coordinate's variance of those standard Gaussians in the plane that lie within a radius."""
    return float(stats.chi2(4).cdf(radius**2) / stats.chi2(2).cdf(radius**2))
