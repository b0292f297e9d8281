"""What the watch for collapse says of finished runs, as a Markdown table.

  python -m benchmarks.collapse_alarms runs/reproduce/*
  python -m benchmarks.collapse_alarms runs/reproduce/* --events

Runs that were watched are replayed from metrics.csv. Of others, which only have the log's numbers
and samples at every snapshot, modes lost, diversity and overlap are found in the snapshots, and
covered modes and losses in the log's rows.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgan.metrics import generator_overlap, generator_table, mode_counts
from kgan.metrics.collapse import COLUMNS, SINCE, CollapseEvent, replay
from kgan.metrics.collapse_rules import COVERED, UNCOVERED
from kgan.metrics.diversity import pairwise_distance
from kgan.training.live import FEW

# Methods whose `discriminator_loss` is a cross-entropy: runs without the column do not say.
_CROSS_ENTROPY = {"gan", "unrolledgan", "mgan", "mimgan", "madgan", "invertgan", "bigan", "veegan"}
_IN_ROWS = ("modes_missing", "loss")
_IN_SNAPSHOTS = ("modes_lost", "diversity", "overlap")


def events(run: Path) -> list[CollapseEvent]:
    """All events of a run directory."""
    with (run / "metrics.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if None not in row.values()]
    if any(name.startswith(SINCE) for name in rows[0]):
        return replay(rows).events
    config = json.loads((run / "config.json").read_text())
    with np.load(run / "samples" / "real.npz") as file:
        real = dict(file)
    kinds = [k for k in _IN_ROWS if k != "loss" or config["method"] in _CROSS_ENTROPY]
    if "means" in real:
        modes = len(real["means"])
        rows = [{**row, "modes": _counted(row, modes)} for row in rows]
    found = replay(rows, kinds).events + replay(_snapshots(run, real), _IN_SNAPSHOTS).events
    return sorted(found, key=lambda event: event.noticed)


def _counted(row: Mapping[str, str], modes: int) -> str:
    """As many modes as a row counted, whichever they were."""
    covered = int(row["modes_covered"])
    return COVERED * covered + UNCOVERED * (modes - covered)


def _snapshots(run: Path, real: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """The snapshots after step 0 as rows."""
    rows = []
    distance = pairwise_distance(_flat(real["samples"][:FEW])) or 1.0
    for path in sorted((run / "samples").glob("step_*.npz"))[1:]:
        with np.load(path) as file:
            samples = file["samples"]
            makers = file.get("generators")
        row: dict[str, Any] = {"step": path.stem.removeprefix("step_")}
        row["diversity"] = pairwise_distance(_flat(samples[:FEW])) / distance
        if "means" in real:
            near = mode_counts(samples, real["means"], real["std"]).near
            row["modes"] = "".join(np.where(near > 0, COVERED, UNCOVERED))
            if makers is not None:
                count = int(makers.max()) + 1
                table = generator_table(samples, makers, real["means"], real["std"], count)
                row["generator_overlap"] = generator_overlap(table)
        rows.append(row)
    return rows


def _flat(samples: np.ndarray) -> np.ndarray:
    return samples.reshape(len(samples), -1)


def table(runs: Sequence[Path]) -> str:
    """By method and data set: how many of its runs had each kind of event."""
    counts: dict[tuple[str, str], list[set[str]]] = defaultdict(list)
    for run in runs:
        config = json.loads((run / "config.json").read_text())
        counts[config["method"], config["dataset"]].append({e.kind for e in events(run)})
    lines = [f"| method | data | runs | {' | '.join(COLUMNS)} | without a warning |"]
    lines.append("| --- | --- |" + " ---: |" * (len(COLUMNS) + 2))
    for (method, dataset), found in sorted(counts.items()):
        numbers = [sum(kind in kinds for kinds in found) for kind in COLUMNS]
        cells = [len(found), *(n or "" for n in numbers), sum(not kinds for kinds in found)]
        lines.append(f"| {method} | {dataset} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, and the events where they are asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.collapse_alarms",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--events", action="store_true", help="each one in words")
    given = parser.parse_args()
    logged = [run for run in given.runs if (run / "metrics.csv").exists()]
    print(table(logged))
    for run in logged if given.events else ():
        for event in events(run):
            print(f"{run.name}: {event.what}, {event.when} (noticed at step {event.noticed:,})")


if __name__ == "__main__":
    main()
