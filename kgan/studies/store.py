"""Results that a checkout carries, so that tables need not be trained anew on every machine.

`results/<table>.jsonl` has a line for each run (see `Record`), and `results/samples/<table>.npz`
what the table's picture shows of a row's first seed. A record is found by its key and seed, in
whatever file it lies.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kgan.errors import RunError
from kgan.files import alone, replacing
from kgan.runs.places import ROOT
from kgan.studies.records import Record

_SAMPLES = "samples"
Arrays = Mapping[str, np.ndarray]


def checkout() -> Path:
    """The checkout that this code lies in.

    Raises:
        RunError: if it is an installed package.
    """
    if not (ROOT / "setup.cfg").exists():
        raise RunError(
            f"Results are kept in a checkout of kgan, and this one is installed in {ROOT}. Run the "
            "command in a checkout, or leave out `keep`."
        )
    return ROOT


class Store:
    """The records in a folder.

    Args:
        folder: `results/` of a checkout; one that is not there has no records.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = ROOT / "results" if folder is None else folder

    def find(self, key: str, seed: int) -> Record | None:
        """The record of a run; None for none.

        Raises:
            RunError: if a file of the store is broken.
        """
        return self._records.get((key, seed))

    def every(self, key: str) -> list[Record]:
        """The records of a key, by seed."""
        found = [record for record in self._records.values() if record.key == key]
        return sorted(found, key=lambda record: record.seed)

    @functools.cached_property
    def _records(self) -> dict[tuple[str, int], Record]:
        paths = sorted(self.folder.glob("*.jsonl"))
        return {(r.key, r.seed): r for path in paths for r in _read(path)}

    def samples(self, key: str, seed: int) -> Arrays | None:
        """What a picture shows of a run; None for nothing."""
        name = f"{key}-{seed}"
        for path in sorted((self.folder / _SAMPLES).glob("*.npz")):
            with np.load(path) as there:
                prefix = f"{name}."
                found = {k.removeprefix(prefix): there[k] for k in there if k.startswith(prefix)}
            if found:
                return found
        return None

    def keep(
        self,
        name: str,
        records: Sequence[Record],
        samples: Mapping[tuple[str, int], Arrays] | None = None,
    ) -> int:
        """Write records into the file of a table; processes that do so at once wait for each other.

        A record takes the place of one of the same key and seed, and of one that differs from it
        by its method's golden tag alone: nobody would find that any more.

        Args:
            name: of the table.
            records: to be written.
            samples: by key and seed, what a picture shows of some of them.

        Returns:
            How many were not there as they are.
        """
        if not records:
            return 0
        self.folder.mkdir(parents=True, exist_ok=True)
        with alone(self.folder):
            path = self.folder / f"{name}.jsonl"
            there = {(r.key, r.seed): r for r in (_read(path) if path.exists() else [])}
            new = [r for r in records if there.get((r.key, r.seed)) != r]
            superseded = {_apart_from_golden(r) for r in new}
            kept = {k: r for k, r in there.items() if _apart_from_golden(r) not in superseded}
            kept |= {(r.key, r.seed): r for r in new}
            if new:
                lines = [r.line() for r in sorted(kept.values(), key=_order)]
                with replacing(path) as temporary:
                    temporary.write_text("\n".join(lines) + "\n")
            self._keep_samples(name, samples or {}, {f"{key}-{seed}" for key, seed in kept})
        self.__dict__.pop("_records", None)
        return len(new)

    def _keep_samples(
        self, name: str, samples: Mapping[tuple[str, int], Arrays], runs: set[str]
    ) -> None:
        """Those of records that are there no more go."""
        path = self.folder / _SAMPLES / f"{name}.npz"
        arrays = {}
        if path.exists():
            with np.load(path) as there:
                arrays = {k: there[k] for k in there if k.partition(".")[0] in runs}
        for (key, seed), own in samples.items():
            arrays |= {f"{key}-{seed}.{k}": array for k, array in own.items()}
        if arrays:
            path.parent.mkdir(exist_ok=True)
            with replacing(path) as temporary:
                np.savez_compressed(temporary, **arrays)


def _read(path: Path) -> list[Record]:
    """The records of a file.

    Raises:
        RunError: a line that is none.
    """
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            found.append(Record.from_line(line))
        except ValueError as error:
            raise RunError(
                f"{path}, line {number}, is no record of a result: {error}. Take the file from git "
                "again, or delete the line."
            ) from error
    return found


def _apart_from_golden(record: Record) -> str:
    identity = {k: v for k, v in record.identity.items() if k != "golden"}
    return json.dumps([record.seed, identity], sort_keys=True)


def _order(record: Record) -> tuple[str, str, int]:
    return record.model.get("preset", ""), record.key, record.seed
