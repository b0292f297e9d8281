"""The scores of groups of runs against the first group's, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kgan.metrics import words
from kgan.metrics.paired import MOST_SEEDS, PairedDifference, paired_difference
from kgan.reporting.groups import Group, seed


@dataclass(frozen=True)
class DifferenceCell:
    """A group's score less the first group's.

    Attributes:
        mean: with its sign; a dash without two common seeds.
        interval: "0.3 to 2.1".
        note: of how many seeds, and how many are needed.
        shown: whether the interval leaves 0 out.
    """

    mean: str
    interval: str = ""
    note: str = ""
    shown: bool = False


@dataclass(frozen=True)
class DifferenceRow:
    """A score, and its difference for each group but the first."""

    label: str
    better: str
    cells: Sequence[DifferenceCell]


def difference_table(groups: Sequence[Group]) -> list[DifferenceRow]:
    """A row for every score that two groups have on two common seeds; [] without any."""
    if len(groups) < 2:
        return []
    evaluations = [_by_seed(group) for group in groups]
    keys = dict.fromkeys(key for by in evaluations for told in by.values() for key in told)
    rows = []
    for key in words.shown(keys):
        score = words.find(key)
        if not score.averaged:
            continue
        values = [_values(by, key) for by in evaluations]
        found = [paired_difference(own, values[0]) for own in values[1:]]
        if any(found):
            cells = [difference_cell(one, percent=score.percent) for one in found]
            rows.append(DifferenceRow(score.label, words.BETTER[score.better], cells))
    return rows


def difference_cell(found: PairedDifference | None, *, percent: bool = False) -> DifferenceCell:
    """A difference in words; that of fractions in points of percent."""
    if found is None:
        return DifferenceCell("\N{EN DASH}")
    scale = 100 if percent else 1
    mean, low, high = (_number(scale * value) for value in found[:3])
    needed = f"over {MOST_SEEDS:,}" if found.needed is None else str(found.needed)
    return DifferenceCell(
        f"+{mean}" if found.mean > 0 else mean,
        f"{low} to {high}",
        f"{found.seeds} seeds; {needed} needed",
        found.shown,
    )


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1_000 else f"{value:,.0f}"


def _by_seed(group: Group) -> dict[Any, Mapping[str, Any]]:
    return {seed(run): run.evaluation for run in group.runs if run.evaluation is not None}


def _values(evaluations: Mapping[Any, Mapping[str, Any]], key: str) -> dict[Any, float]:
    """By seed, and by the feature network: scores in two networks have no difference."""
    return {
        (number, told.get("feature_network")): float(told[key])
        for number, told in evaluations.items()
        if words.is_number(told.get(key)) and math.isfinite(told[key])
    }
