"""What was measured on the benches, by row: `evidence.json`, made from the store of results.

A package without the checkout's store has it too. Make it anew after results were kept, or a method
has changed (a test asks for it):

  python -m benchmarks.evidence
"""

from __future__ import annotations

import dataclasses
import functools
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.methods import catalog
from kgan.metrics.repeats import Repeated

PATH = Path(__file__).with_name("evidence.json")


@dataclasses.dataclass(frozen=True)
class Row:
    """A method with a setting on a bench; values are one for each seed that has scores.

    Attributes:
        label: method and setting in words.
        method: its name in the catalog.
        flags: of the application, besides data and steps, where the preset has another value.
        key: of what was computed, see `kgan.runs.key`.
        seeds: how many runs there are, with those that diverged.
        failed: of them, those that lost modes or diverged: see `kgan.studies.bench`.
        covered: modes, or classes.
        strict: modes by the stricter count; empty where there is none.
        distance: Wasserstein distance, of images Frechet distance; empty where there is none.
        imbalance: chi-square over samples; empty where there is none.
        real: the mean distance of real data; None where there is none.
        seconds: for each step, without start and evaluation.
        machine: on which that was, and its processor.
        network: in whose features images were compared.
    """

    label: str
    method: str
    flags: Mapping[str, Any]
    key: str
    seeds: int
    failed: int
    covered: Sequence[float]
    strict: Sequence[float]
    distance: Sequence[float]
    imbalance: Sequence[float]
    real: float | None
    seconds: Sequence[float]
    machine: str
    network: str | None

    @property
    def application(self) -> str:
        """Name of the application that trains it."""
        return catalog.methods()[self.method].command

    @property
    def failure(self) -> float:
        """The chance that a further seed fails, by the rule of succession.

        Of few seeds it is nearer to a half: one good seed says less than five.
        """
        return (self.failed + 1) / (self.seeds + 2)

    @property
    def step(self) -> float:
        """Seconds for a step: the median over seeds."""
        return statistics.median(self.seconds)


@dataclasses.dataclass(frozen=True)
class Bench:
    """A bench with what was measured.

    Attributes:
        name: of the bench.
        title: its data in words.
        dataset: name for `--dataset`.
        data: flags of the data set.
        shape: of an example.
        steps: of all runs.
        total: modes, or classes.
        what: "modes" or "classes".
        distance: what the distance is called.
        page: where the whole table stands.
        rows: those with results.
        missing: methods without any.
    """

    name: str
    title: str
    dataset: str
    data: Mapping[str, Any]
    shape: Sequence[int]
    steps: int
    total: int
    what: str
    distance: str
    page: str
    rows: Sequence[Row]
    missing: Sequence[str]

    def covered(self, row: Row) -> str:
        """The modes that a row kept, in words."""
        kept = Repeated.of(row.covered)
        if len(row.covered) == 1:
            told = f"{kept.mean:,.0f} of {self.total:,} {self.what} (one seed)"
        elif min(row.covered) == self.total:
            told = f"{self.total:,} of {self.total:,} {self.what} on each of {row.seeds} seeds"
        else:
            told = f"{kept.text(1)} of {self.total:,} {self.what} over {row.seeds} seeds"
        if row.strict and sum(row.strict) < sum(row.covered):
            told += f", strictly {Repeated.of(row.strict).text(1 if row.seeds > 1 else 0)}"
        return told


@functools.cache
def benches() -> Mapping[str, Bench]:
    """All benches that have results, by name."""
    return parsed(json.loads(PATH.read_text()))


def parsed(found: Mapping[str, Any]) -> Mapping[str, Bench]:
    """Benches from the contents of the file."""
    return {
        name: Bench(name, **{**bench, "rows": [Row(**row) for row in bench["rows"]]})
        for name, bench in found.items()
    }
