"""The rules by which `kgan.metrics.collapse` calls a series of measurements bad.

Each watch takes one measurement after another (`update`) and tells where the bad state began that
goes on (`begun`, 0 for none), where the last one ended (`recovered`), and how bad it is (`value`,
`reference`, `modes`).
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Callable, Mapping

PATIENCE = 3
"""Measurements in a row that make an event of what one alone would not; as many end it."""
WARM_UP = 8
"""Measurements before a level can be called bad: all runs begin with poor samples."""
MISSING_SHARE = 0.5
"""Of all modes: fewer covered ones are too few."""
FALLEN_TO = 0.6
"""Of the diversity's best level (at most real data's 1): less has fallen."""
LEAST_DIVERSITY = 0.1
"""With less all samples are nearly one."""
LEAST_SPREAD = 0.5
"""Of real data's within a mode: with less each mode is a part of what it should be."""
RISEN_BY = 0.4
"""Over the generators' least overlap: more has risen."""
MOST_OVERLAP = 0.9
"""With more all generators make the same."""
SEPARATED = 0.99
"""A discriminator whose outputs lie apart by more has nothing left to teach."""
LEAST_LOSS = 0.1
"""Of a cross-entropy's two terms, 2 log 2 = 1.39 without a clue and never below 0."""

COVERED, UNCOVERED, ABSENT = "x", ".", "-"
"""The modes of a measurement are text, one of these for each mode in order: "xx.x"; the last for
modes that the data does not have (of weight 0)."""


class Streak:
    """Bad or good, and changes when enough measurements in a row say so.

    Attributes:
        begun: the step where the bad state began that goes on, or 0.
        recovered: the step where the last one ended.
    """

    def __init__(self) -> None:
        self.begun = self.recovered = 0
        self._against = 0
        self._first = 0

    def update(self, step: int, bad: bool, *, settled: bool = True) -> None:
        """Take a measurement; the state stays as it is before all has `settled`."""
        if bad == bool(self.begun):
            self._against = 0
            return
        self._first = self._first if self._against else step
        self._against += 1
        if self._against >= PATIENCE and settled:
            self.begun, self.recovered = (self._first, 0) if bad else (0, self._first)
            self._against = 0


class LostModes:
    """Modes that were covered for a while and are not any more, each by itself.

    Many modes that are missed now and then, never the same ones for long, are no loss.
    """

    def __init__(self) -> None:
        self._modes: list[Streak] = []
        # By mode, measurements in a row that it was covered in, until it counts as found.
        self._found: list[int] = []
        self.recovered = 0
        self.reference = 0.0

    def update(self, step: int, modes: str) -> None:
        """Take the modes of a measurement."""
        if not self._modes:
            self._modes = [Streak() for _ in modes]
            self._found = [0] * len(modes)
            self.reference = _present(modes)
        before = self.begun
        for mode, sign in enumerate(modes[: len(self._modes)]):
            covered = sign == COVERED
            if self._found[mode] < PATIENCE:
                self._found[mode] = self._found[mode] + 1 if covered else 0
            else:
                self._modes[mode].update(step, not covered)
        if before and not self.begun:
            self.recovered = max(streak.recovered for streak in self._modes)

    @property
    def begun(self) -> int:
        """The step where the first of the lost modes was missed, or 0."""
        return min((streak.begun for streak in self._modes if streak.begun), default=0)

    @property
    def modes(self) -> tuple[int, ...]:
        """Numbers of the lost modes."""
        return tuple(mode for mode, streak in enumerate(self._modes) if streak.begun)

    @property
    def value(self) -> float:
        """How many they are."""
        return float(len(self.modes))

    def worse(self, value: float) -> float:
        """The greater of an earlier number of lost modes and this one."""
        return max(value, self.value)


@dataclasses.dataclass(frozen=True)
class Rule:
    """When a level is bad.

    Attributes:
        bad: of the value and the best level before.
        better: `max` or `min`.
        words: what an event says, of `value` and `reference`.
    """

    bad: Callable[[float, float], bool]
    better: Callable[..., float]
    words: str


RULES: Mapping[str, Rule] = {
    # The value is the covered modes' number and the best level is all modes.
    "modes_missing": Rule(
        lambda value, modes: value < MISSING_SHARE * modes,
        max,
        "only {value:.0f} of {reference:.0f} modes covered",
    ),
    "diversity": Rule(
        lambda value, best: value < max(LEAST_DIVERSITY, FALLEN_TO * min(best, 1.0)),
        max,
        "samples lie {value:.2f} times as far apart as real data (best before: {reference:.2f})",
    ),
    "mode_spread": Rule(
        lambda value, _: value < LEAST_SPREAD,
        max,
        "samples spread {value:.2f} times as far within a mode as real data (most before: "
        "{reference:.2f})",
    ),
    "overlap": Rule(
        lambda value, best: value > min(MOST_OVERLAP, best + RISEN_BY),
        min,
        "generators overlap by {value:.0%} (least before: {reference:.0%})",
    ),
    "separation": Rule(
        lambda value, _: value > SEPARATED,
        min,
        "the discriminator's outputs lie completely apart, by {value:.1%} (least before: "
        "{reference:.1%})",
    ),
    "loss": Rule(
        lambda value, _: value < LEAST_LOSS,
        max,
        "the discriminator's loss is near its minimum, 0, at {value:.3f} (most before: "
        "{reference:.2f})",
    ),
}


class Level:
    """A number that is bad for long enough by its rule."""

    modes = ()

    def __init__(self, rule: Rule):
        self.value = 0.0
        self._rule = rule
        self._streak = Streak()
        self._seen = 0
        self._last: list[float] = []
        self.reference = -math.inf if rule.better is max else math.inf

    def update(self, step: int, value: float | str) -> None:
        """Take a measurement."""
        if isinstance(value, str):
            self.value, self.reference = float(value.count(COVERED)), _present(value)
        else:
            self.value = value
        self._seen += 1
        bad = self._rule.bad(self.value, self.reference)
        self._streak.update(step, bad, settled=self._seen >= WARM_UP)
        if not isinstance(value, str):
            # Of the median, so that one measurement that stands out sets no standard.
            self._last = [*self._last[-2:], value]
            if len(self._last) == 3:
                level = statistics.median(self._last)
                self.reference = self._rule.better(self.reference, level)

    @property
    def begun(self) -> int:
        """The step where the bad state began that goes on, or 0."""
        return self._streak.begun

    @property
    def recovered(self) -> int:
        """The step where the last one ended."""
        return self._streak.recovered

    def worse(self, value: float) -> float:
        """The worse of an earlier value and this one."""
        return min(value, self.value) if self._rule.better is max else max(value, self.value)


def _present(modes: str) -> float:
    """How many modes the data has."""
    return float(len(modes) - modes.count(ABSENT))
