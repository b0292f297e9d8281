"""The Fréchet distance between two sets of features, in float64."""

from __future__ import annotations

import dataclasses
import logging
import os
import zipfile
from typing import Any

import numpy as np

from kgan.errors import DataError, InputError
from kgan.files import local_path, replacing
from kgan.metrics.arrays import LARGEST, finite_matrix

_LOG = logging.getLogger(__name__)
_FIELDS = ("mean", "covariance", "count")


@dataclasses.dataclass(frozen=True, eq=False)
class FeatureStatistics:
    """Mean and covariance of features: all that the Fréchet distance needs of a set of images.

    Attributes:
        mean: (d,) float64.
        covariance: (d, d) float64, normalised by n - 1.
        count: n, the number of images.
    """

    mean: np.ndarray
    covariance: np.ndarray
    count: int

    @classmethod
    def from_features(cls, features: Any) -> FeatureStatistics:
        """Computes the statistics of (n, d) features, in float64.

        With n <= d the covariance is singular and the distance far too large; a warning says so.

        Raises:
            InputError: fewer than 2 rows, another shape, NaN or infinite values.
        """
        features = finite_matrix("features", features)
        count, width = features.shape
        if count < 2:
            raise InputError(
                "The Fréchet distance needs the features of at least 2 samples. Received: 1"
            )
        if count <= width:
            _LOG.warning(
                "%d samples are too few for the covariance of %d features: the Fréchet distance "
                "will be far too large.",
                count,
                width,
            )
        mean = features.mean(axis=0)
        centred = features - mean
        return cls(mean, centred.T @ centred / (count - 1), count)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the statistics to an .npz file, at once or not at all."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **{name: getattr(self, name) for name in _FIELDS})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FeatureStatistics:
        """Reads what `save` wrote.

        Raises:
            DataError: no such file, or not one of these.
            InputError: a path with a scheme, such as `gs://`.
        """
        path = local_path(path, "path")
        try:
            with np.load(path) as arrays:
                mean, covariance, count = (arrays[name] for name in _FIELDS)
        except FileNotFoundError:
            raise DataError(f"There are no feature statistics at {path}.") from None
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise DataError(f"{path} does not hold feature statistics: {error}.") from error
        return cls(mean, covariance, int(count))


def frechet_distance(first: FeatureStatistics, second: FeatureStatistics) -> float:
    """The squared 2-Wasserstein distance of two Gaussians with these statistics.

    `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)` (Dowson and Landau, 1982), what Heusel
    et al. (2017) named FID where the features are Inception's. Both roots go through symmetric
    eigen-decompositions with negative eigenvalues, which only rounding makes, set to 0: this
    holds for singular covariances too, where a general matrix root fails.

    Args:
        first: statistics of one set.
        second: of the other, the same number of features.

    Returns:
        >= 0; 0 for equal statistics up to rounding.

    Raises:
        InputError: another number of features, or statistics that are not finite.
    """
    if first.mean.shape != second.mean.shape:
        raise InputError(
            "Features of different networks cannot be compared. "
            f"Received: {len(first.mean)} and {len(second.mean)} features"
        )
    for statistics in (first, second):
        width = len(statistics.mean)
        finite_matrix("covariance", statistics.covariance, columns=width, largest=LARGEST**2)
        finite_matrix("mean", statistics.mean[None])
    values, vectors = np.linalg.eigh(first.covariance)
    root = (vectors * np.sqrt(values.clip(min=0.0))) @ vectors.T
    product = root @ second.covariance @ root
    spectrum = np.linalg.eigvalsh((product + product.T) / 2).clip(min=0.0)
    shift = first.mean - second.mean
    traces = np.trace(first.covariance) + np.trace(second.covariance)
    return max(float(shift @ shift + traces - 2 * np.sqrt(spectrum).sum()), 0.0)
