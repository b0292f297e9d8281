"""What a run keeps of its samples' nearest training examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from absl import logging

from kgan import data, metrics
from kgan.runs.artefacts.kept import DO_NOT_FIT, Kept

_SEED = 3  # Other samples than the snapshots'.
_QUERIES = 1_000
_CLOSEST, _ANY, _NEIGHBOURS = 6, 6, 5
_MOST_EXAMPLES = 60_000
_MOST_VALUES = 160_000_000  # All of CIFAR-10, half a minute on a core.
_PART = 2_000

Coordinates = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Neighbours(Kept):
    """How near samples lie to training examples, and how near test examples do.

    Distances are Euclidean, of points in all dimensions and of images in features; of pixels, root
    mean squares of the difference, 0 (the same) to 1 (black and white).

    Attributes:
        step: steps taken before.
        space: "plane", "pixels", or the name of the feature network.
        train_used: how many training examples there were to be near to.
        train_size: how many there are.
        sample_distances: (n,) to the nearest.
        test_distances: (m,) of held-out examples; None without.
        sample_cells: (n,) in which cell of the training data each sample lies, see `nearness`; of
            runs of earlier versions None.
        test_cells: (m,) the same of the held-out examples.
        samples: (k, height, width, channels), the first half the nearest of all, the second half
            drawn at random; None for points.
        nearest: (k, neighbours, height, width, channels), with `samples`.
        distances: (k, neighbours), with `samples`.
    """

    FILE = "neighbours.npz"

    step: int
    space: str
    train_used: int
    train_size: int
    sample_distances: np.ndarray
    test_distances: np.ndarray | None = None
    sample_cells: np.ndarray | None = None
    test_cells: np.ndarray | None = None
    samples: np.ndarray | None = None
    nearest: np.ndarray | None = None
    distances: np.ndarray | None = None

    def flaw(self) -> str:
        """What does not fit, as of `Kept`."""
        distances = [self.sample_distances, self.test_distances]
        told = [d for d in distances if d is not None]
        whole = all(d.ndim == 1 and d.size and np.isfinite(d).all() for d in told)
        return "" if whole and self._cells_fit() and self._images_fit() else DO_NOT_FIT

    @property
    def cells(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Those of the samples and of the held-out examples; None without."""
        if self.sample_cells is None or self.test_cells is None:
            return None
        return self.sample_cells, self.test_cells

    def _cells_fit(self) -> bool:
        if self.cells is None:
            return True
        distances = self.sample_distances, self.test_distances
        return all(
            d is not None and c.shape == d.shape for c, d in zip(self.cells, distances, strict=True)
        )

    def _images_fit(self) -> bool:
        samples, nearest, distances = self.samples, self.nearest, self.distances
        if samples is None:
            return True
        if nearest is None or distances is None:
            return False
        whole = samples.ndim == 4 and samples.size and nearest.ndim == 5 and nearest.size
        alike = (nearest.shape[0], *nearest.shape[2:]) == samples.shape
        return bool(whole) and alike and distances.shape == nearest.shape[:2]


def find_neighbours(
    model: Any,
    train: data.Dataset,
    test: data.Dataset | None,
    network: metrics.FeatureNetwork | None = None,
) -> Neighbours | None:
    """How near 1,000 samples lie to training examples, and 1,000 test examples too.

    They are held against all training examples, or against as many drawn at random as 60,000 and
    160 million values are. Shown are the 6 samples that are nearest to any and then 6 at random.

    Args:
        model: the `AdversarialModel` to sample from.
        train: its training data; images in the model's value range.
        test: held-out data in the same range; None leaves `test_distances` out.
        network: whose features to measure images in; pixels without.

    Returns:
        None if the samples are not finite.
    """
    samples = model.sample(_QUERIES, seed=_SEED)
    if not np.isfinite(samples).all():
        logging.warning("The samples are not finite: their neighbours are left out.")
        return None
    space, coordinates = _space(train, network)
    drawn = _drawn(len(train), _most(train))
    count = min(_NEIGHBOURS, len(drawn))
    parts = (coordinates(train.floats(rows)) for rows in _parts(drawn))
    queries = coordinates(samples)
    if test is not None:
        held_out = test.floats(_drawn(len(test), _QUERIES))
        queries = np.concatenate([queries, coordinates(held_out)])
    found = metrics.nearest_neighbours(queries, parts, count)
    distances = found.distances[:_QUERIES, 0]
    shown: dict[str, Any] = {}
    if test is not None:
        # Those of the space that lie nearest to the same of some training examples.
        centres = drawn[
            np.linspace(0, len(drawn) - 1, _cells(len(drawn), len(queries))).astype(int)
        ]
        near = metrics.nearest_neighbours(queries, [coordinates(train.floats(centres))])
        cells = near.indices[:, 0]
        shown = {"sample_cells": cells[:_QUERIES], "test_cells": cells[_QUERIES:]}
    if train.is_images:
        rows = _shown(distances)
        nearest = train.floats(drawn[found.indices[rows]].reshape(-1))
        shown |= {"samples": samples[rows], "distances": found.distances[rows]}
        shown["nearest"] = nearest.reshape(len(rows), count, *train.example_shape)
    return Neighbours(
        step=model.steps_taken,
        space=space,
        train_used=len(drawn),
        train_size=len(train),
        sample_distances=distances,
        test_distances=None if test is None else found.distances[_QUERIES:, 0],
        **shown,
    )


def nearest_examples(
    samples: np.ndarray, train: data.Dataset, count: int = _NEIGHBOURS
) -> tuple[metrics.Nearest, np.ndarray]:
    """The training examples that samples `(n, ...)` are nearest to, of images by their pixels.

    Returns:
        What is nearest in the rows that were looked at, and their numbers in the training data.
    """
    _, coordinates = _space(train, None)
    drawn = _drawn(len(train), _most(train))
    parts = (coordinates(train.floats(rows)) for rows in _parts(drawn))
    queries = coordinates(np.asarray(samples))
    return metrics.nearest_neighbours(queries, parts, min(count, len(drawn))), drawn


def _space(train: data.Dataset, network: metrics.FeatureNetwork | None) -> tuple[str, Coordinates]:
    """The name of the space to measure in, and the way there."""
    if not train.is_images:
        return "plane", lambda points: points
    low, high = train.value_range
    if network is not None:
        return network.name, lambda images: network.features(images, (low, high))
    scale = 1 / ((high - low) * np.sqrt(np.prod(train.example_shape)))
    return "pixels", lambda images: images.reshape(len(images), -1) * np.float32(scale)


def _most(train: data.Dataset) -> int:
    return min(_MOST_EXAMPLES, _MOST_VALUES // int(np.prod(train.example_shape)))


def _drawn(size: int, most: int) -> np.ndarray:
    """All rows, or `most` at random, always the same ones: some sets are sorted by class."""
    if size <= most:
        return np.arange(size)
    return np.sort(np.random.default_rng(_SEED).choice(size, most, replace=False))


def _cells(examples: int, queries: int) -> int:
    """How many: small ones, yet with some samples, held-out examples and training data in each."""
    return max(1, min(queries // 10, examples // 20))


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), _PART):
        yield rows[start : start + _PART]


def _shown(distances: np.ndarray) -> np.ndarray:
    """Samples to show: the nearest, and of the rest the first, which are as good as any."""
    order = np.argsort(distances, kind="stable")
    closest = order[:_CLOSEST]
    others = np.setdiff1d(np.arange(len(distances)), closest)[:_ANY]
    return np.concatenate([closest, others])
