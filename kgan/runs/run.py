"""A run: all that its directory holds, and the only way in and out of it."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from kgan.errors import DataError, InputError, RunError
from kgan.files import local_path, replacing
from kgan.metrics.collapse import SINCE, CollapseEvent, replay
from kgan.runs.artefacts import description as kept_description
from kgan.runs.artefacts import evaluation as kept_evaluation
from kgan.runs.artefacts import metrics_log
from kgan.runs.artefacts.dimensions import Dimensions
from kgan.runs.artefacts.interpolations import Interpolations
from kgan.runs.artefacts.inversion import Inversion
from kgan.runs.artefacts.kept import Kept
from kgan.runs.artefacts.neighbours import Neighbours
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.artefacts.snapshot import Snapshot, read_snapshot, read_snapshots, snapshot_paths
from kgan.runs.claiming import claim_directory
from kgan.runs.config import Config
from kgan.runs.model_file import load_model
from kgan.signatures import checked

_CHECKPOINT = re.compile(r"step-(\d+)\.index$")


class Run:
    """A training run in its directory: what it was asked for, what it found, its model.

        run = kgan.Run("runs/mdgan-grid-seed0")
        run.scores["modes_covered"], run.samples().shape

    Files are read when they are first asked for, and kept in memory: open the run again to see what
    has been written since. What is not there yet is None or empty; what a kill or a full disk has
    cut short is left out too, and named in `problems`.

    Attributes:
        path: the directory.
        description: the contents of config.json: `method`, `dataset`, `flags`, `model`, `versions`,
            `git_revision`, `machine`, `command`.

    Args:
        path: a directory that training wrote.

    Raises:
        RunError: it is no run's, or a newer kgan's.
    """

    @checked
    def __init__(self, path: str | Path):
        self.path = local_path(path, "path")
        self.description: Mapping[str, Any] = kept_description.read_description(self.path)
        self._problems: list[str] = []
        self._lock: TextIO | None = None

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @staticmethod
    def is_at(path: str | Path) -> bool:
        """Whether a directory is a run's."""
        return Path(path, kept_description.FILE).is_file()

    # Where things lie ---------------------------------------------------------------------

    @property
    def report_path(self) -> Path:
        """The page that tells the run."""
        return self.path / "report.html"

    @property
    def saved_model_path(self) -> Path:
        """The exported SavedModel."""
        return self.path / "saved_model" / "1"

    @property
    def model_path(self) -> Path:
        """The trained model in Keras' format."""
        return self.path / "model.keras"

    @property
    def events_path(self) -> Path:
        """TensorBoard's folder."""
        return self.path / "events"

    @property
    def samples_path(self) -> Path:
        """The folder of snapshots and of what else is kept of samples."""
        return self.path / "samples"

    @property
    def checkpoints_path(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoints"

    # What was asked for -------------------------------------------------------------------

    @functools.cached_property
    def config(self) -> Config:
        """The arguments of the run, with the preset's values where none were given.

        Raises:
            RunError: if config.json does not tell them.
        """
        try:
            told = self.description
            return Config.from_flags(told["method"], told["dataset"], {**told["flags"]})
        except (KeyError, TypeError, ValueError) as error:
            path = self.path / kept_description.FILE
            raise RunError(f"{path} is no configuration of a run: {error}.") from error

    @property
    def flags(self) -> Mapping[str, Any]:
        """The same under the names of the command line; empty where they are not told."""
        flags = self.description.get("flags")
        return flags if isinstance(flags, Mapping) else {}

    # What was found -----------------------------------------------------------------------

    @functools.cached_property
    def evaluation(self) -> Mapping[str, Any] | None:
        """The contents of evaluation.json; None also where the run has been sent on since."""
        steps = self.flags.get("steps")
        return kept_evaluation.read_evaluation(self.path, steps, self._problems)

    @property
    def scores(self) -> dict[str, Any]:
        """The scores of the trained model by name, with their sample count and seed."""
        return {name: value for name, value in (self.evaluation or {}).items() if name != "real"}

    @property
    def real_scores(self) -> Mapping[str, Any]:
        """The same scores of real data against real data."""
        return (self.evaluation or {}).get("real", {})

    @functools.cached_property
    def metrics(self) -> Mapping[str, np.ndarray]:
        """The columns of metrics.csv, a number for each row and NaN in cells that have none."""
        return metrics_log.read_columns(self._metrics_path)

    @functools.cached_property
    def events(self) -> tuple[CollapseEvent, ...] | None:
        """What went wrong while it trained; None if nobody watched for it."""
        rows = [
            row for row in metrics_log.rows_by_step(self._metrics_path) if row["step"].isdigit()
        ]
        watched = rows and any(name.startswith(SINCE) for name in rows[0])
        return tuple(replay(rows).events) if watched else None

    @functools.cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Samples over time, in the order of their steps; of more than 40 an even choice."""
        return read_snapshots(self.samples_path, self._problems)

    @checked
    def samples(self, step: int | None = None) -> np.ndarray:
        """The samples of a snapshot, `(n, height, width, channels)` or `(n, 2)`.

        Args:
            step: the snapshot's; the last one's by default.

        Raises:
            InputError: there is no snapshot of that step.
            RunError: there is none at all, or its file is broken.
        """
        paths = snapshot_paths(self.samples_path)
        if not paths:
            raise RunError(f"{self.path} has no samples yet: training writes the first ones.")
        step = max(paths) if step is None else step
        if step not in paths:
            there = ", ".join(map(str, paths))
            raise InputError(f"There are samples of the steps {there}. Received: step={step}")
        problems: list[str] = []
        found = read_snapshot(paths[step], step, problems)
        if found is None:
            raise RunError(f"{self.path}: {problems[0]}")
        return found.samples

    @functools.cached_property
    def real(self) -> RealData | None:
        """Real examples to compare with."""
        return RealData.read(self.samples_path, self._problems)

    @functools.cached_property
    def inversion(self) -> Inversion | None:
        """What the inverse that the model has learnt makes of data."""
        return Inversion.read(self.samples_path, self._problems)

    @functools.cached_property
    def interpolations(self) -> Interpolations | None:
        """Samples on the ways between latents."""
        return Interpolations.read(self.samples_path, self._problems)

    @functools.cached_property
    def neighbours(self) -> Neighbours | None:
        """How near samples lie to training examples."""
        return Neighbours.read(self.samples_path, self._problems)

    @functools.cached_property
    def dimensions(self) -> Dimensions | None:
        """Samples that the discriminator's dimensions rank first."""
        return Dimensions.read(self.samples_path, self._problems)

    @property
    def mode_shares(self) -> np.ndarray | None:
        """(modes,) the share of the evaluation's samples near each mode; None if not counted."""
        told = self.evaluation or {}
        samples = told.get("samples")
        try:
            shares = np.asarray(told.get("mode_counts") or (), float) / samples
        except (TypeError, ValueError, ZeroDivisionError):
            return None
        if self.real is None or self.real.means is None or shares.ndim != 1:
            return None
        modes = len(self.real.means)
        # Modes of weight 0 are not counted.
        present = np.ones(modes, bool) if self.real.weights is None else self.real.weights > 0
        if len(shares) == present.sum():
            found = np.zeros(modes)
            found[present] = shares
            return found
        return shares if len(shares) == modes else None

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about files that could not be read; reads all of them."""
        _ = self.evaluation, self.snapshots, self.real, self.inversion
        _ = self.interpolations, self.neighbours, self.dimensions
        return tuple(self._problems)

    @property
    def checkpoints(self) -> list[int]:
        """The steps that there are checkpoints of, ascending."""
        return checkpoint_steps(self.checkpoints_path)

    @property
    def finished(self) -> bool:
        """Whether the trained model is there."""
        return self.model_path.is_file()

    def model(self) -> Any:
        """The trained model, an `AdversarialModel`; loads TensorFlow.

        Raises:
            RunError: it is not there yet, or cannot be read.
        """
        if not self.finished:
            raise RunError(
                f"The run {self.path} has not finished: {self.model_path.name} is missing. Go on "
                f"with it by {self.description.get('command', 'the command that began it')}"
            )
        try:
            return load_model(self.model_path)
        except DataError as error:
            raise RunError(f"{error} Another version of kgan may have written it.") from error

    # Writing ------------------------------------------------------------------------------

    @classmethod
    @checked
    def claim(cls, path: str | Path, description: Mapping[str, Any], *, resume: bool = True) -> Run:
        """Make a directory a run's own, or find that it is already; `close` gives it back.

        Args:
            path: the directory, which need not be there.
            description: of the run: `method`, `dataset`, `flags` and what else is to be kept.
            resume: whether a run that is there may go on.

        Raises:
            RunError: if the directory cannot be written, holds something else, holds a run with
                another configuration, or is in use; the message names the difference.
        """
        folders = ("samples", "checkpoints")
        lock = claim_directory(local_path(path, "output_dir"), description, folders, resume=resume)
        run = cls(path)
        run._lock = lock
        return run

    def close(self) -> None:
        """Let others write into the directory again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def append_metrics(self, row: Mapping[str, Any]) -> None:
        """Append a row to metrics.csv; see `metrics_log.append_row`."""
        metrics_log.append_row(self._metrics_path, row)

    def rows(self) -> list[dict[str, str]]:
        """The complete rows of metrics.csv as text, as they are now; none without the file."""
        return metrics_log.read_rows(self._metrics_path)

    def truncate_metrics(self, step: int) -> float:
        """Forget what came after `step`; returns the seconds trained until then."""
        metrics_log.truncate(self._metrics_path, step)
        return self.seconds()

    def seconds(self) -> float:
        """Seconds trained so far, over all processes of this run."""
        return metrics_log.seconds(self._metrics_path)

    def keep(self, found: Kept | None) -> None:
        """Write what is kept of samples; None is nothing to keep."""
        if found is not None:
            found.write(self.samples_path)

    def save_model(self, model: Any) -> None:
        """Write model.keras."""
        with replacing(self.model_path) as temporary:
            model.save(temporary)

    def write_evaluation(self, evaluation: Mapping[str, Any]) -> None:
        """Write evaluation.json. Who finds it takes the run as done: it comes last."""
        kept_evaluation.write_evaluation(self.path, evaluation)

    @property
    def _metrics_path(self) -> Path:
        return self.path / metrics_log.FILE


def checkpoint_steps(folder: Path) -> list[int]:
    """The steps of the complete checkpoints in a folder, ascending."""
    if not folder.is_dir():
        return []
    found = (_CHECKPOINT.match(path.name) for path in folder.iterdir())
    return sorted(int(match.group(1)) for match in found if match)
