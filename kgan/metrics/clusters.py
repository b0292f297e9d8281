"""Clusters of a discriminator's embedding: how many are used, and by what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.special import entr

from kgan.errors import InputError
from kgan.metrics.arrays import as_numbers

_BATCH = 500


def clusters_used(clusters: Any) -> float:
    """How many clusters rows share out among: the perplexity of their histogram.

    Args:
        clusters: (n,) the number of the cluster that each row lies in, such as that of the nearest
            vertex of MD-GAN's simplex.

    Returns:
        The exponential of the histogram's entropy: 1 where all rows lie in one cluster, C where C
        clusters have as many each.

    Raises:
        InputError: another shape, no rows, or numbers that are not whole.
    """
    counts = np.unique(_whole("clusters", clusters), return_counts=True)[1]
    return float(np.exp(entr(counts / counts.sum()).sum()))


def cluster_purity(clusters: Any, labels: Any) -> float:
    """The share of rows that have the commonest label of their cluster.

    Args:
        clusters: (n,) as for `clusters_used`.
        labels: (n,) whole numbers.

    Returns:
        1 where each cluster holds one label; with everything in one cluster the commonest label's
        share, which is the least that there is.

    Raises:
        InputError: shapes that do not fit, no rows, or numbers that are not whole.
    """
    rows, names = _whole("clusters", clusters), _whole("labels", labels)
    if rows.shape != names.shape:
        raise InputError(
            "There must be a label for each row. Received: "
            f"{len(names)} labels for {len(rows)} rows"
        )
    _, rows = np.unique(rows, return_inverse=True)
    _, names = np.unique(names, return_inverse=True)
    table = np.zeros((rows.max() + 1, names.max() + 1), np.int64)
    np.add.at(table, (rows, names), 1)
    return float(table.max(axis=1).sum() / len(rows))


def clusters_of(source: Any, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The cluster (n,) of each example (n, ...) and the distance (n,) to its centre.

    Args:
        source: whose `discriminate(examples)` may give a `cluster` and a `distance`.
        examples: in the source's range.

    Returns:
        None of a source without clusters.
    """
    parts = []
    for start in range(0, len(examples), _BATCH):
        if not hasattr(source, "discriminate") or getattr(source, "pack", 1) > 1:
            return None
        try:
            told = source.discriminate(examples[start : start + _BATCH])
        except InputError:  # A model without a discriminator says so.
            return None
        if not {"cluster", "distance"} <= told.keys():
            return None
        parts.append((np.asarray(told["cluster"]), np.asarray(told["distance"], np.float64)))
    clusters, distances = zip(*parts, strict=True)
    return np.concatenate(clusters), np.concatenate(distances)


def has_clusters(source: Any, examples: np.ndarray) -> bool:
    """Whether a source's discriminator puts examples (n, ...) into clusters."""
    return clusters_of(source, examples[:1]) is not None


def cluster_scores(source: Any, examples: Iterable[np.ndarray], labels: Any) -> dict[str, Any]:
    """What is to be told of a source's clusters, as `evaluate` reports it.

    Args:
        source: one that `has_clusters`; `num_clusters` says how many there are.
        examples: (n, ...) in the source's range, in parts.
        labels: (n,) whole numbers; None where there are none.

    Returns:
        clusters: how many there are, None where the source does not say.
        clusters_used: see there.
        cluster_purity: see there; None without labels.
        vertex_distance: the mean distance of an embedding to its cluster's centre.
    """
    found = [clusters_of(source, part) for part in examples]
    clusters, distances = zip(*(part for part in found if part is not None), strict=True)
    rows = np.concatenate(clusters)
    return {
        "clusters": getattr(source, "num_clusters", None),
        "clusters_used": clusters_used(rows),
        "cluster_purity": None if labels is None else cluster_purity(rows, labels),
        "vertex_distance": float(np.concatenate(distances).mean()),
    }


def _whole(name: str, values: Any) -> np.ndarray:
    numbers = as_numbers(name, values)
    if numbers.ndim != 1 or not numbers.size or (numbers != np.round(numbers)).any():
        raise InputError(
            f"{name} must be whole numbers (n,), n > 0. Received: an array of shape {numbers.shape}"
        )
    return numbers.astype(np.int64)
