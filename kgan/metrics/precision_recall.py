"""Fidelity and diversity apart: precision and recall, density and coverage.

All four draw a ball around every point of a set, up to its k-th nearest neighbour in that set, and
ask which points of the other set lie in them. Balls are open, as in the authors' package `prdc`:
a point as far as the k-th nearest is outside. Distances that differ by rounding alone are equal.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kgan.metrics.arrays import check_widths
from kgan.metrics.neighbours import Neighbourhoods, squared_distances
from kgan.signatures import checked

NEIGHBOURS = 3
"""k of precision and recall: Kynkäänniemi et al. 2019."""
DENSE_NEIGHBOURS = 5
"""k of density and coverage: Naeem et al. 2020."""


class PrecisionRecall(NamedTuple):
    """Two shares.

    Attributes:
        precision: of the samples, how many lie in a ball of the real ones: quality.
        recall: of the real ones, how many lie in a ball of the samples: diversity.
    """

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """A mean and a share.

    Attributes:
        density: how many real balls hold a sample, in the mean, divided by k; about 1 for samples
            of the real distribution, and more where they crowd in its dense parts.
        coverage: of the real balls, how many hold a sample.
    """

    density: float
    coverage: float


@checked
def precision_recall(samples: Any, real: Any, *, neighbours: int = NEIGHBOURS) -> PrecisionRecall:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv:1904.06991, Eq. 1 and 2).

    Both sets should be as large as each other: a ball of a smaller set is larger.

    Args:
        samples: (n, d) features of generated examples.
        real: (m, d) features of real ones.
        neighbours: k.

    Raises:
        InputError: k below 1 or not below n and m, widths that differ, values not finite.
    """
    own = Neighbourhoods.of("samples", samples, neighbours)
    true = Neighbourhoods.of("real examples", real, neighbours)
    return compare(own, true, neighbours, neighbours)[0]


@checked
def density_coverage(
    samples: Any, real: Any, *, neighbours: int = DENSE_NEIGHBOURS
) -> DensityCoverage:
    """Density and coverage (Naeem et al. 2020, arXiv:2002.09797, section 3).

    Only the real examples have balls, so that an outlier among the samples does not count as
    diversity, and `coverage` of real examples against others of their kind is known: about
    `1 - 2^-k` for n = m, 0.969.

    Args:
        samples: (n, d) features of generated examples.
        real: (m, d) features of real ones.
        neighbours: k.

    Raises:
        InputError: k below 1 or not below m, widths that differ, values not finite.
    """
    own = Neighbourhoods.of("samples", samples, 1)
    true = Neighbourhoods.of("real examples", real, neighbours)
    return compare(own, true, 1, neighbours)[1]


def compare(
    samples: Neighbourhoods,
    real: Neighbourhoods,
    neighbours: int = NEIGHBOURS,
    dense_neighbours: int = DENSE_NEIGHBOURS,
) -> tuple[PrecisionRecall, DensityCoverage]:
    """Both pairs from one pass over the distances.

    Args:
        samples: with `neighbours` neighbours or more.
        real: with as many, and `dense_neighbours`.
        neighbours: k of precision and recall.
        dense_neighbours: k of density and coverage.

    Raises:
        InputError: points of different widths.
    """
    check_widths(samples.points, real.points)
    radii, dense_radii = (real.squared_radii(k) for k in (neighbours, dense_neighbours))
    sample_radii = samples.squared_radii(neighbours)
    precise, dense = 0, 0
    recalled, covered = np.zeros((2, len(real.points)), bool)
    for distances in squared_distances(samples.points, real.points):
        in_dense = distances.below(dense_radii)
        precise += int(distances.below(radii).any(axis=1).sum())
        dense += int(np.count_nonzero(in_dense))
        covered |= in_dense.any(axis=0)
        recalled |= distances.below(sample_radii[distances.rows, None]).any(axis=0)
    count = len(samples.points)
    return (
        PrecisionRecall(precise / count, float(recalled.mean())),
        DensityCoverage(dense / (dense_neighbours * count), float(covered.mean())),
    )
