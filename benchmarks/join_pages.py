"""The rows of several pages of docs/results/ as one Markdown table for each bench, and a picture.

  python -m benchmarks.join_pages --by=Wasserstein --picture=docs/images/leaderboard.png \\
      ring=docs/results/critics_ring.md,docs/results/bench_ring.md grid=docs/results/bench_grid.md

A bench is computed in parts, by methods and by days. This puts the parts side by side: columns that
all pages of a bench have, rows in the order of one of them, and the page that each row is of. A
method that several pages have is taken from the first. The picture has the modes covered, of those
that real data cover, and the quality.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kgan.files import replacing
from kgan.studies import leaderboard_figure

_REAL = "real data"
_METHOD, _DATA, _PAGE = "method", "data", "page"
_OF_A_MACHINE = ("steps/s", "training time")  # Pages are of several.
_MODES, _QUALITY = "modes", "within 3 std, %"
Rows = Mapping[str, Mapping[str, str]]


def rows(page: Path) -> list[dict[str, str]]:
    """Those of the page's first table, cell by heading.

    Raises:
        SystemExit: if it has none with a method and its data.
    """
    lines = page.read_text().splitlines()
    begins = itertools.dropwhile(lambda line: not line.startswith("|"), lines)
    found = itertools.takewhile(lambda line: line.startswith("|"), begins)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in found]
    if not cells or cells[0][:2] != [_METHOD, _DATA]:
        raise SystemExit(f"{page} has no table of methods on data.")
    header, link = cells[0], f"[{page.stem}]({page.name})"
    return [{**dict(zip(header, line, strict=True)), _PAGE: link} for line in cells[2:]]


def joined(pages: Sequence[Path], by: str) -> Rows:
    """By method the row of the first page that has it; real data come last.

    Args:
        pages: files of `apps.bench` or `apps.reproduce`, of the same data.
        by: heading of the column that orders the rows, least first.

    Raises:
        SystemExit: if the pages are of several data sets, or have no such column.
    """
    body = [row for page in pages for row in rows(page)]
    data = sorted({row[_DATA] for row in body})
    if len(data) != 1:
        raise SystemExit(f"One bench is of one data set. Received: {', '.join(data)}")
    if not all(by in row for row in body):
        raise SystemExit(f"--by must be a column of all pages. Received: {by}")
    found: dict[str, dict[str, str]] = {}
    for row in body:
        found.setdefault(row[_METHOD], row)
    order = sorted(found, key=lambda label: (label == _REAL, number(found[label].get(by, ""))))
    return {label: found[label] for label in order}


def table(found: Rows) -> str:
    """Markdown, with the columns that all rows have."""
    first, *others = found.values()
    unwanted = {_DATA, *_OF_A_MACHINE}
    header = [name for name in first if name not in unwanted and all(name in o for o in others)]
    lines = [header, ["---", *["---:"] * (len(header) - 2), "---"]]
    lines += [[row[name] for name in header] for row in found.values()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(text: str) -> float:
    """The mean of a cell such as `0.12 ± 0.03`; infinite for none."""
    match = re.match(r"-?[\d,]*\.?\d+", text)
    return float(match.group().replace(",", "")) if match else math.inf


def picture(benches: Mapping[str, Rows]) -> bytes:
    """Methods by benches as a PNG file, by the mean of both panels over the benches of most."""
    found: dict[str, list[list[float]]] = {}
    for across, of_bench in enumerate(benches.values()):
        total = number(of_bench[_REAL][_MODES])
        for label, row in of_bench.items():
            if label != _REAL:
                cells = found.setdefault(label, [[math.nan] * len(benches) for _ in range(2)])
                shares = number(row[_MODES]) / total, number(row[_QUALITY]) / 100
                for cell, share in zip(cells, shares, strict=True):
                    cell[across] = share if math.isfinite(share) else math.nan
    known = np.isfinite([cells[0] for cells in found.values()]).sum(axis=0)
    whole = np.flatnonzero(known == known.max())
    order = sorted(found, key=lambda label: -np.nan_to_num(found[label])[:, whole].mean())
    values = np.array([found[label] for label in order])
    panels = {"Modes covered, % of all": values[:, 0], "Quality, % of the samples": values[:, 1]}
    return leaderboard_figure.heat(order, list(benches), panels)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--by", default="Wasserstein")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("benches", nargs="+", metavar="BENCH=PAGE[,PAGE...]")
    options = parser.parse_args()
    benches = {}
    for given in options.benches:
        name, _, pages = given.partition("=")
        if not pages:
            raise SystemExit(f"Give BENCH=PAGE[,PAGE...]. Received: {given}")
        benches[name] = joined([Path(page) for page in pages.split(",")], options.by)
        print(f"## {name}\n\n{table(benches[name])}\n")
    if options.picture:
        with replacing(options.picture) as temporary:
            temporary.write_bytes(picture(benches))


if __name__ == "__main__":
    main()
