"""What the pages of results say of a method on points, for README and the methods' pages."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parents[1] / "docs" / "results"
MODES = {"ring": 8, "grid": 25}
_COLUMNS = ("modes", "modes with 1% of the samples", "within 3 std, %", "seeds")


class Row(NamedTuple):
    """Of a method on a data set: as the page has it, with the page's name."""

    modes: str
    strict: str
    quality: str
    seeds: str
    page: str


def row(title: str, data: str) -> Row | None:
    """The row of the most seeds, of the bench before those of critics; None without any."""
    found = [
        Row(*cells, page)
        for page in (f"bench_{data}", f"critics_{data}")
        for method, cells in _rows(page)
        if method == title
    ]
    return max(found, key=lambda each: int(each.seeds.split()[0]), default=None)


@functools.cache
def _rows(page: str) -> list[tuple[str, list[str]]]:
    """The methods' rows of a page's first table that has all the columns."""
    tables: list[list[list[str]]] = [[]]
    for line in (RESULTS / f"{page}.md").read_text().splitlines():
        if line.startswith("|"):
            tables[-1].append([cell.strip(" *") for cell in line.strip("|").split("|")])
        elif tables[-1]:
            tables.append([])
    for table in tables:
        if table and set(_COLUMNS) <= set(table[0]):
            places = [table[0].index(column) for column in _COLUMNS]
            return [(cells[0], [cells[place] for place in places]) for cells in table[2:]]
    return []
