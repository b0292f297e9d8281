"""What happens while a run trains: log, progress, checkpoints, snapshots.

All are Keras callbacks. An "epoch" is an interval of steps, as `kgan.runs.loop.train` has it;
each callback reads the step off the model.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import tqdm.auto

from kgan.metrics import words
from kgan.runs.checkpoints import Checkpoints
from kgan.runs.events import Events
from kgan.runs.run import Run

# Measured by `MetricsLog` at each interval and shown by the later callbacks.
Probe = Callable[[], Mapping[str, float]]


class MetricsLog(keras.callbacks.Callback):
    """Rows of metrics.csv and TensorBoard scalars.

    Must come before callbacks that show the probe's values, which it adds to the logs, and after
    those that measure on their own.

    Args:
        run: whose metrics.csv grows.
        events: where the scalars go.
        seconds: trained before this process.
        probe: measured at each interval, such as the covered modes of a few samples.
        cells: what the row has besides the logs, numbers or text.
    """

    def __init__(
        self,
        run: Run,
        events: Events,
        seconds: float = 0.0,
        probe: Probe | None = None,
        cells: Callable[[], Mapping[str, Any]] | None = None,
    ):
        super().__init__()
        self._run = run
        self._events = events
        self._before = seconds
        self._probe = probe
        self._cells = cells

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the clock."""
        self._start = self._last = time.perf_counter()
        self._last_step = self.model.steps_taken

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write a row."""
        logs = {} if logs is None else logs
        step, now = self.model.steps_taken, time.perf_counter()
        rate = (step - self._last_step) / (now - self._last)
        self._last, self._last_step = now, step
        if self._probe is not None:
            logs.update(self._probe())
        seconds = self._before + now - self._start
        row = {**logs, **(self._cells() if self._cells is not None else {})}
        self._run.append_metrics(
            {"step": step, "seconds": round(seconds, 3), "steps_per_second": round(rate, 3), **row}
        )
        self._events.scalars(step, {"steps_per_second": rate, **row})

    def on_train_end(self, logs: Any = None) -> None:
        """Flush the events."""
        self._events.flush()


class Progress(keras.callbacks.Callback):
    """A progress bar with steps/s, time left and the latest logs.

    Args:
        steps: where training ends.
        label: shown before the bar; None for no bar.
    """

    def __init__(self, steps: int, label: str | None):
        super().__init__()
        self._steps = steps
        self._label = label
        self._extra: dict[str, Any] = {}
        self._bar = tqdm.auto.tqdm(disable=True)

    def on_train_begin(self, logs: Any = None) -> None:
        """Draw the bar."""
        seen = sys.stderr.isatty() or "ipykernel" in sys.modules
        self._bar = tqdm.auto.tqdm(
            disable=self._label is None,
            total=self._steps,
            initial=self.model.steps_taken,
            desc=self._label,
            unit="step",
            dynamic_ncols=True,
            # A file or a CI log gets a line now and then, not ten a second.
            mininterval=0.5 if seen else 30,
            smoothing=0.1,
        )

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Move the bar."""
        losses = {k.removesuffix("_loss"): v for k, v in (logs or {}).items() if "_loss" in k}
        self._bar.set_postfix({**_short(losses), **self._extra}, refresh=False)
        self._bar.update(self.model.steps_taken - self._bar.n)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Take what was measured at the interval's end."""
        logs = logs or {}
        shown = [words.find(key) for key in ("modes_covered", "high_quality") if key in logs]
        self._extra = {score.name.lower(): score.text(logs) for score in shown}

    def on_train_end(self, logs: Any = None) -> None:
        """Leave the bar as it stands."""
        self.close()

    def close(self) -> None:
        """End the bar's line, so that an error gets its own."""
        self._bar.close()


class SaveCheckpoints(keras.callbacks.Callback):
    """A checkpoint at every multiple of `every` steps, and at the end.

    Args:
        checkpoints: where to.
        every: steps between two; a multiple of the interval.
        before: called before each save, so that what it writes is never behind the checkpoint.
    """

    def __init__(
        self, checkpoints: Checkpoints, every: int, before: Callable[[int], None] = lambda _: None
    ):
        super().__init__()
        self._checkpoints = checkpoints
        self._every = every
        self._before = before
        self._saved = -1

    def on_train_begin(self, logs: Any = None) -> None:
        """Write what there is before the first step."""
        self._saved = self.model.steps_taken
        self._before(self._saved)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save where it is time."""
        if self.model.steps_taken % self._every == 0:
            self._save()

    def on_train_end(self, logs: Any = None) -> None:
        """Save the end."""
        self._save()

    def _save(self) -> None:
        step = self.model.steps_taken
        if step != self._saved:
            self._before(step)
            self._checkpoints.save()
            self._saved = step


def _short(values: Mapping[str, float]) -> dict[str, str]:
    return {key: f"{value:.4g}" for key, value in values.items()}
