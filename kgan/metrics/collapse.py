"""When a series of measurements of a training run tells of mode collapse: detection alone.

What is measured is the business of `kgan.runs.collapse_watch`. Here are numbers in, events out,
and the same numbers always give the same events: a run that was cut off finds its state again in
the rows that it has written (`replay`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kgan.metrics.collapse_rules import RULES, Level, LostModes

SINCE = "since_"
"""A column `since_<kind>` holds the step where an event began that goes on, or 0."""

# By kind of event, the column that tells of it.
COLUMNS: Mapping[str, str] = {
    "modes_lost": "modes",
    "modes_missing": "modes",
    "diversity": "diversity",
    "mode_spread": "mode_spread",
    "overlap": "generator_overlap",
    "separation": "separation",
    "loss": "discriminator_loss",
}


@dataclasses.dataclass
class CollapseEvent:
    """Something that went wrong for a while.

    Attributes:
        kind: a key of `COLUMNS`.
        begun: step of the first bad measurement.
        noticed: step at which there were enough of them for a warning.
        value: the worst so far: the number of lost or of covered modes, or the column's value.
        reference: what to hold it against: all modes, or the best level before the event.
        modes: numbers of the lost modes.
        recovered: step of the first good measurement after; None while it goes on.
    """

    kind: str
    begun: int
    noticed: int
    value: float
    reference: float
    modes: tuple[int, ...] = ()
    recovered: int | None = None

    @property
    def what(self) -> str:
        """What went wrong and how much, as a clause."""
        if self.kind == "modes_lost":
            lost = ", ".join(map(str, self.modes))
            return f"{self.value:.0f} of {self.reference:.0f} modes lost that were covered ({lost})"
        return RULES[self.kind].words.format(value=self.value, reference=self.reference)

    @property
    def when(self) -> str:
        """From when on, or from when to when."""
        if self.recovered is None:
            return f"since step {self.begun:,}"
        return f"from step {self.begun:,} to step {self.recovered:,}"


class CollapseDetector:
    """Finds where collapse begins and ends, in measurements that come one by one.

    Args:
        kinds: of events to look for, keys of `COLUMNS`; all by default.
    """

    def __init__(self, kinds: Collection[str] = tuple(COLUMNS)):
        self.events: list[CollapseEvent] = []
        self._watches: dict[str, LostModes | Level] = {
            kind: LostModes() if kind == "modes_lost" else Level(RULES[kind])
            for kind in COLUMNS
            if kind in kinds
        }
        self._open: dict[str, CollapseEvent] = {}
        self._lost = 0.0  # Modes, as they were told last.

    def update(self, step: int, values: Mapping[str, Any]) -> list[CollapseEvent]:
        """Take a measurement.

        Args:
            step: at which it was made; each after the one before.
            values: columns by name, as numbers or as metrics.csv has them. What is missing, empty
                or not finite is passed over, as if that column had not been measured.

        Returns:
            The events that are noticed, or over, with this measurement, and those of lost modes
            that have become twice as many since they were told.
        """
        changed = []
        for kind, watch in self._watches.items():
            value = _parsed(COLUMNS[kind], values)
            if value is None:
                continue
            watch.update(step, value)
            event = self._open.get(kind)
            if watch.begun and event is None:
                event = CollapseEvent(kind, watch.begun, step, watch.value, watch.reference)
                event.modes = watch.modes
                self._open[kind] = event
                self.events.append(event)
                changed.append(event)
            elif event is not None and not watch.begun:
                event.recovered = watch.recovered
                changed.append(self._open.pop(kind))
            elif event is not None and watch.worse(event.value) != event.value:
                event.value, event.modes = watch.value, watch.modes
                if kind == "modes_lost" and event.value >= 2 * self._lost:
                    changed.append(event)
        self._lost = next((e.value for e in changed if e.kind == "modes_lost"), self._lost)
        return changed

    def since(self) -> dict[str, int]:
        """By `since_<kind>`, the step where an event began that goes on, and 0 without one."""
        return {
            SINCE + kind: self._open[kind].begun if kind in self._open else 0
            for kind in self._watches
        }


def replay(
    rows: Iterable[Mapping[str, str]], kinds: Collection[str] | None = None
) -> CollapseDetector:
    """A detector that has seen rows of a metrics.csv.

    Args:
        rows: in the order of their steps, as `csv.DictReader` gives them.
        kinds: as for `CollapseDetector`; by default those of the rows' `since_` columns.
    """
    rows = list(rows)
    if kinds is None:
        names = rows[0] if rows else ()
        kinds = {name.removeprefix(SINCE) for name in names if name.startswith(SINCE)}
    detector = CollapseDetector(kinds)
    for row in rows:
        detector.update(int(row["step"]), row)
    return detector


def _parsed(column: str, values: Mapping[str, Any]) -> Any:
    """A column's value as it was measured; None where it was not."""
    value = values.get(column)
    if column == "modes" or value is None:
        return value or None
    try:
        number = float(value)
    except ValueError:  # A cell of a row without it.
        return None
    return number if math.isfinite(number) else None
