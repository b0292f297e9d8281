"""What each generator of a mixture makes: counts over modes or classes, and numbers from them.

All numbers are functions of a (K, modes) table of counts, generator by mode (or class). With
`pi_k` the share of row k, `p_k` the row as a distribution and `m = sum_k pi_k p_k`, the information
that a sample's mode gives about its generator is the generalised Jensen-Shannon divergence

    I(generator; mode) = H(m) - sum_k pi_k H(p_k) = H(pi) - H(generator | mode),

which MGAN raises with samples in place of modes (Hoang et al. 2018, theorem 2), and MIM-GAN by
lowering log K - I. Counts overstate it by about (K - 1)(modes - 1) / (2 n) nats with n samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import entr

from kgan.errors import InputError
from kgan.metrics.arrays import distribution, finite_matrix
from kgan.metrics.modes import ModeCounts, checked_modes, mode_counts
from kgan.metrics.scores import class_histogram

OWN_SHARE = 0.9
"""A mode is a generator's own that makes this share of the samples near it, and a generator keeps
to modes that hold this share of its samples (of true ones: 0.989)."""


def generator_scores(key: str, table: np.ndarray, samples: np.ndarray) -> dict[str, Any]:
    """All that a table and the generators' numbers of samples tell, as `evaluate` reports it.

    Args:
        key: of the table: "generator_modes" or "generator_classes".
        table: (K, modes), of `generator_table` or `generator_class_table`.
        samples: (K,), of `generator_samples`.

    Returns:
        Plain numbers and lists.
    """
    return {
        "generators": len(samples),
        "generator_samples": samples.tolist(),
        key: table.tolist(),
        "generator_overlap": generator_overlap(table),
        "effective_generators": effective_generators(samples),
        "distinct_generators": distinct_generators(table),
    }


def generator_table(
    points: Any,
    generators: Any,
    means: Any,
    std: Any,
    num_generators: int,
    count: Callable[..., ModeCounts] = mode_counts,
) -> np.ndarray:
    """Counts the samples of each generator within 3 std of each mode, as `mode_counts` does.

    Args:
        points: (n, d) samples.
        generators: (n,) whole numbers in 0..K-1, which generator made each.
        means: (modes, d) the modes' means.
        std: their standard deviations per coordinate, (modes,) or one for all; > 0.
        num_generators: K, at least 1.
        count: how they are counted otherwise, `(points, means, std) -> ModeCounts`.

    Returns:
        (K, modes) int64. Samples far from all modes are in no column: rows may sum to less than
        the generator's samples.

    Raises:
        InputError: as `mode_counts`, and generators that are no whole numbers in 0..K-1.
    """
    means, std = checked_modes(means, std)
    points = finite_matrix("points", points, columns=means.shape[1])
    generators = _checked_generators(generators, len(points), num_generators)
    table = np.zeros((num_generators, len(means)), np.int64)
    for generator in np.unique(generators):
        table[generator] = count(points[generators == generator], means, std).near
    return table


def generator_class_table(probabilities: Any, generators: Any, num_generators: int) -> np.ndarray:
    """Counts the samples of each generator in each class, the most probable one of each sample.

    Args:
        probabilities: (n, classes), rows of sum 1 (within 1e-3).
        generators: (n,) whole numbers in 0..K-1, which generator made each.
        num_generators: K, at least 1.

    Returns:
        (K, classes) int64; rows sum to the generators' samples.

    Raises:
        InputError: as `class_histogram`, and generators that are no whole numbers in 0..K-1.
    """
    probabilities = finite_matrix("probabilities", probabilities)
    generators = _checked_generators(generators, len(probabilities), num_generators)
    table = np.zeros((num_generators, probabilities.shape[1]), np.int64)
    for generator in np.unique(generators):
        table[generator] = class_histogram(probabilities[generators == generator])
    return table


def generator_samples(generators: Any, num_generators: int) -> np.ndarray:
    """Returns (K,) int64, how many of the samples each generator made.

    Raises:
        InputError: generators that are no whole numbers in 0..K-1.
    """
    generators = _checked_generators(generators, len(np.atleast_1d(generators)), num_generators)
    return np.bincount(generators, minlength=num_generators)


def generator_overlap(table: Any) -> float | None:
    """How much the generators share modes: `1 - I(generator; mode) / H(pi)`.

    That is `H(generator | mode) / H(generator)`: how uncertain the generator of a sample stays when
    its mode is known.

    Args:
        table: (K, modes) counts >= 0, as `generator_table` and `generator_class_table` give.

    Returns:
        From 0 (no mode has samples of two generators) to 1 (all generators with samples in the
        table have the same distribution). Where a single one has any (K = 1, say), 0: there is
        nothing to share. None for a table without any counts, of which nothing is known.

    Raises:
        InputError: another shape, NaN or negative counts.
    """
    counts = _checked_table(table)
    if not counts.any():
        return None
    whole = _entropy(counts.sum(axis=1))
    return min(_entropy_given_mode(counts) / whole, 1.0) if whole > 0 else 0.0


def distinct_generators(table: Any) -> float:
    """How many generators do distinct things: `exp(I(generator; mode))`.

    So many equally busy generators, each with modes of its own, give the same information.
    Generators that do the same count as one.

    Args:
        table: (K, modes) counts >= 0, as `generator_table` and `generator_class_table` give.

    Returns:
        From 1 (all alike) to min(K, modes); 0 for a table without any counts.

    Raises:
        InputError: another shape, NaN or negative counts.
    """
    counts = _checked_table(table)
    if not counts.any():
        return 0.0
    information = _entropy(counts.sum(axis=1)) - _entropy_given_mode(counts)
    return float(np.exp(max(information, 0.0)))


def effective_generators(samples: Any) -> float:
    """How many equally busy generators would be as evenly used: `exp(H(shares))`.

    It says whether the mixture's weights use all generators, not whether these differ: see
    `distinct_generators`.

    Args:
        samples: (K,) samples that each generator made (or their weights), >= 0, not all 0.

    Returns:
        From 1 (one generator makes everything) to K (each as much as the next).

    Raises:
        InputError: negative, NaN or only zero counts.
    """
    return float(np.exp(_entropy(distribution("samples", samples))))


def own_mode_generators(table: Any, samples: Any) -> int:
    """How many generators keep to modes of their own, one or several.

    A mode is a generator's own where 90% of the samples near it are that generator's; a generator
    keeps to its own when 90% of its samples are near them.

    Args:
        table: (K, modes) counts >= 0, as `generator_table` gives.
        samples: (K,) all samples of each generator, those far from all modes included.

    Raises:
        InputError: shapes that do not fit, NaN or negative counts, more counts than samples.
    """
    counts, samples = _checked_table(table), np.asarray(samples, np.float64)
    if samples.shape != counts.shape[:1] or not (counts.sum(axis=1) <= samples).all():
        raise InputError(
            f"samples must be one number for each of the {len(counts)} rows of the table, at least "
            f"the row's sum. Received: {samples.tolist()}"
        )
    own = counts >= OWN_SHARE * counts.sum(axis=0)
    kept = np.where(own, counts, 0).sum(axis=1)
    return int((counts.any(axis=1) & (kept >= OWN_SHARE * samples)).sum())


def _checked_generators(generators: Any, count: int, num_generators: int) -> np.ndarray:
    if num_generators < 1:
        raise InputError(f"A mixture has at least one generator. Received: {num_generators}")
    given = np.asarray(generators)
    fits = given.shape == (count,) and given.dtype.kind in "iu"
    if not fits or not count or given.min() < 0 or given.max() >= num_generators:
        received = f"{given.dtype} of shape {given.shape}"
        if fits and count:
            received = f"numbers from {given.min()} to {given.max()}"
        raise InputError(
            f"generators must be {count} whole numbers in 0..{num_generators - 1}, one for each "
            f"sample. Received: {received}"
        )
    return given


def _checked_table(table: Any) -> np.ndarray:
    counts = finite_matrix("table", table)
    if counts.min() < 0:
        raise InputError(f"A table holds counts >= 0. Received: {counts.min():g}")
    return counts


def _entropy(counts: np.ndarray) -> float:
    """Of the distribution in proportion to `counts`, in nats; 0 where they are all 0."""
    return float(entr(counts / (counts.sum() or 1.0)).sum())


def _entropy_given_mode(counts: np.ndarray) -> float:
    """H(generator | mode) of a table; exactly 0 when every mode has one generator."""
    modes = counts.sum(axis=0)
    given_mode = entr(counts / np.where(modes > 0, modes, 1.0)).sum(axis=0)
    return float((modes * given_mode).sum() / (modes.sum() or 1.0))
