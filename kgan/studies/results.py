"""What the runs of a table gave, row by row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.metrics import Repeated, words
from kgan.studies.pool import diverged
from kgan.studies.records import Record
from kgan.studies.runs import Run
from kgan.studies.samples import Arrays
from kgan.studies.table import Column, Row, Table


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A row's results.

    Attributes:
        row: of the table.
        runs: one for each seed.
        evaluations: contents of evaluation.json by seed, of the runs that ended well.
        records: their results by seed, with what they are of.
        failures: by seed, why there is no result.
    """

    row: Row
    runs: Sequence[Run]
    evaluations: Mapping[int, Mapping[str, Any]]
    records: Mapping[int, Record]
    failures: Mapping[int, str]

    def scores(self, column: Column) -> Repeated:
        """A measure of the samples."""
        ended = [why for why in self.failures.values() if diverged(why)]
        failed = [] if column.failed is None else [column.failed] * len(ended)
        return _scores(column, self.evaluations.values(), failed)

    def real_scores(self, column: Column) -> Repeated:
        """The same measure of real data, drawn with the same seeds."""
        return _scores(column, (e.get("real", {}) for e in self.evaluations.values()))

    def pictured(self) -> tuple[Run, Arrays] | None:
        """The first seed that has a result and samples, and these; None for none."""
        for run in self.runs:
            if run.seed in self.evaluations and (samples := run.samples()) is not None:
                return run, samples
        return None

    def every(self, key: str) -> list[Any]:
        """The different values of a key of the evaluations, in order."""
        return list(dict.fromkeys(e[key] for e in self.evaluations.values() if key in e))


def collect(table: Table, runs: Sequence[Run], failures: Mapping[Path, str]) -> list[Outcome]:
    """The outcome of every row.

    Args:
        table: whose rows these are.
        runs: all of the table.
        failures: by directory, why a run gave no result.
    """
    outcomes = []
    for row in table.rows:
        own = [run for run in runs if run.row is row]
        done = [r for r in own if r.directory not in failures and r.finished]
        outcomes.append(
            Outcome(
                row,
                own,
                {run.seed: run.evaluation() for run in done},
                {run.seed: run.record for run in done if run.record is not None},
                {r.seed: failures[r.directory] for r in own if r.directory in failures},
            )
        )
    return outcomes


def _scores(
    column: Column, evaluations: Iterable[Mapping[str, Any]], failed: Sequence[float] = ()
) -> Repeated:
    """As the table shows them."""
    found = [*map(column.value, evaluations), *failed]
    return Repeated.of(column.scaled(v) if words.is_number(v) else None for v in found)
