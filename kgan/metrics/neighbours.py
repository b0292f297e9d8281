"""Distances of many points to many points, in pieces that bound the memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix

_CHUNK = 500  # Rows of a piece: 40 MB against 10,000 points.


def squared_distances(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yields the rows of all squared Euclidean distances, a piece at a time.

    Args:
        first: (n, d) float64.
        second: (m, d) float64.

    Yields:
        Which rows of `first`, and their (rows, m) distances >= 0, float64.
    """
    # About the origin the product below has the fewest digits to lose.
    centre = second.mean(axis=0)
    first, second = first - centre, second - centre
    norms, others = np.square(first).sum(axis=1), np.square(second).sum(axis=1)
    for start in range(0, len(first), _CHUNK):
        rows = slice(start, start + _CHUNK)
        block = first[rows] @ second.T
        block *= -2
        block += norms[rows, None]
        block += others
        yield rows, np.maximum(block, 0, out=block)


@dataclasses.dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """Points, and how far the nearest others of the same set are.

    Attributes:
        points: (n, d) float64.
        squared: (n, k) float64, the squared distances to the first to k-th nearest other point.
    """

    points: np.ndarray
    squared: np.ndarray

    @classmethod
    def of(cls, name: str, points: Any, most: int) -> Neighbourhoods:
        """Finds the `most` nearest others of (n, d) points.

        Args:
            name: what the points are, for the errors.
            points: (n, d), n over `most`.
            most: k, at least 1.

        Raises:
            InputError: another shape, values that are not finite, too few points, k below 1.
        """
        points = finite_matrix(name, points)
        if not 1 <= most < len(points):
            raise InputError(
                "Neighbours must be at least 1, and fewer than there are points. Received: "
                f"{most} neighbours in {len(points)} {name}"
            )
        squared = np.empty((len(points), most))
        for rows, block in squared_distances(points, points):
            own = np.arange(rows.start, rows.start + len(block))
            block[np.arange(len(block)), own] = np.inf  # A point is not its own neighbour.
            nearest = np.partition(block, most - 1, axis=1)[:, :most]
            squared[rows] = np.sort(nearest, axis=1)
        return cls(points, squared)

    def squared_radii(self, neighbours: int) -> np.ndarray:
        """(n,) squared distances to the `neighbours`-th nearest."""
        return self.squared[:, neighbours - 1]
