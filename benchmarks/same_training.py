"""Whether methods still learn what they learnt: the first steps of a bench under two revisions.

  python -m benchmarks.same_training --revision=9f71cb9 --bench=grid --methods=gan,wgan_gp

A page of docs/results/ is of the revision that it names. Where a run of today has the same losses,
to the last bit, as the same command had there, its first steps are what they were. Compared are the
rows of metrics.csv, means over the steps between two of them; scores are not, nor later steps, nor
what another processor makes of either revision. Needs git and its history; the other revision is
checked out in a temporary folder.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kgan.studies import bench
from kgan.studies.runs import Run, plan

_ROOT = Path(__file__).parents[1]
SAME = "the same bits"


def difference(one: Path, other: Path) -> str:
    """What two logs of losses say of each other: `SAME`, or the first row that differs."""
    tables = []
    for path in (one, other):
        with path.open(newline="") as file:
            tables.append(list(csv.DictReader(file)))
    losses = [[name for name in rows[0] if name.endswith("_loss")] for rows in tables]
    if losses[0] != losses[1]:
        return f"other losses: {', '.join(losses[0])} and {', '.join(losses[1])}"
    steps = [[row["step"] for row in rows] for rows in tables]
    if steps[0] != steps[1]:
        return f"rows of other steps: {steps[0][0]}, ... and {steps[1][0]}, ..."
    for rows in zip(*tables, strict=True):
        values = [[row[name] for name in losses[0]] for row in rows]
        if values[0] != values[1]:
            return f"another loss at step {rows[0]['step']}"
    return SAME


def compare(runs: Sequence[Run], revision: str, folder: Path) -> dict[str, str]:
    """By the label of a run's row, what its training here and at `revision` say of each other."""
    there = folder / "there"
    _git("worktree", "add", "--quiet", "--detach", str(there), revision)
    try:
        found = {}
        for run in runs:
            logs = [_train(run, root, folder) for root in (_ROOT, there)]
            wrong = [log for log in logs if isinstance(log, str)]
            found[run.row.label] = wrong[0] if wrong else difference(*logs)
            print(f"{run.row.label} on {run.row.dataset}: {found[run.row.label]}", flush=True)
        return found
    finally:
        _git("worktree", "remove", "--force", str(there))


def _train(run: Run, root: Path, folder: Path) -> Path | str:
    """The log of losses, or why there is none."""
    directory = folder / f"{run.directory.name}-{root.name}"
    given = [word for word in run.arguments if not word.startswith("--output_dir=")]
    done = subprocess.run(
        [sys.executable, "-m", *given, "--noevaluate", f"--output_dir={directory}"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        return f"failed in {root.name}: {told[0]}"
    return directory / "metrics.csv"


def _git(*arguments: str) -> None:
    subprocess.run(["git", "-C", str(_ROOT), *arguments], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--revision", required=True)
    parser.add_argument("--bench", default="grid", choices=bench.BENCHES)
    parser.add_argument("--methods", help="Default: all.")
    parser.add_argument("--steps", type=int, default=250)
    options = parser.parse_args()
    table = bench.find(options.bench, options.methods.split(",") if options.methods else None)
    with tempfile.TemporaryDirectory(prefix="kgan-same-") as folder:
        runs = plan(
            table, seeds=1, spread=None, output_dir=Path(folder), changes={"steps": options.steps}
        )
        found = compare(runs, options.revision, Path(folder))
    changed = sum(told != SAME for told in found.values())
    print(f"{len(found) - changed} of {len(found)} have the same losses over {options.steps} steps")
    sys.exit(changed > 0)


if __name__ == "__main__":
    main()
