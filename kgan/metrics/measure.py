"""What a measure is: a score by name, of a trial; and how measures are chosen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics.words import Score

ALL = "all"
"""Stands for every measure that a source can be measured by."""

Scores = dict[str, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Trial:
    """One draw of samples, and all that it is held against.

    Attributes:
        source: what made them.
        seed: of the draw.
        samples: (n, ...) as the source gave them.
        generators: (n,) which generator of a mixture made each; None for others.
        num_generators: how many the mixture has.
        value_range: (low, high) of the samples; None of points.
        made: the samples.
        other: another sample of real data, as large where there are as many.
        reference: the real data that both are compared with.
        held_out: gives real examples that were not trained on, in the source's range, in parts:
            of points those of `other`, of images those of `reference`.
    """

    source: Any
    seed: int
    samples: np.ndarray
    generators: np.ndarray | None
    num_generators: int
    value_range: tuple[float, float] | None
    made: Any
    other: Any
    reference: Any
    held_out: Callable[[], Iterable[np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Measure:
    """What `evaluate` can find out about samples.

    Attributes:
        name: what it is chosen by.
        scores: that it gives, with their words.
        score: gives them by key, of a trial's samples.
        stand_in: the real data that have the samples' place in the same score of real data:
            `"other"` or `"reference"`; None where `real_score` tells, or nothing.
        real_score: the same score of real data, where it depends on the source too.
        applies: whether a trial can be measured by it.
        needs: what that takes, in words.
        default: whether it is measured when nothing is chosen.
        label_free: whether it is, too, where the feature network tells no classes.
        featured: whether it looks at images through the feature network.
        kept: whether its scores of real data are kept in kgan's cache, under their versions: raise
            those when the same samples get another value.
    """

    name: str
    scores: tuple[Score, ...]
    score: Callable[[Trial], Scores]
    stand_in: str | None = "other"
    real_score: Callable[[Trial], Scores] | None = None
    applies: Callable[[Trial], bool] = lambda trial: True
    needs: str = ""
    default: bool = True
    label_free: bool = False
    featured: bool = True
    kept: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the scores that it gives."""
        return tuple(score.key for score in self.scores)


def choose(
    measures: Mapping[str, Measure], names: Sequence[str] | None, *, label_free: bool = False
) -> list[Measure]:
    """The measures of these names.

    Args:
        measures: to choose from, by name.
        names: of measures, or keys that they give, or "all"; None for the defaults.
        label_free: whether the defaults are those of images whose classes nobody tells.

    Raises:
        InputError: an unknown name, or none at all.
    """
    if names is None:
        return [m for m in measures.values() if m.default or (label_free and m.label_free)]
    by_key = {key: measure for measure in measures.values() for key in measure.keys}
    known = {**by_key, **measures}
    unknown = [name for name in names if name not in known and name != ALL]
    if unknown or not names:
        listed = ", ".join(
            measure.name if measure.keys == (measure.name,) else _described(measure)
            for measure in measures.values()
        )
        raise InputError(
            f"There is no such metric for these data. Received: {', '.join(unknown) or 'none'}; "
            f"known are {listed}, and {ALL}."
        )
    wanted = set(measures) if ALL in names else {known[name].name for name in names}
    return [measure for name, measure in measures.items() if name in wanted]


def _described(measure: Measure) -> str:
    return f"{measure.name} ({', '.join(measure.keys)})"
