"""The grid in many dimensions: modes that can be counted where no picture shows them all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgan.data import synthetic
from kgan.errors import InputError
from kgan.signatures import checked

BASIS_SEED = 0


def plane_basis(dimensions: int) -> np.ndarray:
    """Returns the basis (2, dimensions) of a plane through 0 that leans on all axes.

    Two draws of N(0, I) with a fixed seed, orthonormalised by Gram and Schmidt: so the embedding
    `coordinates @ basis` is linear and isometric, distances in the plane are those in the space,
    and no coordinate alone tells modes apart.

    Raises:
        InputError: fewer than 3 dimensions, which the plane would fill.
    """
    if dimensions != int(dimensions) or dimensions < 3:
        raise InputError(
            f"A plane is embedded in 3 dimensions or more, received dimensions={dimensions!r}."
        )
    first, second = np.random.default_rng(BASIS_SEED).standard_normal((2, int(dimensions)))
    first /= np.linalg.norm(first)
    second -= (second @ first) * first
    return np.stack([first, second / np.linalg.norm(second)])


@checked
def embedded_grid(
    dimensions: int = 128,
    rows: int = 5,
    spacing: float = 2.0,
    *,
    std: synthetic.Numbers | None = None,
    variance: synthetic.Numbers | None = None,
    weights: Sequence[float] | np.ndarray | None = None,
    smallest_weight: float | None = None,
) -> synthetic.GaussianMixture:
    """The modes of `grid` in a plane of a space of many dimensions, Gaussian in all of them.

    A mode has its standard deviation along every axis, not along the plane alone. A generator that
    ignores the space around the plane gives itself away by the samples' distance from it (0, where
    real ones are at `std * sqrt(dimensions - 2)`, 0.56 of 2 between neighbours), and one that
    learns the plane badly by samples beyond the modes' radius.

    Args:
        dimensions: of the space, at least 3.
        rows: see `grid`, and so are the others.
        spacing: distance of neighbours.
        std: standard deviation of one coordinate.
        variance: its square, as an alternative.
        weights: `(rows * rows,)` probabilities, equal by default.
        smallest_weight: as an alternative, `geometric_weights` down to this one.

    Raises:
        InputError: a parameter out of its range, both std and variance, or both kinds of weights.
    """
    basis = plane_basis(dimensions)
    flat = synthetic.grid(
        rows,
        spacing,
        std=std,
        variance=variance,
        weights=weights,
        smallest_weight=smallest_weight,
    )
    return synthetic.GaussianMixture(flat.means @ basis, flat.std, flat.weights, basis)
