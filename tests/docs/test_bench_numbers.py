"""The numbers of the bench's summary are those of the pages that its columns link to.

Those of README and of the methods' pages are read off these pages: test_catalog.py.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def rows(text):
    """The table rows of a Markdown text, as lists of cells."""
    return [
        [cell.strip(" *") for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


def numbers(cell):
    """`["24.4", "0.9"]` of "24.4 ± 0.9"; "1" and "1.0" are the same."""
    return [
        f"{float(number):.1f}" for number in re.findall(r"\d+(?:\.\d+)?", cell.replace(",", ""))
    ]


def test_the_measured_numbers():
    text = (ROOT / "docs" / "bench.md").read_text()
    table = rows(text.partition("## Seven methods beside each other")[2])
    header, _, *methods = table
    pages = [re.findall(r"\(([^)]+\.md)\)", cell) for cell in header]
    assert len(methods) > 5
    for name, *cells in methods:
        for cell, linked in zip(cells, pages[1:], strict=True):
            of_method = [
                numbers(other)
                for page in linked or ["results/leaderboard.md"]
                for method, *others in rows((ROOT / "docs" / page).read_text())
                if method == name
                for other in others
            ]
            assert numbers(cell) in of_method, (name, cell)
