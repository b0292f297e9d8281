"""What the watch for collapse said of finished runs, and how they ended, as Markdown tables.

  python -m benchmarks.collapse_alarms runs/reproduce/*
  python -m benchmarks.collapse_alarms runs/reproduce/* --events

The first table counts events by method and data set. The second has each run that was evaluated
by known modes: whether a warning went on at its end, had passed, or was never there, and whether
its samples then covered all modes. A run that diverged is not in it: it has no evaluation.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import timing
from kgan.metrics.collapse import COLUMNS, CollapseEvent, replay

GOES_ON, PASSED, NONE = "goes on", "has passed", "none"
# By outcome, the count that then is that of all modes; the first that fits.
_OUTCOMES = {
    "all modes, each with 1% of the samples or more": "modes_strict",
    "all modes, some with less": "modes_covered",
}
_LOST = "modes lost"


def events(run: Path) -> list[CollapseEvent]:
    """All events of a run directory."""
    with (run / "metrics.csv").open(newline="") as file:
        return replay(csv.DictReader(file)).events


def by_method(runs: Mapping[Path, Sequence[CollapseEvent]]) -> str:
    """How many runs of each method and data set had each kind of event."""
    counts: dict[tuple[str, str], list[set[str]]] = {}
    for run, found in runs.items():
        config = json.loads((run / "config.json").read_text())
        weight = config.get("flags", {}).get("smallest_weight")
        data = config["dataset"] if weight is None else f"{config['dataset']}, rarest {weight}"
        key = config["method"], data
        counts.setdefault(key, []).append({event.kind for event in found})
    kinds = [kind for kind in COLUMNS if any(kind in of for all_ in counts.values() for of in all_)]
    lines = [f"| {' | '.join(['method', 'data', 'runs', *kinds, 'without a warning'])} |"]
    lines.append("| --- | --- |" + " ---: |" * (len(kinds) + 2))
    for (method, dataset), found in sorted(counts.items()):
        numbers = [sum(kind in of for of in found) for kind in kinds]
        cells = [len(found), *(n or "" for n in numbers), sum(not of for of in found)]
        lines.append(f"| {method} | {dataset} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def by_outcome(runs: Mapping[Path, Sequence[CollapseEvent]]) -> str:
    """How many runs ended how, by what the watch had said."""
    counts: Counter[tuple[str, str]] = Counter()
    for run, found in runs.items():
        path = run / "evaluation.json"
        evaluation = json.loads(path.read_text()) if path.exists() else {}
        if "modes_total" in evaluation:
            counts[_outcome(evaluation), _said(found)] += 1
    said = (GOES_ON, PASSED, NONE)
    lines = [f"| at the end | runs | {' | '.join(f'warning: {words}' for words in said)} |"]
    lines.append("| --- |" + " ---: |" * (1 + len(said)))
    for outcome in (*_OUTCOMES, _LOST):
        numbers = [counts[outcome, words] for words in said]
        lines.append(f"| {outcome} | {sum(numbers)} | {' | '.join(map(str, numbers))} |")
    return "\n".join(lines)


def _outcome(evaluation: Mapping[str, Any]) -> str:
    for outcome, count in _OUTCOMES.items():
        if evaluation[count] == evaluation["modes_total"]:
            return outcome
    return _LOST


def _said(found: Sequence[CollapseEvent]) -> str:
    if not found:
        return NONE
    return GOES_ON if any(event.recovered is None for event in found) else PASSED


def main() -> None:
    """Print the tables, and the events where they are asked for."""
    parser = timing.parser("collapse_alarms", __doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--events", action="store_true", help="each one in words")
    given = parser.parse_args()
    found = {run: events(run) for run in given.runs if (run / "metrics.csv").exists()}
    if not found:
        parser.error(f"none of these has a metrics.csv: {', '.join(map(str, given.runs))}")
    print(f"{by_method(found)}\n\n{by_outcome(found)}")
    for run in found if given.events else ():
        for event in found[run]:
            print(f"{run.name}: {event.what}, {event.when} (noticed at step {event.noticed:,})")


if __name__ == "__main__":
    main()
