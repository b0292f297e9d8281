"""Results that a checkout carries, so that tables need not be trained anew on every machine."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.studies import runs
from kgan.studies.runs import CONFIG, EVALUATION, FAILURE, Run

_NAME = re.compile(r"(.+)-[0-9a-f]+(-seed\d+)")  # Of a run: its settings, a hash, its seed.


def keep(planned: Sequence[Run], divergences: Mapping[Path, str]) -> list[Path]:
    """Copy runs' scores and configurations to where the checkout carries them.

    Of each row's first seed the samples come along that a picture shows. A run of the same flags
    and libraries and of other code gives way: nobody would read it any more.

    Args:
        planned: of a table; those without a result are passed over.
        divergences: by directory, why a run gave none and would give none again.

    Returns:
        The folders that were written.
    """
    finished = [run for run in planned if run.finished]
    first: dict[int, int] = {}
    for run in finished:
        first.setdefault(id(run.row), run.seed)
    found = [run for run in finished if _noted(run) != _read(run.kept / EVALUATION)]
    for run in found:
        config = _read(run.directory / CONFIG)
        _give_way(run.kept, config)
        _clear(run.kept)
        if first[id(run.row)] == run.seed:
            _copy_samples(run)
        (run.kept / CONFIG).write_text(json.dumps(config, indent=1) + "\n")
        # Last: who finds it takes the whole as there.
        (run.kept / EVALUATION).write_text(json.dumps(_noted(run), indent=1) + "\n")
    diverged = [run for run in planned if run.directory in divergences]
    diverged = [run for run in diverged if not (run.kept / FAILURE).exists()]
    for run in diverged:
        _clear(run.kept)
        (run.kept / FAILURE).write_text(divergences[run.directory])
    return [run.kept for run in [*found, *diverged]]


def _noted(run: Run) -> dict[str, Any]:
    """A run's scores with their day."""
    return {**run.evaluation(), "evaluated": run.evaluated().isoformat()}


def _read(path: Path) -> Any:
    """The contents of a JSON file; None for none."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def _clear(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def _give_way(directory: Path, config: Any) -> None:
    """Remove what is kept of a run that differs from that of `directory` by its code alone."""
    for other in runs.KEPT.glob("*-seed*"):
        if other != directory and _settings(other) == _settings(directory):
            there = _read(other / CONFIG)
            if there is not None and _bearing(there) == _bearing(config):
                shutil.rmtree(other)


def _settings(directory: Path) -> Sequence[str]:
    match = _NAME.fullmatch(directory.name)
    return match.groups() if match else [directory.name]


def _bearing(config: Mapping[str, Any]) -> list[Any]:
    """What bears on a result besides the code: flags, but for the place, and versions."""
    flags = {k: v for k, v in config.get("flags", {}).items() if k != "output_dir"}
    return [flags, config.get("versions")]


def _copy_samples(run: Run) -> None:
    """The real points, and the last step's samples."""
    samples = run.directory / "samples"
    last = sorted(samples.glob("step_*"))[-1:]
    (run.kept / "samples").mkdir()
    for path in [*samples.glob("real.npz"), *last]:
        shutil.copyfile(path, run.kept / "samples" / path.name)
