"""Normalised histograms in the plane: of samples, and the exact one of a mixture."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy.special import ndtr

from kgan.errors import InputError
from kgan.metrics.arrays import distribution, finite_matrix
from kgan.metrics.modes import checked_modes

BINS = 50


@dataclasses.dataclass(frozen=True)
class HistogramGrid:
    """A square of bins x bins equal cells; what lies outside counts for the cell at the border.

    Attributes:
        centre: (x, y) of the square.
        half: half its side, > 0.
        bins: cells along a side.
    """

    centre: tuple[float, float]
    half: float
    bins: int = BINS

    def __post_init__(self) -> None:
        if not (np.isfinite([*self.centre, self.half]).all() and self.half > 0 and self.bins > 0):
            raise InputError(f"A histogram needs a finite square and cells. Received: {self}")

    @classmethod
    def around(cls, means: Any, std: Any) -> HistogramGrid:
        """The square around a mixture's means with a margin of 5 std and at least a quarter.

        The MGAN paper gives neither range nor bins. This square leaves room for samples beside the
        modes; 50 bins make cells of 0.11 for its ring (std 0.14), and of 0.2 for the grid.

        Args:
            means: (k, 2) the modes' means.
            std: their standard deviations, (k,) or one for all.

        Raises:
            InputError: shapes that do not fit, values that are not finite, std <= 0.
        """
        means, std = checked_modes(means, std)
        finite_matrix("means", means, columns=2)
        low, high = means.min(axis=0), means.max(axis=0)
        half = float((high - low).max()) / 2
        x, y = ((low + high) / 2).tolist()
        return cls((x, y), half + max(5 * float(std.max()), half / 4))

    @property
    def edges(self) -> np.ndarray:
        """(2, bins + 1) the cells' borders along x and along y."""
        offsets = np.linspace(-self.half, self.half, self.bins + 1)
        return np.asarray(self.centre)[:, None] + offsets

    @property
    def cells(self) -> np.ndarray:
        """(bins, bins, 2) the cells' centres; the first axis runs along x."""
        middles = (self.edges[:, 1:] + self.edges[:, :-1]) / 2
        return np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1)

    def of_points(self, points: Any) -> np.ndarray:
        """Returns the share, (bins, bins) with sum 1, of (n, 2) points in each cell.

        Raises:
            InputError: points of another shape, none, or not finite.
        """
        points = finite_matrix("points", points, columns=2)
        inner = self.edges[:, 1:-1]
        column, row = (np.searchsorted(inner[i], points[:, i], side="right") for i in (0, 1))
        counts = np.bincount(column * self.bins + row, minlength=self.bins**2)
        return counts.reshape(self.bins, self.bins) / len(points)

    def beyond(self, points: Any) -> float:
        """How far (n, 2) points lie outside the square in the mean, less a cell's side; 0 at least.

        Of what lies there the histogram knows the border's cell alone; and as everywhere, not what
        is within a cell.

        Raises:
            InputError: points of another shape, none, or not finite.
        """
        points = finite_matrix("points", points, columns=2)
        outside = np.abs(points - np.asarray(self.centre)) - self.half
        distances = np.linalg.norm(outside.clip(min=0), axis=1)
        return max(float(distances.mean()) - 2 * self.half / self.bins, 0.0)

    def of_mixture(self, means: Any, std: Any, weights: Any) -> np.ndarray:
        """Returns the probability, (bins, bins) with sum 1, of each cell under a mixture.

        Args:
            means: (k, 2) the modes' means.
            std: their standard deviations, (k,) or one for all.
            weights: (k,) their probabilities.

        Raises:
            InputError: shapes that do not fit, values that are not finite, std <= 0.
        """
        means, std = checked_modes(means, std)
        weights = distribution("weights", weights)
        inner = self.edges[:, None, 1:-1]
        below = ndtr((inner - means.T[:, :, None]) / std[None, :, None])
        along = np.diff(below, axis=-1, prepend=0.0, append=1.0)
        return np.einsum("k,ki,kj->ij", weights, *along)
