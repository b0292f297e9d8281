"""Examples as measures see them: each view is computed once, when it is first asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np

from kgan.classifiers.features import class_probabilities
from kgan.data import GaussianMixture
from kgan.metrics.frechet import FeatureStatistics
from kgan.metrics.histograms import HistogramGrid
from kgan.metrics.modes import ModeCounts
from kgan.metrics.neighbours import Neighbourhoods
from kgan.metrics.points import mixture_counts, near_modes, present_modes
from kgan.metrics.precision_recall import DENSE_NEIGHBOURS, compare
from kgan.metrics.scores import class_histogram
from kgan.metrics.words import COMPARED

Arrays = Mapping[str, np.ndarray]
Stored = Callable[[str, Callable[[], Arrays]], Arrays]
"""Gives the arrays of a name from where they are kept, or else computes them."""


def _computed(name: str, compute: Callable[[], Arrays]) -> Arrays:
    return compute()


class Examples:
    """Examples in random order, seen through features (count, d).

    Args:
        count: how many there are.
        stored: where views that cost much are kept; nowhere by default.
    """

    def __init__(self, count: int, stored: Stored = _computed):
        self.count = count
        self._stored = stored
        self._compared: dict[Examples, tuple[float | None, ...]] = {}

    @property
    def features(self) -> np.ndarray:
        """(count, d)."""
        raise NotImplementedError

    @property
    def has_labels(self) -> bool:
        """Whether `labels` are known: not of images whose feature network tells no classes."""
        return True

    @property
    def labels(self) -> np.ndarray:
        """(count,) which mode or class each is of, as it looks."""
        raise NotImplementedError

    @functools.cached_property
    def statistics(self) -> FeatureStatistics:
        """Mean and covariance of all features."""
        return FeatureStatistics.from_features(self.features)

    @functools.cached_property
    def some(self) -> np.ndarray:
        """The features of the first 10,000, float64."""
        return np.asarray(self.features[:COMPARED], np.float64)

    @functools.cached_property
    def neighbourhoods(self) -> Neighbourhoods:
        """How far the nearest of the first 10,000 are."""

        def compute() -> Arrays:
            found = Neighbourhoods.of("examples", self.some, DENSE_NEIGHBOURS)
            return {"squared": found.squared}

        return Neighbourhoods(self.some, self._stored("neighbours", compute)["squared"])

    def neighbour_scores(self, real: Examples) -> tuple[float | None, ...]:
        """Precision, recall, density and coverage against `real`; None of fewer than 6 examples."""
        if real not in self._compared:
            found: tuple[float | None, ...] = (None,) * 4
            if min(self.count, real.count) > DENSE_NEIGHBOURS:
                pairs = compare(self.neighbourhoods, real.neighbourhoods)
                found = (*pairs[0], *pairs[1])
            self._compared[real] = found
        return self._compared[real]


class ImageExamples(Examples):
    """Images, seen through a feature network.

    Args:
        count: how many there are.
        outputs: gives features (count, d) and logits (count, classes).
        stored: where these are kept.
        tells_classes: gives whether there are any classes.
        mode_weights: (classes,) true probabilities of the classes, where these are the modes.
    """

    def __init__(
        self,
        count: int,
        outputs: Callable[[], tuple[np.ndarray, np.ndarray]],
        stored: Stored = _computed,
        tells_classes: Callable[[], bool] = lambda: True,
        mode_weights: np.ndarray | None = None,
    ):
        super().__init__(count, stored)
        self._predict = outputs
        self._tells_classes = tells_classes
        self.mode_weights = mode_weights

    @functools.cached_property
    def _outputs(self) -> Arrays:
        def compute() -> Arrays:
            features, logits = self._predict()
            return {"features": features, "logits": logits}

        return self._stored("outputs", compute)

    @property
    def features(self) -> np.ndarray:
        """(count, d) float32."""
        return self._outputs["features"]

    @property
    def logits(self) -> np.ndarray:
        """(count, classes) float32."""
        return self._outputs["logits"]

    @property
    def has_labels(self) -> bool:
        """Whether the network tells classes; asked without a look at the images."""
        return self._tells_classes()

    @functools.cached_property
    def probabilities(self) -> np.ndarray:
        """(count, classes) float64, rows of sum 1."""
        return class_probabilities(self.logits)

    @property
    def labels(self) -> np.ndarray:
        """(count,) the most probable class of each."""
        return self.probabilities.argmax(axis=1)

    @functools.cached_property
    def histogram(self) -> np.ndarray:
        """(classes,) images whose most probable class each is."""
        return class_histogram(self.probabilities)


class PointExamples(Examples):
    """Points, which are features as they are, before the mixture that they should come from.

    Modes of weight 0 are no modes.

    Args:
        points: (n, d).
        mixture: the true one.
        stored: where what costs much is kept.
    """

    def __init__(self, points: np.ndarray, mixture: GaussianMixture, stored: Stored = _computed):
        super().__init__(len(points), stored)
        self._points = points
        self.mixture = mixture
        self.means, self.std, self.weights = present_modes(mixture)

    @property
    def features(self) -> np.ndarray:
        """The points."""
        return self._points

    @functools.cached_property
    def near_modes(self) -> tuple[np.ndarray, np.ndarray]:
        """Which points are near a mode, (count,) bool, and the nearest's number (count,)."""
        return near_modes(self._points, self.mixture)

    @property
    def labels(self) -> np.ndarray:
        """(count,) the number of each one's nearest mode."""
        return self.near_modes[1]

    @functools.cached_property
    def counts(self) -> ModeCounts:
        """How they share out among the modes."""
        return mixture_counts(self._points, self.mixture)

    @functools.cached_property
    def beyond(self) -> float:
        """How far they lie outside the histograms' grid, see `HistogramGrid.beyond`."""
        return self.histograms[2].beyond(self.mixture.in_plane(self._points))

    @functools.cached_property
    def histograms(self) -> tuple[np.ndarray, np.ndarray, HistogramGrid]:
        """Theirs, the mixture's, and the grid that both are over, in the plane of the modes."""
        means, points = self.mixture.in_plane(self.means), self.mixture.in_plane(self._points)
        grid = HistogramGrid.around(means, self.std)
        true = grid.of_mixture(means, self.std, self.weights)
        return grid.of_points(points), true, grid
