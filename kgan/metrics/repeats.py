"""Scores of several evaluations of one source: their mean, and their noise."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

_ABOUT = {"samples", "seed", "modes_total", "generators", "embedding_dimensions"}


class Repeated(NamedTuple):
    """A score over several seeds.

    Attributes:
        values: one for each seed; None where there were too few samples.
        mean: of the values; None where one is missing.
        std: their standard deviation, with n - 1; None of fewer than 2.
    """

    values: tuple[float | None, ...]
    mean: float | None
    std: float | None

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Repeated:
        """Mean and deviation of values."""
        known = [value for value in values if value is not None and math.isfinite(value)]
        if len(known) < len(values) or not known:
            return cls(tuple(values), None, None)
        std = statistics.stdev(known) if len(known) > 1 else None
        return cls(tuple(values), statistics.fmean(known), std)


class RepeatedScore(NamedTuple):
    """A score with the same of real data.

    Attributes:
        generated: of the samples.
        real: of real data in their place; None where there is no such score.
    """

    generated: Repeated
    real: Repeated | None


def over_seeds(evaluations: Sequence[Mapping[str, Any]]) -> dict[str, RepeatedScore]:
    """Mean and noise of every score that is a number.

    Args:
        evaluations: what `evaluate` returned with each seed, at least one, all of the same source.

    Returns:
        By the score's key; those of an inverse begin with "inverse_", and have those of a true
        draw of N(0, I) for real ones.
    """
    flat = [_flat(found) for found in evaluations]
    scores = {}
    for key in flat[0][0]:
        made = Repeated.of([of_samples[key] for of_samples, _ in flat])
        real = [of_real[key] for _, of_real in flat if key in of_real]
        scores[key] = RepeatedScore(made, Repeated.of(real) if len(real) == len(flat) else None)
    return scores


def _flat(found: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The numbers of the samples, and those of real data."""
    made, real = _numbers(found), _numbers(found.get("real", {}))
    inverse = found.get("inverse", {})
    made |= {f"inverse_{k}": v for k, v in _numbers(inverse).items() if k != "real_samples"}
    floor = _numbers(inverse.get("floor", {}))
    return made, real | {f"inverse_{k}": v for k, v in floor.items()}


def _numbers(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in found.items()
        if key not in _ABOUT and (value is None or isinstance(value, Real))
    }
