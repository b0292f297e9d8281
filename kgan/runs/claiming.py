"""Making a directory a run's own, and the refusal to mix two runs in it."""

from __future__ import annotations

import fcntl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from kgan.errors import RunError
from kgan.runs import former
from kgan.runs.artefacts import description as kept
from kgan.runs.environment import environment

# Arguments that say where things are and are done, or what happens after training; `steps` may
# only grow.
MAY_CHANGE = frozenset(
    {
        *("data_dir", "output_dir", "resume", "evaluate", "export", "samples", "strategy"),
        *("feature_network", "watch_collapse"),
    }
)


def claim_directory(
    path: Path, description: Mapping[str, Any], folders: tuple[str, ...], *, resume: bool
) -> TextIO:
    """Make a directory a run's own, or find that it is already.

    Args:
        path: the directory, which need not be there.
        description: as `write_description` takes it; what `environment` tells is added.
        folders: to be made in it.
        resume: whether a run that is there may go on.

    Returns:
        The lock: the run is this process' until it is closed, or the process ends.

    Raises:
        RunError: as `Run.claim`.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(path)
        lock = _take_lock(path)
        if (path / kept.FILE).exists():
            _compare(path, description, resume)
        # First of all: a run that is killed from here on is known as one.
        kept.write_description(path, {**environment(), **description})
        for folder in folders:
            (path / folder).mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(
            f"The output directory {path} cannot be written: {error.strerror}. "
            "Give another `output_dir`."
        ) from error
    return lock


def _refuse_foreign(path: Path) -> None:
    """Refuse a directory of something else, but not what a kill within a claim left."""
    there = sorted(
        found.name
        for found in path.iterdir()
        if found.name != ".lock" and not found.match(".config.*.json")
    )
    if there and not (path / kept.FILE).exists():
        raise RunError(
            f"{path} is not empty and no run of kgan (it has {there[0]}, and no {kept.FILE}). "
            "Give another `output_dir`."
        )


def _take_lock(path: Path) -> TextIO:
    """An advisory lock for the life of the file; a kill releases it."""
    lock = (path / ".lock").open("a")  # Whoever wrote something into it has it still.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise RunError(f"Another process is running in {path}.") from error
    return lock


def _compare(path: Path, description: Mapping[str, Any], resume: bool) -> None:
    before = kept.read_description(path)
    try:
        method = before["method"]
        flags = former.of_today(method, before["flags"])
    except (AttributeError, KeyError, TypeError) as error:
        raise RunError(f"{path / kept.FILE} is no configuration of a run: {error}.") from error
    if not resume:
        raise RunError(
            f"{path} holds a run already and `resume=False` was given. Give another `output_dir`, "
            "or delete it."
        )
    if method != description["method"]:
        raise RunError(
            f"{path} holds a run of {method!r}, and this is {description['method']!r}. "
            "Give another `output_dir`."
        )
    golden = [c.get("identity", {}).get("golden") for c in (before, description)]
    if all(golden) and golden[0] != golden[1]:
        raise RunError(
            f"{path} holds a run of {method!r} as it was before its training changed "
            f"(golden tag {golden[0]}, now {golden[1]}). Give another `output_dir`."
        )
    for key in sorted(flags.keys() | description["flags"].keys()):
        old, new = flags.get(key), description["flags"].get(key)
        grows = key == "steps" and new >= old
        if old != new and key not in MAY_CHANGE and not grows:
            raise RunError(
                f"{path} holds a run with `{key}={old}`, and this one has `{key}={new}`. "
                "Use the old value to go on, or give another `output_dir`."
            )
