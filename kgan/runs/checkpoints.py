"""Checkpoints that hold everything a run needs to go on bit-identically."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import tensorflow as tf
from absl import logging

from kgan.backend import finite
from kgan.backend.strategies import is_chief
from kgan.backend.writing import writing
from kgan.errors import NonFiniteLossError, RunError
from kgan.runs.run import checkpoint_steps

# All that reading a broken file was seen to raise; a truncated one is an IndexError.
_UNREADABLE = (tf.errors.OpError, AssertionError, ValueError, LookupError, RuntimeError, OSError)
_DATA = re.compile(r"step-(\d+)\.data-")
_UNFINISHED = re.compile(r"step-\d+_temp")


class Checkpoints:
    """The last few states of a model in a directory.

    A checkpoint is the flat list of the model's variables (weights, statistics, random state, the
    step) and of every optimizer's. The batch stream and the noise are functions of the seed and
    the step, so this is all there is. TensorFlow writes the index file last and by renaming: a
    checkpoint whose index exists is complete.

    Args:
        model: a compiled `AdversarialModel`.
        directory: where checkpoints lie.
        keep: how many to keep, at least 2 so that a broken one has one before it.
    """

    def __init__(self, model: Any, directory: Path, keep: int = 3):
        self._model = model
        self._directory = Path(directory)
        self._keep = keep
        variables = [*model.variables]
        for optimizer in model.optimizers.values():
            variables += optimizer.variables
        self._values = [v.value for v in variables]
        self._checkpoint = tf.train.Checkpoint(state=self._values)

    def steps(self) -> list[int]:
        """Steps that there are checkpoints of, ascending."""
        return checkpoint_steps(self._directory)

    def last_good(self) -> str:
        """A sentence that names the newest checkpoint; weights that are not finite make none."""
        steps = self.steps()
        if not steps:
            return "There is no checkpoint yet."
        return f"The last good checkpoint is {self._directory / f'step-{steps[-1]}'}."

    def save(self) -> None:
        """Write the current state.

        Raises:
            NonFiniteLossError: if a weight is NaN or infinite; nothing is written.
            RunError: if the file cannot be written.
        """
        step = self._model.steps_taken
        if finite.not_finite(self._values):
            raise NonFiniteLossError(
                f"Weights became NaN or infinite by step {step}. The last good checkpoint is kept: "
                "lower the learning rate, or use `precision=float32`."
            )
        # Every worker must take part in a save, but only the chief's is kept.
        target = nullcontext(self._directory) if is_chief() else tempfile.TemporaryDirectory()
        with target as directory:
            path = f"{directory}/step-{step}"
            with writing(path), _clearing(f"{path}_temp"):
                Path(directory).mkdir(parents=True, exist_ok=True)
                self._checkpoint.write(path)
        if is_chief():
            self._prune()

    def restore(self) -> int:
        """Load the newest checkpoint that can be read.

        Returns:
            Its step; 0 where there is none.

        Raises:
            RunError: if there are checkpoints and none can be read.
        """
        steps = self.steps()
        self._warn_of_cut_off(steps[-1] if steps else 0)
        for step in reversed(steps):
            try:
                self._checkpoint.read(
                    str(self._directory / f"step-{step}")
                ).assert_existing_objects_matched()
            except _UNREADABLE as error:
                reason = str(error).splitlines()[0]
                logging.warning(
                    "The checkpoint of step %d in %s is broken (%s); trying the one before.",
                    step,
                    self._directory,
                    reason,
                )
                continue
            return step
        if steps:
            raise RunError(
                f"None of the checkpoints in {self._directory} (steps {steps}) can be read. "
                "Delete the run directory to start over, or give another `output_dir`."
            )
        return 0

    def _warn_of_cut_off(self, newest: int) -> None:
        """Tell of data after the `newest` checkpoint that have no index."""
        found = (_DATA.match(path.name) for path in self._directory.glob("step-*"))
        cut_off = max((int(match.group(1)) for match in found if match), default=0)
        if cut_off > newest:
            logging.warning(
                "The checkpoint of step %d in %s has no index: its writing was cut off, and it is "
                "left out.",
                cut_off,
                self._directory,
            )

    def _prune(self) -> None:
        for step in self.steps()[: -self._keep]:
            # The index goes first, so that no index is ever without its data.
            for path in sorted(self._directory.glob(f"step-{step}.*"), reverse=True):
                path.unlink(missing_ok=True)
        # TensorFlow writes in these folders; a kill leaves one behind.
        for folder in self._directory.glob("step-*_temp"):
            if _UNFINISHED.fullmatch(folder.name):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _clearing(folder: str) -> Iterator[None]:
    """Remove what TensorFlow leaves in a folder when it cannot write, on a disk that is full."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
