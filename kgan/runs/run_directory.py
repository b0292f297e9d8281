"""The directory that holds all of a run, and the refusal to mix two runs in it."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from kgan.errors import RunError
from kgan.files import replacing
from kgan.runs import machine

# Flags that say where things are or what happens after training; --steps may only grow.
MAY_CHANGE = frozenset(
    {
        *("data_dir", "output_dir", "resume", "evaluate", "export", "samples"),
        *("feature_network", "watch_collapse"),
    }
)
_PACKAGES = ("kgan", "tensorflow", "keras", "numpy", "scipy")


class RunDirectory:
    """Names of a run's files, and how they are written: whole, or not at all.

    Args:
        path: the directory; made by `claim`.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.config = self.path / "config.json"
        self.metrics = self.path / "metrics.csv"
        self.samples = self.path / "samples"
        self.checkpoints = self.path / "checkpoints"
        self.events = self.path / "events"
        self.model = self.path / "model.keras"
        self.evaluation = self.path / "evaluation.json"
        self.report = self.path / "report.html"
        self.saved_model = self.path / "saved_model" / "1"
        self._lock: TextIO | None = None

    def claim(self, config: Mapping[str, Any], *, resume: bool = True) -> None:
        """Make the directory this run's own, or find that it is already.

        Args:
            config: of the run: `method`, `dataset`, `flags` and what else is to be kept.
            resume: whether a run that is there may go on.

        Raises:
            RunError: if the directory cannot be written, holds something else, holds a run with
                another configuration, or is in use; the message names the difference.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._refuse_foreign()
            self._take_lock()
            if self.config.exists():
                self._compare(config, resume)
            # First of all: a run that is killed from here on is known as one.
            self.write_json(self.config, {**config, **environment()})
            for folder in (self.samples, self.checkpoints):
                folder.mkdir(exist_ok=True)
        except OSError as error:
            raise RunError(
                f"The output directory {self.path} cannot be written: {error.strerror}. "
                "Give another --output_dir."
            ) from error

    def _refuse_foreign(self) -> None:
        """Refuse a directory of something else, but not what a kill within `claim` left."""
        there = sorted(
            path.name
            for path in self.path.iterdir()
            if path.name != ".lock" and not path.match(".config.*.json")
        )
        if there and not self.config.exists():
            raise RunError(
                f"{self.path} is not empty and no run of kgan (it has {there[0]}, and no "
                "config.json). Give another --output_dir."
            )

    def _take_lock(self) -> None:
        """Hold an advisory lock for the life of the process; a kill releases it."""
        self._lock = (self.path / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"Another process is running in {self.path}.") from error

    def _compare(self, config: Mapping[str, Any], resume: bool) -> None:
        try:
            before = json.loads(self.config.read_text())
            method, flags = before["method"], {**before["flags"]}
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{self.config} is no configuration of a run: {error}.") from error
        if not resume:
            raise RunError(
                f"{self.path} holds a run already and --resume=false was given. Give another "
                "--output_dir, or delete it."
            )
        if method != config["method"]:
            raise RunError(
                f"{self.path} holds a run of {method!r}, and this is {config['method']!r}. "
                "Give another --output_dir."
            )
        golden = [c.get("identity", {}).get("golden") for c in (before, config)]
        if all(golden) and golden[0] != golden[1]:
            raise RunError(
                f"{self.path} holds a run of {method!r} as it was before its training changed "
                f"(golden tag {golden[0]}, now {golden[1]}). Give another --output_dir."
            )
        for key in sorted(flags.keys() | config["flags"].keys()):
            old, new = flags.get(key), config["flags"].get(key)
            grows = key == "steps" and new >= old
            if old != new and key not in MAY_CHANGE and not grows:
                raise RunError(
                    f"{self.path} holds a run with --{key}={old}, and this one has --{key}={new}. "
                    "Use the old value to go on, or give another --output_dir."
                )

    @staticmethod
    def write_json(path: Path, value: Any) -> None:
        """Write JSON atomically."""
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(value, indent=2) + "\n")

    def append_metrics(self, row: Mapping[str, Any]) -> None:
        """Append a row to metrics.csv; its columns are the first row's.

        What a later row has besides is left out, and what it lacks is empty: a run may go on with
        other measurements.
        """
        new = not self.metrics.exists()
        with self.metrics.open("a+", newline="") as file:
            file.seek(0)
            columns = list(row) if new else next(csv.reader(file), list(row))
            writer = csv.DictWriter(file, fieldnames=columns, extrasaction="ignore")
            if new:
                writer.writeheader()
            writer.writerow(row)

    def rows(self) -> list[dict[str, str]]:
        """The complete rows of metrics.csv; none without the file."""
        return read_csv(self.metrics) if self.metrics.exists() else []

    def truncate_metrics(self, step: int) -> float:
        """Forget what came after `step`; returns the seconds trained until then."""
        if not self.metrics.exists():
            return 0.0
        rows = read_csv(self.metrics)
        kept = [row for row in rows if row.get("step", "").isdigit() and int(row["step"]) <= step]
        if not kept:
            self.metrics.unlink()
            return 0.0
        with replacing(self.metrics) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(kept[0]))
            writer.writeheader()
            writer.writerows(kept)
        return self.seconds()

    def seconds(self) -> float:
        """Seconds trained so far, over all processes of this run."""
        rows = self.rows()
        return float(rows[-1]["seconds"]) if rows else 0.0


def read_csv(path: Path) -> list[dict[str, str]]:
    """Complete rows of a CSV file; a last line cut short by a kill is left out."""
    with path.open(newline="") as file:
        return [row for row in csv.DictReader(file) if None not in row.values()]


def environment() -> dict[str, Any]:
    """What a run ran on: versions, git revision, machine and its conditions, command."""
    return {
        "versions": {"python": platform.python_version(), **dict(map(_version, _PACKAGES))},
        "git_revision": _git_revision(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "conditions": machine.conditions(),
        "command": " ".join([Path(sys.executable).name, "-m", *_command()]),
    }


def _command() -> list[str]:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return [spec.name if spec else Path(sys.argv[0]).name, *sys.argv[1:]]


def _version(package: str) -> tuple[str, str]:
    try:
        return package, metadata.version(package)
    except metadata.PackageNotFoundError:
        return package, "not installed"


def _git_revision() -> str | None:
    """Revision of the source that runs, `-dirty` when changed; None outside a checkout."""
    here = Path(__file__).parent
    try:
        shown = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=here,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return shown.stdout.strip() or None
