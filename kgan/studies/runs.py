"""The runs of a table: their commands, their directories, and what is there already."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.errors import RunError
from kgan.runs.places import typed
from kgan.studies import samples
from kgan.studies.records import EVALUATION, Record, key_of
from kgan.studies.store import Store
from kgan.studies.table import Row, Table

# Flags whose values would only make a directory's name longer.
_UNNAMED = {"dataset", "method", "samples", "export"}


@dataclasses.dataclass(frozen=True)
class Run:
    """A row of a table with a seed.

    Attributes:
        row: of the table.
        seed: of the run.
        flags: of the command, besides seed and directory.
        stem: of the run's directory, without the seed; another for another key.
        key: of what it computes, whatever the seed: see `kgan.runs.key`.
        store: where the checkout carries results.
        found: a directory that holds the same run under another name.
    """

    row: Row
    seed: int
    flags: Mapping[str, Any]
    stem: Path
    key: str = ""
    store: Store = dataclasses.field(default_factory=Store, compare=False)
    found: Path | None = None

    @property
    def directory(self) -> Path:
        """Where the run lies."""
        return self.found or self.stem.with_name(f"{self.stem.name}-seed{self.seed}")

    @property
    def own(self) -> Record | None:
        """The result in its directory; one that cannot be read, or is of another key, is none."""
        if not (self.directory / EVALUATION).exists():
            return None
        try:
            record = Record.from_directory(self.directory)
        except RunError:
            return None
        return record if (record.key, record.seed) == (self.key, self.seed) else None

    @property
    def kept(self) -> Record | None:
        """What the checkout has of it: scores, or a divergence."""
        return self.store.find(self.key, self.seed)

    @property
    def record(self) -> Record | None:
        """Its result: that of its directory, or else what is kept; None for none with scores."""
        kept = self.kept
        return self.own or (kept if kept is not None and kept.scores is not None else None)

    @property
    def finished(self) -> bool:
        """Whether it has been evaluated."""
        return self.record is not None

    @property
    def arguments(self) -> list[str]:
        """The application, such as `mdgan`, and its flags."""
        given = {**self.flags, "seed": self.seed, "output_dir": self.directory}
        return [self.row.method, *(f"--{name}={_word(value)}" for name, value in given.items())]

    def evaluation(self) -> dict[str, Any]:
        """Its scores, without those of measures that have changed since."""
        assert self.record is not None
        return self.record.current()

    def samples(self) -> samples.Arrays | None:
        """What a picture shows of it; None for nothing."""
        if self.own is not None:
            return samples.of_directory(self.directory / "samples")
        return self.store.samples(self.key, self.seed)


def plan(
    table: Table,
    *,
    seeds: int,
    spread: str | None,
    output_dir: Path,
    changes: Mapping[str, int],
    store: Store | None = None,
) -> list[Run]:
    """All runs of a table: first those of seed 0, row by row. Loads TensorFlow.

    Args:
        table: what is to be computed.
        seeds: how many, from 0 on.
        spread: a key of the table's `spreads`; None if it has none.
        output_dir: where the runs' directories lie.
        changes: flags for all runs, in place of the table's: `steps`, `samples`.
        store: of results; the checkout's by default.
    """
    from kgan.runs import Config, key  # TensorFlow, for the presets.

    store = Store() if store is None else store
    there = {key_of(path.parent): path.parent for path in output_dir.glob("*/config.json")}
    rows, stems = [], dict[str, Path]()
    for row in table.rows:
        modes = table.spreads[spread].get(row.dataset, {}) if spread else {}
        further = row.spread_flags.get(spread or "", {})
        common = {"samples": row.samples, **changes, "export": False}
        flags = {"dataset": row.dataset, **row.flags, **further, **modes, **common}
        method = flags.get("method", row.method)
        config = Config.from_flags(method, row.dataset, flags)
        digest = key.digest(key.identity(config))
        # Rows that compute the same share it, whatever their flags say.
        stem = stems.setdefault(digest, output_dir / _name(method, flags, digest))
        rows.append((row, flags, stem, digest))
    return [
        Run(row, seed, flags, stem, digest, store, there.get((digest, seed)))
        for seed in range(seeds)
        for row, flags, stem, digest in rows
    ]


def _word(value: Any) -> str:
    """A flag's value as one types it: true, none."""
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _name(method: str, flags: Mapping[str, Any], key: str) -> str:
    """Readable, and another one for another key."""
    settings = [f"{name}-{value}" for name, value in flags.items() if name not in _UNNAMED]
    return "-".join([method, flags["dataset"], *settings, key])


def command(runs: Sequence[Run]) -> str:
    """What a user types to repeat the runs of one row."""
    first = runs[0]
    if len(runs) == 1:
        return typed(*first.arguments)
    *words, _, _ = first.arguments  # Seed and directory come last.
    seeds = " ".join(str(run.seed) for run in runs)
    directory = f"{shlex.quote(str(first.stem))}-seed$seed"
    begin = typed(*words)
    return f"for seed in {seeds}; do {begin} --seed=$seed --output_dir={directory}; done"
