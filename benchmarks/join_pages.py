"""The rows of several pages of docs/results/ as one Markdown table for each data set.

  python -m benchmarks.join_pages --by=Wasserstein docs/results/critics_ring.md \
      docs/results/bench_ring.md

A bench is computed in parts, by methods and by days. This puts the parts side by side: columns that
all pages of a data set have, rows in the order of one of them, and the page that each row is of. A
method that several pages have is taken from the first.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

_REAL = "real data"
_METHOD, _DATA, _PAGE = "method", "data", "page"


def rows(page: Path) -> list[dict[str, str]]:
    """Those of the page's first table, cell by heading.

    Raises:
        SystemExit: if it has none with a method and its data.
    """
    lines = [line for line in page.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    if not cells or cells[0][:2] != [_METHOD, _DATA]:
        raise SystemExit(f"{page} has no table of methods on data.")
    header = cells[0]
    body = [line for line in cells[2:] if len(line) == len(header)]
    return [
        {**dict(zip(header, line, strict=True)), _PAGE: f"[{page.stem}]({page.name})"}
        for line in body
    ]


def joined(pages: Sequence[Path], by: str) -> dict[str, str]:
    """By data set, a table; real data are its last row.

    Args:
        pages: files of `apps.bench` or `apps.reproduce`.
        by: heading of the column that orders the rows, least first.
    """
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    headers: dict[str, list[str]] = {}
    for page in pages:
        for row in rows(page):
            found.setdefault(row[_DATA], {}).setdefault(row[_METHOD], row)
            known = headers.setdefault(row[_DATA], list(row))
            headers[row[_DATA]] = [name for name in known if name in row]
    return {
        data: _table([name for name in headers[data] if name != _DATA], list(own.values()), by)
        for data, own in found.items()
    }


def _table(header: Sequence[str], body: Sequence[Mapping[str, str]], by: str) -> str:
    ordered = sorted(body, key=lambda row: (row[_METHOD] == _REAL, _number(row.get(by, ""))))
    lines = [header, ["---", *["---:"] * (len(header) - 2), "---"]]
    lines += [[row[name] for name in header] for row in ordered]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(text: str) -> float:
    """The mean of a cell such as `0.12 ± 0.03`; infinite for none."""
    match = re.match(r"-?[\d,]*\.?\d+", text)
    return float(match.group().replace(",", "")) if match else math.inf


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--by", default="Wasserstein")
    parser.add_argument("pages", nargs="+", type=Path)
    options = parser.parse_args()
    for data, table in joined(options.pages, options.by).items():
        print(f"## {data}\n\n{table}\n")


if __name__ == "__main__":
    main()
