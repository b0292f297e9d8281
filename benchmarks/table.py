"""Evaluations of several runs as a Markdown table.

python -m benchmarks.table runs/mdgan-grid-seed* > docs/results/mdgan_grid.md
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.metrics import Repeated

COLUMNS = (
    "method",
    "dataset",
    "components",
    "likelihood",
    "seed",
    "steps",
    "modes_covered",
    "modes_strict",
    "high_quality",
    "reverse_kl_nearest",
    "frechet_distance",
    "classifier_score",
    "classes_covered",
    "wall_seconds",
    "steps_per_second",
    "peak_rss_mb",
)


def read_run(directory: Path) -> dict[str, Any]:
    """A run's flags and scores in one dictionary."""
    flags = json.loads((directory / "config.json").read_text())["flags"]
    return {**flags, **json.loads((directory / "evaluation.json").read_text())}


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Markdown with the columns that any row has; a last row with mean and std over the runs."""
    columns = [c for c in COLUMNS if any(row.get(c) is not None for row in rows)]
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(_cell(row.get(c)) for c in columns) + " |" for row in rows]
    if len(rows) > 1:
        lines.append("| " + " | ".join(_summary(rows, c) for c in columns) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _summary(rows: Sequence[Mapping[str, Any]], column: str) -> str:
    values = [row.get(column) for row in rows]
    if column in ("seed", "steps", "components") or not all(
        isinstance(v, int | float) for v in values
    ):
        return "mean ± std" if column == "method" else ""
    return Repeated.of(values).text()


if __name__ == "__main__":
    evaluated = [Path(d) for d in sys.argv[1:] if Path(d, "evaluation.json").exists()]
    print(table([read_run(directory) for directory in evaluated]))
    for name in sorted(set(sys.argv[1:]) - {str(d) for d in evaluated}):
        print(f"{name}: not evaluated", file=sys.stderr)
