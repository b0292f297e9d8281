"""Imports point down the list of packages in ARCHITECTURE.md, wherever in a file they stand."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TREE = (ROOT / "ARCHITECTURE.md").read_text().partition("## The walk of a batch")[0]


def ranks():
    """By package, its line in the tree, from above."""
    lines = [line for line in TREE.splitlines() if line.startswith("| `")]
    names = [re.findall(r"`(?:kgan/)?(\w+)(?:/|\.py)`", line.split("|")[1]) for line in lines]
    return {name: rank for rank, several in enumerate(names) for name in several}


def imported(path):
    """The packages of kgan, and modules beside them, that a file imports by name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "kgan":
            below = node.module.split(".")[1:2]
            yield from below or (alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            parts = [alias.name.split(".") for alias in node.names]
            yield from (names[1] for names in parts if names[0] == "kgan" and names[1:])


RANKS = ranks()


@pytest.mark.parametrize("name", RANKS)
def test_nothing_imports_what_stands_above_it(name):
    files = [*ROOT.glob(f"kgan/{name}.py"), *ROOT.glob(f"kgan/{name}/**/*.py")]
    wrong = {
        (str(path.relative_to(ROOT)), other)
        for path in files
        for other in imported(path)
        if RANKS.get(other, RANKS[name]) < RANKS[name]
    }
    assert files or name == "apps"
    assert wrong == set()
