"""The real data that samples are held against, seen as measures see them, and kept."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kgan.classifiers.features import FeatureNetwork
from kgan.data import Dataset, GaussianMixture, StackedImages
from kgan.metrics.examples import Examples, ImageExamples, PointExamples
from kgan.metrics.measure import Measure, Scores, Trial
from kgan.metrics.statistics_cache import KeptStatistics, network_digest

TEST_IMAGES = 10_000
"""Images of the test split that generated ones are compared with, as in Lucic et al. (2018)."""

# Real points are drawn with seeds that neither data nor models use.
_REAL_SEED = 2_000_003
_REFERENCE_SEED = 1 << 40
_CHUNK = 2_000


@dataclasses.dataclass(frozen=True, eq=False)
class Real:
    """What an evaluation with one seed holds samples against.

    Attributes:
        other: a sample of real data, as large as the evaluation's where there are as many.
        reference: what it and the samples are compared with.
        kept: what is kept of the two; None for nothing.
    """

    other: Examples
    reference: Examples
    kept: KeptStatistics | None = None

    def scores(self, measure: Measure, trial: Trial) -> Scores:
        """What `measure` gives for real data in the samples' place; empty where it has no such."""
        if measure.real_score is not None:
            return measure.real_score(trial)
        if measure.stand_in is None:
            return {}
        stand_in = getattr(self, measure.stand_in)

        def compute() -> Scores:
            return measure.score(dataclasses.replace(trial, made=stand_in))

        if self.kept is None or not measure.kept:
            return compute()
        version = ".".join(str(score.version) for score in measure.scores)
        return self.kept.scores(measure.name, compute, version)


class RealPoints:
    """Draws of a mixture.

    Args:
        mixture: where they come from.
        samples: points of a draw.
        name: of the data set.
        keep: whether statistics are kept in kgan's cache.
    """

    def __init__(self, mixture: GaussianMixture, samples: int, name: str, keep: bool):
        self._mixture, self._samples = mixture, samples
        self._name, self._keep = name, keep

    def draw(self, seed: int) -> Real:
        """The real points of an evaluation with this seed."""
        return Real(self._points(_REAL_SEED + seed), self._reference, self._kept(seed))

    def held_out(self, seed: int, value_range: Any) -> Iterator[np.ndarray]:
        """Yields the points that `draw` has for `other`."""
        yield self._mixture.sample(self._samples, _REAL_SEED + seed)[0]

    @functools.cached_property
    def _reference(self) -> PointExamples:
        return self._points(_REFERENCE_SEED)

    def _points(self, seed: int) -> PointExamples:
        return PointExamples(self._mixture.sample(self._samples, seed)[0], self._mixture)

    def _kept(self, seed: int) -> KeptStatistics | None:
        key = {"mixture": self._mixture.get_config(), "samples": self._samples, "seed": seed}
        return KeptStatistics(self._name, key) if self._keep else None


class RealImages:
    """Images of the training split, held against at most 10,000 of the test split.

    Args:
        train: training images.
        test: test images.
        samples: how many training images are drawn, if there are as many.
        network: gives the network in whose features they are seen; asked when it is needed.
        keep: whether statistics are kept in kgan's cache.
    """

    def __init__(
        self,
        train: Dataset,
        test: Dataset,
        samples: int,
        network: Callable[[], FeatureNetwork],
        keep: bool,
    ):
        self._train, self._test = train, test
        self._network, self._keep = network, keep
        self._samples = min(samples, len(train))

    def draw(self, seed: int) -> Real:
        """The real images of an evaluation with this seed: it chooses among the training images."""
        rows = np.random.default_rng(seed).permutation(len(self._train))[: self._samples]
        kept = None
        if self._keep:
            key = {**self._key(self._train, rows), "seed": seed, "against": self._test_key}
            kept = KeptStatistics(self._train.name, key)
        return Real(self._examples(self._train, rows, kept), self._reference.reference, kept)

    def held_out(self, seed: int, value_range: tuple[float, float]) -> Iterator[np.ndarray]:
        """Yields the test images that samples are compared with, as floats."""
        yield from _parts(self._test.with_value_range(value_range), self._test_rows)

    @functools.cached_property
    def _reference(self) -> Real:
        kept = KeptStatistics(self._test.name, self._test_key) if self._keep else None
        examples = self._examples(self._test, self._test_rows, kept)
        return Real(examples, examples, kept)

    @functools.cached_property
    def _test_rows(self) -> np.ndarray:
        # Always the same ones; at random, as some sets are sorted by class.
        if len(self._test) <= TEST_IMAGES:
            return np.arange(len(self._test))
        return np.random.default_rng(0).choice(len(self._test), TEST_IMAGES, replace=False)

    @functools.cached_property
    def _test_key(self) -> dict[str, Any]:
        return self._key(self._test, self._test_rows)

    def _examples(
        self, dataset: Dataset, rows: np.ndarray, kept: KeptStatistics | None
    ) -> ImageExamples:
        def outputs() -> tuple[np.ndarray, np.ndarray]:
            network = self._network()
            parts = (network.predict(x, dataset.value_range) for x in _parts(dataset, rows))
            features, logits = zip(*parts, strict=True)
            return np.concatenate(features), np.concatenate(logits)

        return ImageExamples(
            len(rows),
            outputs,
            **({} if kept is None else {"stored": kept.arrays}),
            tells_classes=lambda: self._network().tells_classes,
            mode_weights=mode_weights(dataset),
        )

    def _key(self, dataset: Dataset, rows: np.ndarray) -> dict[str, Any]:
        """All that the features of these images depend on, besides the code."""
        network = self._network()
        digest = hashlib.sha256()
        for part in _chunks(rows):
            digest.update(np.ascontiguousarray(dataset.examples[part]).tobytes())
        return {
            "dataset": dataset.name,
            "split": dataset.split,
            # Options (a size, a folder, files left out) show in the images themselves.
            "shape": list(dataset.example_shape),
            "images": digest.hexdigest(),
            "count": len(rows),
            "value_range": list(dataset.value_range),
            "network": network_digest(network.model),
            "network_range": list(network.value_range),
        }


def mode_weights(dataset: Dataset) -> np.ndarray | None:
    """The true probabilities of the classes, where these are the modes; None where not."""
    images = dataset.examples
    return images.weights if isinstance(images, StackedImages) else None


def _parts(dataset: Dataset, rows: np.ndarray) -> Iterator[np.ndarray]:
    for part in _chunks(rows):
        yield dataset.floats(part)


def _chunks(rows: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
