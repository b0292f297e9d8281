"""Modes of a Gaussian mixture that samples reach: the measure of mode collapse on 2-D data."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix

RADIUS = 3.0
"""A sample belongs to a mode within this many standard deviations of its mean."""

STRICT_SHARE = 0.01
"""A mode is strictly covered when it holds this share of all samples."""


@dataclasses.dataclass(frozen=True, eq=False)
class ModeCounts:
    """How samples share out among the k modes of a mixture.

    Attributes:
        samples: number of all samples.
        near: (k,) int64, samples within 3 std of the mode. A sample within reach of several
            overlapping modes counts once, for the one that it is nearest to in units of std.
        nearest: (k,) int64, samples whose nearest mean this is, however far: sums to `samples`.
    """

    samples: int
    near: np.ndarray
    nearest: np.ndarray

    @property
    def total(self) -> int:
        """Number of modes."""
        return len(self.near)

    @property
    def covered(self) -> int:
        """Modes with at least one sample within 3 std."""
        return int((self.near > 0).sum())

    @property
    def strict(self) -> int:
        """Modes with at least 1% of all samples within 3 std."""
        return int((self.near >= STRICT_SHARE * self.samples).sum())

    @property
    def high_quality(self) -> float:
        """Share of the samples, 0..1, within 3 std of a mode (of real data: 1 - e^-4.5 = 0.989)."""
        return int(self.near.sum()) / self.samples


def mode_counts(points: Any, means: Any, std: Any) -> ModeCounts:
    """Counts the samples of every mode.

    MD-GAN (2019), section 4, and InvertGAN, section 5.1, call a sample within 3 std of a cluster's
    mean one of high quality, and a mode with such a sample covered.

    Args:
        points: (n, d) samples.
        means: (k, d) the modes' means.
        std: their standard deviations per coordinate, (k,) or one for all; > 0.

    Raises:
        InputError: shapes that do not fit, no samples, values that are not finite, std <= 0.
    """
    means, std = checked_modes(means, std)
    points = finite_matrix("points", points, columns=means.shape[1])
    # One mode at a time: (n, k, d) offsets would not fit the memory for many modes and samples.
    distances = np.stack([np.linalg.norm(points - mean, axis=1) for mean in means], axis=1)
    in_std = distances / std
    closest = in_std.argmin(axis=1)
    close = closest[in_std.min(axis=1) <= RADIUS]
    return ModeCounts(
        samples=len(points),
        near=np.bincount(close, minlength=len(means)),
        nearest=np.bincount(distances.argmin(axis=1), minlength=len(means)),
    )


def checked_modes(means: Any, std: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns (k, d) means and (k,) standard deviations in float64.

    Raises:
        InputError: shapes that do not fit, values that are not finite, std <= 0.
    """
    means = finite_matrix("means", means)
    spread = np.asarray(std, np.float64)
    if spread.shape not in ((), (len(means),)) or not (np.isfinite(spread) & (spread > 0)).all():
        raise InputError(
            f"std must be positive, one number or one for each of the {len(means)} modes. "
            f"Received: {std!r}"
        )
    return means, np.broadcast_to(spread, len(means))
