"""From a table to its files: run what is missing, put it together, write it."""

from __future__ import annotations

import dataclasses
import datetime
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from kgan.backend import loading
from kgan.studies import kept, pool, rendering, results
from kgan.studies.runs import KEPT, Run, code_version, plan
from kgan.studies.table import Table

_LOGS = "logs"


@dataclasses.dataclass(frozen=True)
class Request:
    """What the user asked for.

    Attributes:
        table: what to reproduce.
        seeds: how many, from 0 on.
        spread: a key of the table's `spreads`; None if it has none.
        jobs: runs at a time.
        output_dir: where runs, logs and tables lie.
        changes: flags for all runs in place of the table's: `steps`, `samples`.
        command: that made the table.
        keep: whether the results go into the checkout too.
    """

    table: Table
    seeds: int
    spread: str | None
    jobs: int
    output_dir: Path
    changes: Mapping[str, int]
    command: str
    keep: bool = False

    @property
    def name(self) -> str:
        """Of the files, without suffix; a quick look leaves the table itself alone."""
        table = self.table
        words = [
            table.paper,
            f"{table.kind}{table.number}",
            *([self.spread] if self.spread else []),
            *([table.part] if table.part else []),
        ]
        return "_".join([*words, *(f"{name}{value}" for name, value in self.changes.items())])


def reproduce(request: Request) -> bool:
    """Run what is missing, write the table, print it.

    Returns:
        Whether all runs have a result.
    """
    runs = _planned(request)
    failures = _execute(runs, request)
    outcomes = results.collect(request.table, runs, failures)
    page = rendering.page(
        request.table,
        outcomes,
        notices=notices(request),
        about=[written_by(request.command)],
        picture=_picture(request, outcomes),
    )
    publish(page, request.output_dir, request.name)
    if request.keep:
        written = kept.keep(runs, pool.divergences(runs, request.output_dir / _LOGS))
        print(f"{len(written)} results were copied to {KEPT}")
    return not failures


def there(request: Request) -> list[results.Outcome]:
    """What former calls have computed of a table; rows without any run are in it too."""
    runs = _planned(request)
    return results.collect(request.table, runs, pool.divergences(runs, request.output_dir / _LOGS))


def publish(page: rendering.Page, output_dir: Path, name: str) -> None:
    """Print a page's tables, write its files, and say where they are."""
    print(f"\n{rendering.markdown_tables(page)}\n")
    if page.picture:
        print(_write(output_dir / page.picture[0], page.picture[1]))
    for suffix, text in ((".md", rendering.markdown(page)), (".html", rendering.html(page))):
        print(_write(output_dir / f"{name}{suffix}", text.encode()))


def written_by(command: str) -> str:
    """A line for a page: of which code, where, when, by what."""
    today = datetime.date.today().isoformat()
    return f"Code {code_version()[:12]}, {_processor()}; written {today} by `{command}`"


def _planned(request: Request) -> list[Run]:
    return plan(
        request.table,
        seeds=request.seeds,
        spread=request.spread,
        output_dir=request.output_dir,
        changes=request.changes,
    )


def _execute(runs: Sequence[Run], request: Request) -> dict[Path, str]:
    """Run what is missing; a line as each ends."""
    known = pool.divergences(runs, request.output_dir / _LOGS)
    unfinished = {run.directory: run for run in runs if not run.finished}
    missing = [run for directory, run in unfinished.items() if directory not in known]
    done = len(runs) - len(missing)
    print(
        f"{len(runs)} runs: {done} there, {len(missing)} to do, {request.jobs} at a time.",
        flush=True,
    )
    if not missing:
        return known
    ended = 0

    def report(run: Run, seconds: float, failure: str | None) -> None:
        nonlocal ended
        ended += 1
        told = f"failed: {failure}" if failure else _told(request.table, run)
        print(f"[{ended}/{len(missing)}] {run.directory.name}, {seconds:.0f} s: {told}", flush=True)

    logs = request.output_dir / _LOGS
    return known | pool.execute(missing, jobs=request.jobs, logs=logs, report=report)


def _told(table: Table, run: Run) -> str:
    """The first scores of a run."""
    (outcome,) = results.collect(dataclasses.replace(table, rows=[run.row]), [run], {})
    scores = ((column, outcome.scores(column)) for column in table.columns)
    there = [(column, found) for column, found in scores if found.values]
    return ", ".join(f"{column.label} {found.text(column.decimals)}" for column, found in there[:3])


def notices(request: Request) -> list[str]:
    """What must be known of a request before anything is read out of its page."""
    found = []
    if request.changes:
        changed = " and ".join(f"--{name}={value}" for name, value in request.changes.items())
        found.append(f"A quick look with {changed}: not the table.")
    if request.spread:
        flags = request.table.spreads[request.spread]
        widths = "; ".join(
            f"{dataset} {' '.join(f'--{name}={value}' for name, value in given.items())}"
            for dataset, given in flags.items()
        )
        found.append(f"The modes' spread read as --spread={request.spread}: {widths}.")
    return found


def _picture(request: Request, outcomes: Sequence[results.Outcome]) -> tuple[str, bytes] | None:
    pictured = request.table.drawn or request.table.panels
    if not pictured or not any(outcome.evaluations for outcome in outcomes):
        return None
    with loading.quietly():  # TensorFlow.
        from kgan.studies import drawing

    return f"{request.name}.png", drawing.draw(request.table, outcomes)


def _write(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all; `kgan.files` would bring TensorFlow along."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    temporary.write_bytes(content)
    return temporary.replace(path)


def _processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return sys.platform
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else sys.platform
