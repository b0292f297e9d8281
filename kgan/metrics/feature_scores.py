"""All scores that compare two sets of features, with the real set's part computed once."""

from __future__ import annotations

import numpy as np

from kgan.metrics.frechet import FeatureStatistics, frechet_distance
from kgan.metrics.i_variance import i_variance
from kgan.metrics.neighbours import Neighbourhoods
from kgan.metrics.prd import f_scores, prd
from kgan.metrics.precision_recall import DENSE_NEIGHBOURS, NEIGHBOURS, compare

COMPARED = 10_000
"""Rows of each set, at most, between which distances are taken: 10,000 by 10,000."""

_CLUSTERS = 20
_SEED = 0


class RealFeatures:
    """Features of real images, to score others against.

    Args:
        features: (m, d).
    """

    def __init__(self, features: np.ndarray):
        self.statistics = FeatureStatistics.from_features(features)
        self.features = np.asarray(features[:COMPARED], np.float64)
        self.neighbourhoods: Neighbourhoods | None = None
        if len(features) > DENSE_NEIGHBOURS:
            self.neighbourhoods = Neighbourhoods.of("images", self.features, DENSE_NEIGHBOURS)

    def scores(self, features: np.ndarray) -> dict[str, float | None]:
        """Scores of (n, d) features of images in random order.

        Returns:
            frechet_distance and i_variance (of all rows), precision, recall, density, coverage,
            f_8 and f_1_8 (of the first 10,000). Those that need more images than there are, 6 for
            the first four of these and 10 for the last two, are None.
        """
        some = np.asarray(features[:COMPARED], np.float64)
        return {
            "frechet_distance": frechet_distance(
                FeatureStatistics.from_features(features), self.statistics
            ),
            **self._neighbour_scores(some),
            **self._curve_scores(some),
            "i_variance": i_variance(features),
        }

    def _neighbour_scores(self, features: np.ndarray) -> dict[str, float | None]:
        found: tuple[float | None, ...] = (None,) * 4
        if self.neighbourhoods is not None and len(features) > DENSE_NEIGHBOURS:
            samples = Neighbourhoods.of("samples", features, NEIGHBOURS)
            (precision, recall), (density, coverage) = compare(samples, self.neighbourhoods)
            found = precision, recall, density, coverage
        return dict(zip(("precision", "recall", "density", "coverage"), found, strict=True))

    def _curve_scores(self, features: np.ndarray) -> dict[str, float | None]:
        found: tuple[float | None, ...] = (None, None)
        if 2 * min(len(features), len(self.features)) >= _CLUSTERS:
            found = f_scores(prd(features, self.features, clusters=_CLUSTERS, seed=_SEED))
        return dict(zip(("f_8", "f_1_8"), found, strict=True))
