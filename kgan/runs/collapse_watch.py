"""A callback that measures the model as it trains, and warns of mode collapse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
from absl import logging

from kgan.classifiers.features import FeatureNetwork
from kgan.data import Dataset
from kgan.metrics.arrays import as_numbers
from kgan.metrics.collapse import CollapseDetector, CollapseEvent, replay
from kgan.runs.live import LiveMeasurement


class CollapseWatch(keras.callbacks.Callback):
    """Measures at the end of each epoch, and warns once of each thing that goes wrong.

    For `fit` or `kgan.runs.loop.train`. What is measured (`kgan.runs.live`) is added to the
    logs, so that History and callbacks after this one have it; what it means is decided by
    `kgan.metrics.collapse`. A warning names what went wrong, how much, and the step where it began,
    and a note follows when it is over.

    Training is not touched: samples come from seeds of their own, networks run in inference mode.

    Args:
        real: what the model trains on: a data set, or an array of examples in the model's range.
        network: a classifier of the images, to count covered classes with. Without one they are
            counted only where the model has a classifier itself.
        rows: what an earlier process of the same training wrote into metrics.csv, as
            `csv.DictReader` gives it: events go on where they were.
    """

    def __init__(
        self,
        real: Dataset | np.ndarray,
        *,
        network: FeatureNetwork | None = None,
        rows: Iterable[Mapping[str, str]] = (),
    ):
        super().__init__()
        if not isinstance(real, Dataset):
            as_numbers("real", real)
        self._data = real
        self._network = network
        self._rows = list(rows)
        self._detector: CollapseDetector | None = None
        self._modes = ""

    @property
    def events(self) -> list[CollapseEvent]:
        """All that went wrong so far, earlier processes' included, in the order of notice."""
        return [] if self._detector is None else self._detector.events

    def cells(self) -> dict[str, Any]:
        """What metrics.csv keeps besides the logs: the modes' signs, and where events began."""
        modes = {"modes": self._modes} if self._modes else {}
        return {**modes, **(self._detector.since() if self._detector else {})}

    def on_train_begin(self, logs: Any = None) -> None:
        """Take real examples to compare with; see the earlier rows."""
        self._measure = LiveMeasurement(self.model, self._data, self._network)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measure, and warn.

        Raises:
            NonFiniteLossError: samples that are not finite.
        """
        logs = {} if logs is None else logs
        found = self._measure()
        self._modes = found.modes
        logs.update(found.values)
        if self._detector is None:
            self._detector = replay(self._rows, self._kinds(found.values))
        for event in self._detector.update(self.model.steps_taken, {**logs, "modes": found.modes}):
            self._tell(event)

    def _kinds(self, values: Mapping[str, float]) -> list[str]:
        """The events that this model's measurements can tell of."""
        kinds = ["modes_lost", "modes_missing"] if self._modes else []
        columns = {"diversity": "diversity", "generator_overlap": "overlap"}
        columns |= {"separation": "separation", "mode_spread": "mode_spread"}
        kinds += [kind for column, kind in columns.items() if column in values]
        if self._measure.cross_entropy:
            kinds.append("loss")
        return kinds

    def _tell(self, event: CollapseEvent) -> None:
        if event.recovered is None:
            logging.warning("Collapse watch: %s, %s.", event.what, event.when)
        else:
            logging.info("Collapse watch: it is over: %s, %s.", event.what, event.when)
