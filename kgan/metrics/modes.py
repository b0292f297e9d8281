"""Modes of a Gaussian mixture that samples reach: the measure of mode collapse on points."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy import stats

from kgan.errors import InputError, check_whole
from kgan.metrics.arrays import as_numbers, distribution, finite_matrix
from kgan.signatures import checked

RADIUS = 3.0
"""A sample in the plane belongs to a mode within this many standard deviations of its mean."""

KEPT = float(-np.expm1(-(RADIUS**2) / 2))
"""The share of a Gaussian in the plane that is so near, 1 - e^-4.5 = 98.9%."""

STRICT_SHARE = 0.01
"""A mode is strictly covered when it holds this share of all samples, if all weigh the same."""


@checked
def mode_radius(dimensions: int, share: float = KEPT) -> float:
    """Returns the radius of a mode that holds a share of it, in std of one coordinate.

    It is a quantile of the chi distribution with as many degrees of freedom as dimensions. The
    share that 3 std hold in the plane, 98.9%, is within 12.9 std in 128 dimensions.

    Raises:
        InputError: dimensions below 1, or a share outside (0, 1).
    """
    check_whole(1, dimensions=dimensions)
    if not 0 < share < 1:
        raise InputError(f"share must lie in (0, 1). Received: {share}")
    if dimensions == 2 and share == KEPT:
        return RADIUS  # Not 3 but for rounding.
    return float(stats.chi(dimensions).ppf(share))


def strict_shares(weights: Any, modes: int) -> np.ndarray:
    """Returns the shares (modes,) of all samples at which modes are strictly covered.

    1% for modes of equal weight, as in the papers: 8% of what each of 8 modes should have, 25% of
    what each of 25. Modes of other weights need the same part of what they should have themselves,
    `1% * modes * weight`.

    Args:
        weights: (modes,) their probabilities (in any scale); None for equal ones.
        modes: how many.

    Raises:
        InputError: another shape, negative weights, or nothing but zeros.
    """
    if weights is None:
        return np.full(modes, STRICT_SHARE)
    shares = distribution("weights", weights)
    if shares.shape != (modes,):
        raise InputError(
            f"There must be one weight for each of {modes} modes. Received: {shares.shape}"
        )
    # By the largest first: so equal weights, whatever their rounding, need exactly 1%.
    relative = shares / shares.max()
    return STRICT_SHARE * (relative / relative.mean())


@dataclasses.dataclass(frozen=True, eq=False)
class ModeCounts:
    """How samples share out among the k modes of a mixture.

    Attributes:
        samples: number of all samples.
        near: (k,) int64, samples within 3 std of the mode (in more than two dimensions, within
            `mode_radius`). A sample within reach of several overlapping modes counts once, for the
            one that it is nearest to in units of std.
        nearest: (k,) int64, samples whose nearest mean this is, however far: sums to `samples`.
        weights: (k,) the modes' probabilities; None for equal ones.
    """

    samples: int
    near: np.ndarray
    nearest: np.ndarray
    weights: np.ndarray | None = None

    @property
    def total(self) -> int:
        """Number of modes."""
        return len(self.near)

    @property
    def covered(self) -> int:
        """Modes with at least one sample near."""
        return int((self.near > 0).sum())

    @property
    def strict(self) -> int:
        """Modes with at least 1% of all samples near, or what `strict_shares` says."""
        needed = strict_shares(self.weights, self.total) * self.samples
        return int(((self.near >= needed) & (self.near > 0)).sum())

    @property
    def high_quality(self) -> float:
        """Share of the samples, 0..1, that are near a mode (of real data: 1 - e^-4.5 = 0.989)."""
        return int(self.near.sum()) / self.samples


def mode_counts(points: Any, means: Any, std: Any, weights: Any = None) -> ModeCounts:
    """Counts the samples of every mode.

    MD-GAN (2019), section 4, and InvertGAN, section 5.1, call a sample within 3 std of a cluster's
    mean one of high quality, and a mode with such a sample covered. In more dimensions than theirs
    the radius grows, see `mode_radius`.

    Args:
        points: (n, d) samples.
        means: (k, d) the modes' means.
        std: their standard deviations per coordinate, (k,) or one for all; > 0.
        weights: (k,) their probabilities, for `ModeCounts.strict`; None for equal ones.

    Raises:
        InputError: shapes that do not fit, no samples, values that are not finite, std <= 0.
    """
    means, std = checked_modes(means, std)
    if weights is not None:
        strict_shares(weights, len(means))  # Refuses those that do not fit.
    points = finite_matrix("points", points, columns=means.shape[1])
    distances = _distances(points, means)
    in_std = distances / std
    closest = in_std.argmin(axis=1)
    close = closest[in_std.min(axis=1) <= mode_radius(means.shape[1])]
    return ModeCounts(
        samples=len(points),
        near=np.bincount(close, minlength=len(means)),
        nearest=np.bincount(distances.argmin(axis=1), minlength=len(means)),
        weights=weights,
    )


def checked_modes(means: Any, std: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns (k, d) means and (k,) standard deviations in float64.

    Raises:
        InputError: shapes that do not fit, values that are not finite, std <= 0.
    """
    means = finite_matrix("means", means)
    spread = as_numbers("std", std)
    if spread.shape not in ((), (len(means),)) or not (np.isfinite(spread) & (spread > 0)).all():
        raise InputError(
            f"std must be positive, one number or one for each of the {len(means)} modes. "
            f"Received: {std!r}"
        )
    return means, np.broadcast_to(spread, len(means))


def _distances(points: np.ndarray, means: np.ndarray) -> np.ndarray:
    """(n, k), one mode at a time: (n, k, d) offsets of many would not fit the memory."""
    return np.stack([np.linalg.norm(points - mean, axis=1) for mean in means], axis=1)
