"""The runs of a table: their commands, their directories, and what is there already."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import importlib.metadata
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.studies.table import Row, Table

_ROOT = Path(__file__).parents[2]  # Of the packages.
# What a checkout carries of runs that were made elsewhere: see `kgan.studies.kept`.
KEPT = _ROOT / "docs" / "results" / "runs"
EVALUATION, CONFIG, FAILURE = "evaluation.json", "config.json", "failure"
# What no run executes.
_TABLES = "kgan/studies"
# Whose versions a result is of, besides the code's.
_LIBRARIES = ("tensorflow", "keras", "numpy", "scipy")
_HASH_LENGTH = 10
# Flags whose values would only make a directory's name longer.
_UNNAMED = {"dataset", "samples", "export"}


@dataclasses.dataclass(frozen=True)
class Run:
    """A row of a table with a seed.

    Attributes:
        row: of the table.
        seed: of the run.
        flags: of the command, besides seed and directory.
        stem: of the run's directory, without the seed; another for other flags or code.
    """

    row: Row
    seed: int
    flags: Mapping[str, Any]
    stem: Path

    @property
    def directory(self) -> Path:
        """Where the run lies."""
        return self.stem.with_name(f"{self.stem.name}-seed{self.seed}")

    @property
    def kept(self) -> Path:
        """Where the checkout carries its results, if it does."""
        return KEPT / self.directory.name

    @property
    def place(self) -> Path:
        """Where its results are read: its directory, or else what is kept of the same run."""
        own = (self.directory / EVALUATION).exists()
        return self.directory if own or not (self.kept / EVALUATION).exists() else self.kept

    @property
    def arguments(self) -> list[str]:
        """After `python -m`: the application and its flags."""
        given = {**self.flags, "seed": self.seed, "output_dir": self.directory}
        return [f"apps.{self.row.method}", *(f"--{name}={value}" for name, value in given.items())]

    @property
    def finished(self) -> bool:
        """Whether it has been evaluated; a file that cannot be read is none."""
        try:
            return isinstance(self.evaluation(), dict)
        except (OSError, ValueError):
            return False

    def evaluation(self) -> dict[str, Any]:
        """Its scores."""
        return json.loads((self.place / EVALUATION).read_text())

    def config(self) -> dict[str, Any]:
        """What it ran with, and on what."""
        return json.loads((self.place / CONFIG).read_text())

    def evaluated(self) -> datetime.date:
        """The day of its evaluation; files of a checkout are as new as that, so theirs is noted."""
        noted = self.evaluation().get("evaluated")
        if noted:
            return datetime.date.fromisoformat(noted)
        return datetime.date.fromtimestamp((self.place / EVALUATION).stat().st_mtime)


def plan(
    table: Table,
    *,
    seeds: int,
    spread: str | None,
    output_dir: Path,
    changes: Mapping[str, int],
) -> list[Run]:
    """All runs of a table: first those of seed 0, row by row.

    Args:
        table: what is to be computed.
        seeds: how many, from 0 on.
        spread: a key of the table's `spreads`; None if it has none.
        output_dir: where the runs' directories lie.
        changes: flags for all runs, in place of the table's: `steps`, `samples`.
    """
    version = code_version()
    found = []
    for seed in range(seeds):
        for row in table.rows:
            modes = table.spreads[spread].get(row.dataset, {}) if spread else {}
            further = row.spread_flags.get(spread or "", {})
            common = {"samples": row.samples, **changes, "export": "false"}
            flags = {"dataset": row.dataset, **row.flags, **further, **modes, **common}
            found.append(Run(row, seed, flags, output_dir / _name(row.method, flags, version)))
    return found


def _name(method: str, flags: Mapping[str, Any], version: str) -> str:
    """Readable, and another one for other flags, code or libraries.

    What the flags leave open the presets decide, and they are code.
    """
    settings = [f"{name}-{value}" for name, value in flags.items() if name not in _UNNAMED]
    flags = {name: str(value) for name, value in flags.items()}
    known = json.dumps([method, flags, version, _library_versions()], sort_keys=True)
    digest = hashlib.sha256(known.encode()).hexdigest()[:_HASH_LENGTH]
    return "-".join([method, flags["dataset"], *settings, digest])


@functools.cache
def _library_versions() -> Mapping[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


def code_version() -> str:
    """A hash of all code that a run can execute: the Python files of `kgan` and `apps`.

    The tables themselves are none: a corrected published value leaves the results as they are.
    """
    digest = hashlib.sha256()
    for path in sorted([*_ROOT.glob("kgan/**/*.py"), *_ROOT.glob("apps/*.py")]):
        if not path.is_relative_to(_ROOT / _TABLES):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(_ROOT)} {content}\n".encode())
    return digest.hexdigest()


def command(runs: Sequence[Run]) -> str:
    """What a user types to repeat the runs of one row."""
    first = runs[0]
    if len(runs) == 1:
        return shlex.join(["python", "-m", *first.arguments])
    *words, _, _ = first.arguments  # Seed and directory come last.
    seeds = " ".join(str(run.seed) for run in runs)
    directory = f"{shlex.quote(str(first.stem))}-seed$seed"
    begin = shlex.join(["python", "-m", *words])
    return f"for seed in {seeds}; do {begin} --seed=$seed --output_dir={directory}; done"
