"""Scores of several evaluations, such as one for each seed: their mean, and their noise."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kgan.metrics import formatting, words


class Repeated(NamedTuple):
    """A score over several seeds.

    Attributes:
        values: one for each seed; None, or not finite, where there is no such score.
        mean: of those that are finite numbers; NaN without any.
        std: their standard deviation, with n - 1; NaN of fewer than 2.
    """

    values: tuple[Any, ...]
    mean: float
    std: float

    @classmethod
    def of(cls, values: Iterable[Any]) -> Repeated:
        """Mean and deviation of values."""
        values = tuple(values)
        numbers = _finite(values)
        mean = statistics.fmean(numbers) if numbers else math.nan
        return cls(values, mean, statistics.stdev(numbers) if len(numbers) > 1 else math.nan)

    @property
    def numbers(self) -> list[float]:
        """The values that are finite numbers."""
        return _finite(self.values)

    @property
    def missing(self) -> int:
        """How many values are no finite numbers."""
        return len(self.values) - len(self.numbers)

    def text(self, decimals: int | None = None, *, percent: bool = False) -> str:
        """Mean ± deviation, and of how many seeds where some have no number.

        Args:
            decimals: by default as many as the deviation tells.
            percent: whether the values are fractions, to be written in percent.
        """
        parts = formatting.mean_and_std(self.mean, self.std, percent=percent, decimals=decimals)
        shown, known = " ".join(parts).rstrip(), len(self.numbers)
        return f"{shown} (of {known} seed{'s' * (known != 1)})" if known and self.missing else shown


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
        By the score's key; those of an inverse begin with `inverse_`, and have those of a true
        draw of N(0, I) for real ones.
    """
    flat = [_flat(found) for found in evaluations]
    scores = {}
    for key in flat[0][0]:
        made = Repeated.of(of_samples.get(key) for of_samples, _ in flat)
        real = [of_real[key] for _, of_real in flat if key in of_real]
        scores[key] = RepeatedScore(made, Repeated.of(real) if len(real) == len(flat) else None)
    return scores


def _flat(found: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The numbers of the samples, and those of real data."""
    inverse = found.get("inverse") or {}
    made = _numbers(found) | _numbers(inverse, "inverse_")
    return made, _numbers(found.get("real") or {}) | _numbers(
        inverse.get("floor") or {}, "inverse_"
    )


def _numbers(found: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    return {prefix + key: found[key] for key in words.shown(found)}


def _finite(values: Iterable[Any]) -> list[float]:
    return [float(v) for v in values if words.is_number(v) and math.isfinite(v)]
