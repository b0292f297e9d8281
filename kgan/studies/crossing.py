"""Tables whose rows are each of some things with each of others: the one down, the other across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kgan.metrics.formatting import NOTHING
from kgan.studies.results import Outcome
from kgan.studies.table import Column, Grid, Table

_RATIO = "worst / best"


def crossed(table: Table, outcomes: Sequence[Outcome]) -> list[Grid]:
    """One for each of the table's columns that `Table.crossed` names; none without results."""
    columns = [column for column in table.columns if column.key in table.crossed]
    return [_crossed(column, outcomes) for column in columns]


def _crossed(column: Column, outcomes: Sequence[Outcome]) -> Grid:
    cells = {o.row.crossed: o.scores(column) for o in outcomes if o.row.crossed}
    down = list(dict.fromkeys(first for first, _ in cells))
    across = list(dict.fromkeys(second for _, second in cells))
    means = {place: found.mean for place, found in cells.items() if found.numbers}

    def text(first: str, second: str) -> str:
        found = cells.get((first, second))
        return NOTHING if found is None else found.text(column.decimals)

    body = [
        [first, *(text(first, n) for n in across), _ratio([(first, n) for n in across], means)]
        for first in down
    ]
    body.append([_RATIO, *(_ratio([(n, second) for n in down], means) for second in across), ""])
    return Grid(["", *across, _RATIO], body, column.label, words=1)


def _ratio(places: Sequence[tuple[str, str]], means: Mapping[tuple[str, str], float]) -> str:
    """The largest mean by the smallest, where all are there."""
    found = [means[place] for place in places if place in means]
    if len(found) < max(len(places), 2) or min(found) <= 0:
        return NOTHING
    return f"{max(found) / min(found):.2f}"
