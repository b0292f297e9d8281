"""metrics.csv: a row for each interval of steps."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from kgan.errors import RunError
from kgan.files import replacing, writing

FILE = "metrics.csv"


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Append a row; the columns are the first row's.

    What a later row has besides is left out, and what it lacks is empty: a run may go on with
    other measurements.
    """
    new = not path.exists()
    with writing(path), path.open("a+", newline="") as file, _whole(file):
        file.seek(0)
        columns = list(row) if new else next(csv.reader(file), list(row))
        writer = csv.DictWriter(file, fieldnames=columns, extrasaction="ignore")
        if new:
            writer.writeheader()
        writer.writerow(row)


@contextlib.contextmanager
def _whole(file: IO[str]) -> Iterator[None]:
    """Take back what was appended where not all of it could be."""
    size = os.fstat(file.fileno()).st_size
    try:
        yield
        file.flush()
    except OSError:
        os.ftruncate(file.fileno(), size)
        raise


def read_rows(path: Path) -> list[dict[str, str]]:
    """The complete rows, as text; none without a file. A last line cut short is left out."""
    return [row for row in _rows(path) if None not in row.values()]


def truncate(path: Path, step: int) -> None:
    """Forget the rows that came after `step`."""
    if not path.exists():
        return
    rows = read_rows(path)
    kept = [row for row in rows if row.get("step", "").isdigit() and int(row["step"]) <= step]
    if not kept:
        path.unlink()
        return
    with replacing(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(kept[0]))
        writer.writeheader()
        writer.writerows(kept)


def seconds(path: Path) -> float:
    """Seconds trained so far, over all processes of a run."""
    rows = read_rows(path)
    return float(rows[-1]["seconds"]) if rows else 0.0


def read_columns(path: Path) -> dict[str, np.ndarray]:
    """The columns as float64 arrays.

    Cells that are empty, missing or no number become NaN; rows without a step are left out; of
    rows with the same step (a run that was killed and resumed) the last counts.

    Returns:
        Columns in the file's order, "step" among them, rows in the order of the steps; {} without
        file or rows.
    """
    rows = rows_by_step(path)
    names = [name for name in rows[0] if name] if rows else []
    return {name: np.array([_number(row[name]) for row in rows]) for name in names}


def rows_by_step(path: Path) -> list[dict[str, str]]:
    """The rows in the order of their steps; of those with the same step the last."""
    rows = _rows(path, restkey="", restval="")
    steps = {_number(row.get("step")): row for row in rows}
    return [steps[step] for step in sorted(step for step in steps if np.isfinite(step))]


def _rows(path: Path, **options: Any) -> list[dict[str, str]]:
    """All rows as `csv.DictReader` has them with these options; none without a file.

    Raises:
        RunError: the file is there and cannot be read.
    """
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, **options))
    except (OSError, ValueError, csv.Error) as error:
        raise RunError(
            f"{path} cannot be read ({error}). Put back a copy of it, or remove it: the run then "
            "goes on without the rows that it had."
        ) from error


def _number(cell: str | None) -> float:
    try:
        return float(cell or "nan")
    except ValueError:
        return float("nan")
