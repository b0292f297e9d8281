"""The scores of groups of runs side by side, with their noise."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from scipy import stats

from kgan.reporting.run_groups import Group
from kgan.reporting.sections import scores

_LEVEL = 0.05
_DECIMALS = 5
_NO_MEAN = {"balance_p_value"}
_PERCENT = "high_quality"  # And what ends with it.
_BY_MODEL = "embedding_"  # Real data have as many of these as there are discriminators.
# Of the runs themselves: not better or worse, but worth knowing.
_COSTS = ("wall_seconds", "steps_per_second", "peak_rss_mb")
_COST_NAMES = {"wall_seconds": "Training time (s)", "peak_rss_mb": "Peak memory (MB)"}


@dataclass(frozen=True)
class Cell:
    """A score of a group, or of real data.

    Attributes:
        mean: over its seeds; the value of a single run.
        std: "± 0.4", "" for a single run.
        best: whether it is the best beyond noise.
        note: how many runs have the score, where not all do.
    """

    mean: str
    std: str = ""
    best: bool = False
    note: str = ""


@dataclass(frozen=True)
class ScoreRow:
    """A score of every group; `better` is "", "higher" or "lower"; `real` is what real data has."""

    label: str
    better: str
    cells: Sequence[Cell]
    real: Cell


def score_table(groups: Sequence[Group]) -> list[ScoreRow]:
    """A row for every score that a run was given, and for what the runs cost; [] without any."""
    told = [evaluation for group in groups for evaluation in group.evaluations]
    if not told:
        return []
    networks = list(dict.fromkeys(evaluation.get("feature_network") for evaluation in told))
    rows = []
    for network in networks:
        # Scores in the features of different networks say nothing about each other.
        told_by = [_measured_by(network, group) for group in groups]
        alike = [evaluation for some in told_by for evaluation in some]
        keys = dict.fromkeys(key for evaluation in alike for key in scores.score_keys(evaluation))
        for key in scores.score_keys(dict.fromkeys(keys.keys() - _NO_MEAN, 0.0)):
            row = _row(key, groups, told_by)
            named = len(networks) == 1 or str(network) in row.label
            label = row.label if named else f"{row.label} ({network})"
            rows.append(dataclasses.replace(row, label=label))
    return rows + [_cost_row(key, groups) for key in _COSTS if any(key in e for e in told)]


def best_groups(values: Sequence[Sequence[float]], better: str) -> list[bool]:
    """Which groups are better than all others by more than the noise between seeds.

    The group with the best mean is, if its difference to every other group is significant at 5%:
    by Welch's t-test where both have several seeds, by Student's where one has a single run, which
    then has the noise of the other. Groups of the same mean share the place. Two single runs cannot
    be told apart.

    Args:
        values: the finite scores of each group, any number of them.
        better: "higher", "lower", or "" for scores without a direction.

    Returns:
        One for each group.
    """
    present = [index for index, some in enumerate(values) if len(some)]
    marks = [False] * len(values)
    if not better or len(present) < 2:
        return marks
    sign = 1 if better == "higher" else -1
    means = {index: sign * float(np.mean(values[index])) for index in present}
    leaders = [index for index in present if means[index] == max(means.values())]
    others = [index for index in present if index not in leaders]
    if others and all(_apart(values[i], values[j]) for i in leaders for j in others):
        for index in leaders:
            marks[index] = True
    return marks


def mean_and_std(values: Sequence[float], *, percent: bool = False) -> tuple[str, str]:
    """Numbers as "12.3" and "± 0.4" (n - 1, two digits); one number alone has "" for the std."""
    scale, unit = (100.0, "%") if percent else (1.0, "")
    mean = scale * float(np.mean(values))
    std = scale * float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    if std <= 1e-9 * abs(mean):
        single = f"{mean:.1f}" if percent else scores.format_number(mean)
        return f"{single}{unit}", "± 0" if len(values) > 1 else ""
    decimals = max(0, 1 - math.floor(math.log10(std)))
    if percent:
        decimals = min(decimals, 2)
    if decimals > _DECIMALS:
        return f"{mean:.3g}{unit}", f"± {std:.2g}"
    return f"{mean:,.{decimals}f}{unit}", f"± {std:,.{decimals}f}"


def _measured_by(network: Any, group: Group) -> list[Mapping[str, Any]]:
    return [some for some in group.evaluations if some.get("feature_network") == network]


def _row(
    key: str, groups: Sequence[Group], told_by: Sequence[Sequence[Mapping[str, Any]]]
) -> ScoreRow:
    told = [evaluation for some in told_by for evaluation in some]
    label, better = scores.score_label(key, next(e for e in told if key in e))
    values = [_finite(evaluation.get(key) for evaluation in some) for some in told_by]
    marks = best_groups(values, better)
    cells = []
    for group, some, numbers, mark in zip(groups, told_by, values, marks, strict=True):
        # A score that is not finite is not one that is missing.
        broken = [evaluation[key] for evaluation in some if key in evaluation]
        text = scores.format_number(broken[0]) if broken else scores.NOTHING
        texts = mean_and_std(numbers, percent=key.endswith(_PERCENT)) if numbers else (text, "")
        few = 0 < len(numbers) < len(group.runs)
        note = f"{len(numbers)} of {len(group.runs)} runs" if few else ""
        cells.append(Cell(*texts, mark, note))
    return ScoreRow(label, better, cells, _real(key, told))


def _real(key: str, told: Sequence[Mapping[str, Any]]) -> Cell:
    """The score of real data, each draw of it counted once; none of those that a model decides."""
    if key.startswith(_BY_MODEL):
        return Cell(scores.NOTHING)
    draws = {}
    for evaluation in told:
        real = evaluation.get("real")
        if isinstance(real, Mapping) and key in real:
            draws[str(evaluation.get("seed")), str(evaluation.get("samples"))] = real[key]
    values = _finite(draws.values())
    return (
        Cell(*mean_and_std(values, percent=key.endswith(_PERCENT)))
        if values
        else Cell(scores.NOTHING)
    )


def _cost_row(key: str, groups: Sequence[Group]) -> ScoreRow:
    cells = []
    for group in groups:
        values = _finite(evaluation.get(key) for evaluation in group.evaluations)
        cells.append(Cell(f"{np.mean(values):,.4g}" if values else scores.NOTHING))
    return ScoreRow(_COST_NAMES.get(key, scores.words(key)), "", cells, Cell(scores.NOTHING))


def _finite(values: Iterable[Any]) -> list[float]:
    return [
        float(value)
        for value in values
        if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(float(value))
    ]


def _apart(first: Sequence[float], second: Sequence[float]) -> bool:
    """Whether the means differ significantly."""
    if len(first) + len(second) < 3:
        return False
    if max(np.ptp(first), np.ptp(second)) == 0:
        return bool(np.mean(first) != np.mean(second))
    both = len(first) > 1 and len(second) > 1
    moments = [
        (np.mean(some), np.std(some, ddof=1) if len(some) > 1 else 0.0, len(some))
        for some in (first, second)
    ]
    test = stats.ttest_ind_from_stats(*moments[0], *moments[1], equal_var=not both)
    return bool(test.pvalue < _LEVEL)
