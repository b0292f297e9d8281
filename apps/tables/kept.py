"""Results that a checkout carries, so that tables need not be trained anew on every machine."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps.tables import runs
from apps.tables.runs import CONFIG, EVALUATION, Run

_NAME = re.compile(r"(.+)-[0-9a-f]+(-seed\d+)")  # Of a run: its settings, a hash, its seed.


def keep(planned: Sequence[Run]) -> list[Path]:
    """Copy finished runs' scores and configurations to where the checkout carries them.

    Of each row's first seed the samples come along that a picture shows. A run of the same
    settings and another code gives way: nobody would read it any more.

    Args:
        planned: of a table; those without a result are passed over.

    Returns:
        The folders that were written.
    """
    finished = [run for run in planned if run.finished]
    found = [run for run in finished if _noted(run) != _read(run.kept)]
    first: dict[int, int] = {}
    for run in finished:
        first.setdefault(id(run.row), run.seed)
    for run in found:
        _give_way(run.kept)
        shutil.rmtree(run.kept, ignore_errors=True)
        run.kept.mkdir(parents=True)
        if first[id(run.row)] == run.seed:
            _copy_samples(run)
        shutil.copyfile(run.directory / CONFIG, run.kept / CONFIG)
        # Last: who finds it takes the whole as there.
        (run.kept / EVALUATION).write_text(json.dumps(_noted(run), indent=1) + "\n")
    return [run.kept for run in found]


def _noted(run: Run) -> dict[str, Any]:
    """A run's scores with their day."""
    return {**run.evaluation(), "evaluated": run.evaluated().isoformat()}


def _read(directory: Path) -> Any:
    """The scores that are kept there; None for none."""
    try:
        return json.loads((directory / EVALUATION).read_text())
    except (OSError, ValueError):
        return None


def _give_way(directory: Path) -> None:
    for other in runs.KEPT.glob("*-seed*"):
        if other != directory and _settings(other) == _settings(directory):
            shutil.rmtree(other)


def _settings(directory: Path) -> Sequence[str]:
    match = _NAME.fullmatch(directory.name)
    return match.groups() if match else [directory.name]


def _copy_samples(run: Run) -> None:
    """The real points, and the last step's samples."""
    samples = run.directory / "samples"
    last = sorted(samples.glob("step_*"))[-1:]
    (run.kept / "samples").mkdir()
    for path in [*samples.glob("real.npz"), *last]:
        shutil.copyfile(path, run.kept / "samples" / path.name)
