"""Distances of many points to many points, in pieces that bound the memory.

`|a|^2 - 2 ab + |b|^2` is quick and rounds: where that could decide, as at ties and copies, the sum
of squared differences is taken. So what is nearer than what depends on neither the order of the
points nor where the origin lies.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from kgan.errors import InputError
from kgan.metrics.arrays import distinct_rows, finite_matrix

_CHUNK = 500  # Rows of a piece: 40 MB against 10,000 points.
_GATHERED = 1 << 21  # Numbers of the pairs whose differences are taken at once.
_MANY = 1 / 20  # Of a piece's pairs: all differences are quicker than those of as many.
_TIE = 1e-9
"""Distances that differ by this share are equal: decimals such as 0.1 are rounded as they come."""


@dataclasses.dataclass(frozen=True, eq=False)
class Distances:
    """Squared Euclidean distances of some points to all others.

    Attributes:
        rows: which of the first points these are.
        points: (rows, d) these points.
        others: (m, d) the second points.
        squared: (rows, m) their squared distances, rounded.
        error: how far from the true ones these are at most.
    """

    rows: slice
    points: np.ndarray
    others: np.ndarray
    squared: np.ndarray
    error: float

    def exact(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(n,) squared distances of pairs, from their differences: 0 for copies, and only those.

        Args:
            rows: (n,) of `squared`.
            columns: (n,).
        """
        if len(rows) > _MANY * self.squared.size:
            return cdist(self.points, self.others, "sqeuclidean")[rows, columns]
        found = np.empty(len(rows))
        step = max(1, _GATHERED // self.points.shape[1])
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            gaps = self.points[rows[part]] - self.others[columns[part]]
            found[part] = np.einsum("ij,ij->i", gaps, gaps)
        return found

    def below(self, limits: np.ndarray) -> np.ndarray:
        """(rows, m) which distances are below limits, a tie not being below.

        Args:
            limits: squared ones, (m,) or (rows, 1).
        """
        limits = (1 - _TIE) * limits
        inside = self.squared < limits + self.error
        unsure = inside ^ (self.squared < limits - self.error)
        if unsure.any():
            pairs = np.nonzero(unsure)
            inside[pairs] = self.exact(*pairs) < np.broadcast_to(limits, inside.shape)[pairs]
        return inside


def squared_distances(first: np.ndarray, second: np.ndarray) -> Iterator[Distances]:
    """Yields all squared distances, some rows at a time.

    Args:
        first: (n, d) float64.
        second: (m, d) float64.
    """
    # About the origin the product below has the fewest digits to lose.
    centre = second.mean(axis=0)
    left, right = first - centre, second - centre
    norms, others = np.square(left).sum(axis=1), np.square(right).sum(axis=1)
    for start in range(0, len(first), _CHUNK):
        rows = slice(start, start + _CHUNK)
        block = left[rows] @ right.T
        block *= -2
        block += norms[rows, None]
        block += others
        # Of sums of d products, each rounded, and of subtracting the centre.
        longest = np.sqrt(norms[rows].max()) + np.sqrt(others.max())
        error = (first.shape[1] + 8) * np.finfo(float).eps * float(longest) ** 2
        yield Distances(rows, first[rows], second, np.maximum(block, 0, out=block), error)


def nearest(
    first: np.ndarray, second: np.ndarray, count: int, *, own: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of the second points to each of the first, the nearest first.

    Args:
        first: (n, d) float64.
        second: (m, d) float64.
        count: k, at most m, or m - 1 with `own`.
        own: (n,) which of the second points each of the first is, and so no neighbour of it.

    Returns:
        Their squared distances (n, k), exact, and their rows (n, k); of ties the first rows.
    """
    squared, places = np.empty((len(first), count)), np.empty((len(first), count), np.int64)
    for distances in squared_distances(first, second):
        block, rows = distances.squared, distances.rows
        if own is not None:
            block[np.arange(len(block)), own[rows]] = np.inf
        furthest = np.partition(block, count - 1, axis=1)[:, count - 1]
        row, column = np.nonzero(block <= (furthest + 2 * distances.error)[:, None])
        exact = distances.exact(row, column)
        order = np.lexsort((column, exact, row))
        starts = np.searchsorted(row, np.arange(len(block)))
        best = order[starts[:, None] + np.arange(count)]
        squared[rows], places[rows] = exact[best], column[best]
    return squared, places


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
        # Copies have the same neighbours, each other first: a collapsed set takes no time.
        rows, which = distinct_rows(points)
        squared, _ = nearest(points[rows], points, most, own=rows)
        return cls(points, squared[which])

    def squared_radii(self, neighbours: int) -> np.ndarray:
        """(n,) squared distances to the `neighbours`-th nearest."""
        return self.squared[:, neighbours - 1]
