"""From a table to its files: run what is missing, put it together, write it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

from kgan.backend import loading
from kgan.files import replacing
from kgan.studies import documents, pool, rendering, results, samples
from kgan.studies.records import Record
from kgan.studies.runs import Run, plan
from kgan.studies.store import Store, checkout
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
        keep: whether the results and the page go into the checkout too.
        train: whether what is missing is run.
    """

    table: Table
    seeds: int
    spread: str | None
    jobs: int
    output_dir: Path
    changes: Mapping[str, int]
    command: str
    keep: bool = False
    train: bool = True

    @property
    def name(self) -> str:
        """Of the files, without suffix; a quick look leaves the table itself alone."""
        changes = [f"{name}{value}" for name, value in self.changes.items()]
        return "_".join([self.store_name, *filter(None, [self.table.part]), *changes])

    @property
    def store_name(self) -> str:
        """Of the store's file: all parts of a table share one."""
        table = self.table
        words = [table.paper, f"{table.kind}{table.number}", self.spread]
        return "_".join(word for word in words if word)


def reproduce(request: Request) -> bool:
    """Run what is missing, write the table, print it.

    Returns:
        Whether all runs have a result.
    """
    if request.keep:
        checkout()  # Not after hours of training.
    documents.check_place(request.output_dir, request.name)
    runs = _planned(request)
    failures = _execute(runs, request)
    outcomes = results.collect(request.table, runs, failures)
    if not request.train:
        outcomes = [outcome for outcome in outcomes if outcome.evaluations or outcome.failures]
    page = rendering.page(
        request.table,
        outcomes,
        notices=[*notices(request), *_expired(runs)],
        about=[written_by(request.command)],
        picture=_picture(request, outcomes),
    )
    publish(page, request.output_dir, request.name)
    if request.keep:
        written = _keep(request, runs)
        print(f"{written} results were written to {checkout() / 'results'}")
        documents.write(page, checkout(), request.name)
    return not failures


def _keep(request: Request, runs: Sequence[Run]) -> int:
    """Write into the store what its directories have of a table's runs; returns how many."""
    divergences = pool.divergences(runs, request.output_dir / _LOGS)
    records, pictures, pictured = [], {}, set()
    for run in runs:
        if (record := run.own) is not None:
            records.append(record)
        elif run.directory in divergences and (run.directory / "config.json").exists():
            records.append(Record.from_directory(run.directory, divergences[run.directory]))
        if request.table.panels and run.finished and id(run.row) not in pictured:
            pictured.add(id(run.row))  # Seeds come in order: a picture is of the first.
            if record is not None and (found := run.samples()) is not None:
                pictures[run.key, run.seed] = samples.small(found)
    return Store().keep(request.store_name, records, pictures)


def _expired(runs: Sequence[Run]) -> list[str]:
    """What must be known of scores whose measures have changed since."""
    found: dict[str, int] = {}
    for run in runs:
        for name in run.record.expired() if run.record else ():
            found[name] = found.get(name, 0) + 1
    return [
        f"Left out is {name} of {count} runs: the measure has changed since. `python -m "
        "apps.evaluate --run=...` measures a trained model again."
        for name, count in found.items()
    ]


def there(request: Request) -> list[results.Outcome]:
    """What former calls have computed of a table; rows without any run are in it too."""
    runs = _planned(request)
    return results.collect(request.table, runs, pool.divergences(runs, request.output_dir / _LOGS))


def publish(page: rendering.Page, output_dir: Path, name: str) -> None:
    """Print a page's tables, write its files, and say where they are."""
    documents.check_place(output_dir, name)
    print(f"\n{rendering.markdown_tables(page)}\n")
    files = {".md": rendering.markdown(page).encode(), ".html": rendering.html(page).encode()}
    if page.picture:
        files = {Path(page.picture[0]).suffix: page.picture[1], **files}
    output_dir.mkdir(parents=True, exist_ok=True)
    for suffix, content in files.items():
        with replacing(output_dir / f"{name}{suffix}") as temporary:
            temporary.write_bytes(content)
        print(output_dir / f"{name}{suffix}")


def written_by(command: str) -> str:
    """A line for a page: when, by what."""
    return f"Written {datetime.date.today().isoformat()} by `{command}`"


def _planned(request: Request) -> list[Run]:
    with loading.quietly():  # TensorFlow.
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
        f"{len(runs)} runs: {done} there, {len(missing)} to do"
        + (f", {request.jobs} at a time." if request.train else "; they are left out."),
        flush=True,
    )
    if not missing or not request.train:
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
    there = [(column, found) for column, found in scores if found.numbers]
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
    if request.table.panels:
        there = any(outcome.pictured() for outcome in outcomes)
    else:
        there = bool(request.table.drawn) and any(outcome.evaluations for outcome in outcomes)
    if not there:
        return None
    from kgan.studies import drawing  # Matplotlib: --help should not wait for it.

    return f"{request.name}.png", drawing.draw(request.table, outcomes)
