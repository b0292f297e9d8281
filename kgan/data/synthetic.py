"""Mixtures of Gaussians: the data on which mode collapse can be counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import logsumexp

from kgan.data.weights import geometric_weights
from kgan.errors import InputError
from kgan.signatures import checked

Numbers = float | Sequence[float] | np.ndarray

RING_VARIANCE = 0.02  # MGAN (Hoang et al., 2018), section 5.1: covariance 0.02 I.
GRID_STD = 0.05  # MD-GAN (2019), the grid experiment.


@dataclasses.dataclass(frozen=True, eq=False)
class GaussianMixture:
    """A mixture of k isotropic Gaussians, whose centres lie in a plane.

    Args:
        means: `(k, 2)` the modes' centres; `(k, d)` with a basis.
        std: their standard deviations, `(k,)` or one for all; > 0.
        weights: `(k,)` their probabilities, >= 0 with sum 1 (within 1e-6); equal by default.
        basis: `(2, d)` orthonormal rows that span the plane of the centres, which goes through 0;
            None where d = 2 and the plane is the whole space.

    Raises:
        InputError: a parameter of another shape or range, or centres that are not in the plane.
    """

    means: np.ndarray
    std: np.ndarray
    weights: np.ndarray = None  # type: ignore[assignment]  # Never None once it is built.
    basis: np.ndarray | None = None

    def __post_init__(self) -> None:
        means = _finite("means", self.means)
        basis = None if self.basis is None else _finite("basis", self.basis)
        width = 2 if basis is None else basis.shape[-1]
        if means.ndim != 2 or means.shape[1] != width or not len(means):
            raise InputError(f"means must have the shape (modes, {width}), received {means.shape}.")
        if basis is not None:
            _check_basis(basis, means)
            basis.flags.writeable = False
            object.__setattr__(self, "basis", basis)
        count = len(means)
        std = _per_mode("std", self.std, count)
        if (std <= 0).any():
            raise InputError(f"std must be positive, received {self.std}.")
        if self.weights is None:
            weights = np.full(count, 1 / count)
        else:
            weights = _weights(self.weights, count)
        for name, value in (("means", means), ("std", std), ("weights", weights)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.means)

    @property
    def dimensions(self) -> int:
        """d, the coordinates of a point."""
        return self.means.shape[1]

    @property
    def plane(self) -> GaussianMixture:
        """The same modes as they are seen in their plane, with d = 2."""
        if self.basis is None:
            return self
        return GaussianMixture(self.in_plane(self.means), self.std, self.weights)

    def in_plane(self, points: np.ndarray) -> np.ndarray:
        """Returns the coordinates in the plane, `(n, 2)`, of `(n, d)` points projected on it."""
        return points if self.basis is None else points @ self.basis.T.astype(points.dtype)

    def off_plane(self, points: np.ndarray) -> np.ndarray:
        """Returns the distances `(n,)` float64 of `(n, d)` points from the plane."""
        points = np.asarray(points, np.float64)
        if self.basis is None:
            return np.zeros(len(points))
        return np.linalg.norm(points - self.in_plane(points) @ self.basis, axis=1)

    def sample(self, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draws points; the same seed gives the same points.

        Args:
            count: how many.
            seed: a non-negative integer.

        Returns:
            `(count, d)` float32 points and `(count,)` int64 indices of their modes.
        """
        rng = np.random.default_rng(seed)
        modes = rng.choice(len(self), size=count, p=self.weights)
        noise = rng.standard_normal((count, self.dimensions))
        points = self.means[modes] + self.std[modes, None] * noise
        return points.astype(np.float32), modes.astype(np.int64)

    def log_prob(self, points: np.ndarray) -> np.ndarray:
        """Returns the natural logarithm of the density, `(n,)` float64, at `(n, d)` points."""
        offsets = np.asarray(points, np.float64)[:, None, :] - self.means
        variance = self.std**2
        scale = self.dimensions / 2 * np.log(2 * np.pi * variance)
        exponents = -(offsets**2).sum(-1) / (2 * variance) - scale
        return np.asarray(logsumexp(exponents, axis=1, b=self.weights))

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments as lists that JSON can hold."""
        names = ("means", "std", "weights") + (() if self.basis is None else ("basis",))
        return {name: getattr(self, name).tolist() for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> GaussianMixture:
        """Builds the mixture that `get_config` described."""
        return cls(**config)


@checked
def ring(
    modes: int = 8,
    radius: float = 2.0,
    *,
    std: Numbers | None = None,
    variance: Numbers | None = None,
    weights: Sequence[float] | np.ndarray | None = None,
    smallest_weight: float | None = None,
) -> GaussianMixture:
    """Gaussians at even distances on a circle around 0; the first one lies at (radius, 0).

    Args:
        modes: their number; 8 with radius 2 and variance 0.02 in MGAN (Hoang et al., 2018).
        radius: of the circle.
        std: standard deviation of one coordinate, one number or one a mode.
        variance: its square, as an alternative; 0.02 if neither is given.
        weights: `(modes,)` probabilities, equal by default.
        smallest_weight: as an alternative, `geometric_weights` down to this one.

    Raises:
        InputError: a parameter out of its range, both std and variance, or both kinds of weights.
    """
    angles = 2 * np.pi * np.arange(_positive_int("modes", modes)) / modes
    means = _positive("radius", radius) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    if std is None and variance is None:
        variance = RING_VARIANCE
    weights = _chosen_weights(len(means), weights, smallest_weight)
    return mixture(means, std=std, variance=variance, weights=weights)


@checked
def grid(
    rows: int = 5,
    spacing: float = 2.0,
    *,
    std: Numbers | None = None,
    variance: Numbers | None = None,
    weights: Sequence[float] | np.ndarray | None = None,
    smallest_weight: float | None = None,
) -> GaussianMixture:
    """rows x rows Gaussians on a square grid around 0; mode `rows * i + j` has the i-th x.

    Args:
        rows: modes along a side; 5 with spacing 2 and std 0.05 in MD-GAN.
        spacing: distance of neighbours.
        std: standard deviation of one coordinate, one number or one a mode; 0.05 if neither
            it nor the variance is given.
        variance: its square, as an alternative.
        weights: `(rows * rows,)` probabilities, equal by default.
        smallest_weight: as an alternative, `geometric_weights` down to this one.

    Raises:
        InputError: a parameter out of its range, both std and variance, or both kinds of weights.
    """
    side = _positive("spacing", spacing) * (np.arange(_positive_int("rows", rows)) - (rows - 1) / 2)
    means = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    if std is None and variance is None:
        std = GRID_STD
    weights = _chosen_weights(len(means), weights, smallest_weight)
    return mixture(means, std=std, variance=variance, weights=weights)


@checked
def mixture(
    means: Sequence[Sequence[float]] | np.ndarray,
    *,
    std: Numbers | None = None,
    variance: Numbers | None = None,
    weights: Sequence[float] | np.ndarray | None = None,
) -> GaussianMixture:
    """Gaussians at given places; takes exactly one of std and variance.

    Raises:
        InputError: a parameter out of its range, or not exactly one of std and variance.
    """
    if (std is None) == (variance is None):
        raise InputError(f"Give exactly one of std and variance, received {std=}, {variance=}.")
    if std is None:
        variances = _finite("variance", variance)
        if (variances <= 0).any():
            raise InputError(f"variance must be positive, received {variance}.")
        std = np.sqrt(variances)
    return GaussianMixture(np.asarray(means), np.asarray(std), weights)  # type: ignore[arg-type]


def _finite(name: str, value: Any) -> np.ndarray:
    try:
        array = np.array(value, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers, received {value!r}.") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} must be finite, received {value!r}.")
    return array


def _per_mode(name: str, value: Any, count: int) -> np.ndarray:
    array = _finite(name, value)
    if array.shape not in ((), (count,)):
        raise InputError(
            f"{name} must be one number or one for each of the {count} modes, received "
            f"{array.size} in the shape {array.shape}."
        )
    return np.broadcast_to(array, (count,)).copy()


def _weights(value: Any, count: int) -> np.ndarray:
    weights = _finite("weights", value)
    if weights.shape != (count,):
        raise InputError(
            f"There must be one weight for each of the {count} modes, received {weights.size}."
        )
    if (weights < 0).any() or abs(weights.sum() - 1) > 1e-6:
        raise InputError(
            f"weights must be >= 0 with sum 1, received {value!r} with sum {weights.sum():g}."
        )
    return weights / weights.sum()


def _chosen_weights(
    count: int,
    weights: Sequence[float] | np.ndarray | None,
    smallest: float | None,
) -> Sequence[float] | np.ndarray | None:
    if smallest is None:
        return weights
    if weights is not None:
        raise InputError(
            f"Give either weights or the smallest weight, received {weights!r} and {smallest!r}."
        )
    return geometric_weights(count, _positive("smallest_weight", smallest))


def _check_basis(basis: np.ndarray, means: np.ndarray) -> None:
    if basis.ndim != 2 or len(basis) != 2 or not np.allclose(basis @ basis.T, np.eye(2)):
        raise InputError(
            f"basis must be two orthonormal rows (2, dimensions), received {basis.shape}."
        )
    if not np.allclose(means @ basis.T @ basis, means):
        raise InputError("The modes' means must lie in the plane of the basis, received others.")


def _positive(name: str, value: float) -> float:
    number = _finite(name, value)
    if number.shape or number <= 0:
        raise InputError(f"{name} must be a positive number, received {value!r}.")
    return float(number)


def _positive_int(name: str, value: int) -> int:
    if _positive(name, value) != int(value):
        raise InputError(f"{name} must be a positive whole number, received {value!r}.")
    return int(value)
