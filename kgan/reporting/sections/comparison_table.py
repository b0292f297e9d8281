"""The scores of groups of runs side by side, with their noise."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from kgan.metrics import Repeated, formatting, words
from kgan.reporting.groups import Group

_LEVEL = 0.05
# Of the runs themselves: not better or worse, but worth knowing.
_COSTS = ("wall_seconds", "steps_per_second", "peak_rss_mb")


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
    """A score of every group; `better` says in words what is good; `real` is what real data has."""

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
        keys = dict.fromkeys(key for evaluation in alike for key in words.shown(evaluation))
        for key in words.shown(keys):
            if not words.find(key).averaged:
                continue
            row = _row(key, groups, told_by)
            named = len(networks) == 1 or str(network) in row.label
            label = row.label if named else f"{row.label} ({network})"
            rows.append(dataclasses.replace(row, label=label))
    return rows + [_cost_row(key, groups) for key in _COSTS if any(key in e for e in told)]


def best_groups(
    values: Sequence[Sequence[float]], better: str, real: float = math.nan
) -> list[bool]:
    """Which groups are better than all others by more than the noise between seeds.

    The group with the best mean is, if its difference to every other group is significant at 5%:
    by Welch's t-test where both have several seeds, by Student's where one has a single run, which
    then has the noise of the other. Groups of the same mean share the place. Two single runs cannot
    be told apart.

    Args:
        values: the finite scores of each group, any number of them.
        better: "higher", "lower", "real" for nearest to `real`, or "" for scores without a
            direction.
        real: what real data has; without it nothing is nearest to it.

    Returns:
        One for each group.
    """
    present = [index for index, some in enumerate(values) if len(some)]
    marks = [False] * len(values)
    if not better or len(present) < 2 or (better == "real" and math.isnan(real)):
        return marks
    if better == "real":
        values = [_mirrored(some, real) for some in values]
        better = "higher"
    sign = 1 if better == "higher" else -1
    means = {index: sign * float(np.mean(values[index])) for index in present}
    leaders = [index for index in present if means[index] == max(means.values())]
    others = [index for index in present if index not in leaders]
    if others and all(_apart(values[i], values[j]) for i in leaders for j in others):
        for index in leaders:
            marks[index] = True
    return marks


def _measured_by(network: Any, group: Group) -> list[Mapping[str, Any]]:
    return [some for some in group.evaluations if some.get("feature_network") == network]


def _row(
    key: str, groups: Sequence[Group], told_by: Sequence[Sequence[Mapping[str, Any]]]
) -> ScoreRow:
    told = [evaluation for some in told_by for evaluation in some]
    score = words.find(key, next(e for e in told if key in e))
    found = [Repeated.of(evaluation.get(key) for evaluation in some) for some in told_by]
    real = _real(score, told)
    marks = best_groups([repeated.numbers for repeated in found], score.better, real.mean)
    cells = []
    for group, repeated, mark in zip(groups, found, marks, strict=True):
        count = len(repeated.numbers)
        if count:
            note = f"{count} of {len(group.runs)} runs" if count < len(group.runs) else ""
            cells.append(_cell(score, repeated, mark, note))
        else:  # A score that is not finite is not one that is missing.
            broken = (value for value in repeated.values if value is not None)
            cells.append(Cell(formatting.number(next(broken, None))))
    title = score.title(told[0])
    return ScoreRow(title, words.BETTER[score.better], cells, _cell(score, real))


def _cell(score: words.Score, found: Repeated, best: bool = False, note: str = "") -> Cell:
    shown = formatting.mean_and_std(found.mean, found.std, percent=score.percent)
    return Cell(*shown, best, note)


def _real(score: words.Score, told: Sequence[Mapping[str, Any]]) -> Repeated:
    """The score of real data, each draw of it counted once; none of those that a model decides."""
    draws = {}
    for evaluation in told:
        real = evaluation.get("real")
        if isinstance(real, Mapping) and score.key in real and not score.by_model:
            draws[str(evaluation.get("seed")), str(evaluation.get("samples"))] = real[score.key]
    return Repeated.of(draws.values())


def _cost_row(key: str, groups: Sequence[Group]) -> ScoreRow:
    found = [Repeated.of(e.get(key) for e in group.evaluations).mean for group in groups]
    cells = [Cell(formatting.mean_and_std(mean, math.nan)[0]) for mean in found]
    return ScoreRow(words.find(key).label, "", cells, Cell(formatting.NOTHING))


def _mirrored(values: Sequence[float], real: float) -> Sequence[float]:
    """As far from `real` as they are, but on its lower side with their mean."""
    beyond = len(values) > 0 and float(np.mean(values)) > real
    return [2 * real - value for value in values] if beyond else values


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
