"""What a run keeps of its samples' nearest training examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from absl import logging

import kgan
from kgan import data, metrics
from kgan.files import replacing

_SEED = 3  # Other samples than the snapshots'.
_QUERIES = 1_000
_CLOSEST, _ANY, _NEIGHBOURS = 6, 6, 5
_MOST_EXAMPLES = 60_000
_MOST_VALUES = 160_000_000  # All of CIFAR-10, half a minute on a core.
_PART = 2_000

Coordinates = Callable[[np.ndarray], np.ndarray]


def write_neighbours(
    model: kgan.AdversarialModel,
    train: data.Dataset,
    test: data.Dataset | None,
    directory: Path,
    network: metrics.FeatureNetwork | None = None,
) -> None:
    """Writes neighbours.npz: how near samples lie to training examples, and test examples too.

    1,000 samples and 1,000 test examples are held against all training examples, or against as many
    drawn at random as 60,000 and 160 million values are. It has `step`, `space` (the network's
    name, "pixels" or "plane"), `train_used` and `train_size`, `sample_distances` (1,000,) and
    `test_distances` (1,000,) to the nearest; of images also `samples` (12, height, width,
    channels), the 6 nearest to any and then 6 at random, with `nearest` (12, 5, height, width,
    channels) and their `distances` (12, 5).

    Distances are Euclidean, of points in all dimensions and of images in features; of pixels, root
    mean squares of the difference, 0 (the same) to 1 (black and white).

    Args:
        model: what to sample from.
        train: its training data; images in the model's value range.
        test: held-out data in the same range; None leaves `test_distances` out.
        directory: where the file goes.
        network: whose features to measure images in; pixels without.
    """
    samples = model.sample(_QUERIES, seed=_SEED)
    if not np.isfinite(samples).all():
        logging.warning("The samples are not finite: their neighbours are left out.")
        return
    space, coordinates = _space(train, network)
    drawn = _drawn(len(train), _most(train))
    count = min(_NEIGHBOURS, len(drawn))
    parts = (coordinates(train.floats(rows)) for rows in _parts(drawn))
    queries = coordinates(samples)
    if test is not None:
        held_out = test.floats(_drawn(len(test), _QUERIES))
        queries = np.concatenate([queries, coordinates(held_out)])
    found = metrics.nearest_neighbours(queries, parts, count)
    arrays: dict[str, Any] = {
        "step": model.steps_taken,
        "space": np.array(space),
        "train_used": len(drawn),
        "train_size": len(train),
        "sample_distances": found.distances[:_QUERIES, 0],
    }
    if test is not None:
        arrays["test_distances"] = found.distances[_QUERIES:, 0]
    if train.is_images:
        shown = _shown(arrays["sample_distances"])
        nearest = train.floats(drawn[found.indices[shown]].reshape(-1))
        arrays["samples"], arrays["distances"] = samples[shown], found.distances[shown]
        arrays["nearest"] = nearest.reshape(len(shown), count, *train.example_shape)
    with replacing(directory / "neighbours.npz") as temporary:
        np.savez_compressed(temporary, **arrays)


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


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), _PART):
        yield rows[start : start + _PART]


def _shown(distances: np.ndarray) -> np.ndarray:
    """Samples to show: the nearest, and of the rest the first, which are as good as any."""
    order = np.argsort(distances, kind="stable")
    closest = order[:_CLOSEST]
    others = np.setdiff1d(np.arange(len(distances)), closest)[:_ANY]
    return np.concatenate([closest, others])
