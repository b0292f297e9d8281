"""All benches on one page: who covers what, how well, and how surely."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Callable, Mapping, Sequence

from kgan.metrics.formatting import NOTHING
from kgan.studies.rendering import Page
from kgan.studies.results import Outcome
from kgan.studies.table import Column, Grid, Table

# What is compared, and the columns that have it, of which each bench has one at most.
_MEASURES: Mapping[str, Sequence[str]] = {
    "Modes covered (images: modes or classes)": ("modes_covered", "classes_covered"),
    "Quality, % (images: precision, or F1/8)": ("high_quality", "precision", "f_1_8"),
    "Reverse KL of the modes' shares": ("reverse_kl_nearest", "reverse_kl"),
    "Imbalance": ("imbalance",),
    "Distance to the data: Wasserstein (images: Fréchet)": ("wasserstein", "frechet_distance"),
    "Failed seeds, %": ("failed",),
}
_DISTANCE = _MEASURES["Distance to the data: Wasserstein (images: Fréchet)"]
COVERED, QUALITY = list(_MEASURES.values())[:2]
_ABOUT = (
    "Place: the order by the mean distance over seeds, among the methods that have as many seeds "
    "as any other there; those that diverged on a seed come after the others; a bench whose "
    "distance does not see all dimensions has none. The mean place is over the benches with most "
    "places.",
    "A mode is covered by a single sample near it; the benches' own tables count strictly besides.",
)


class Leaderboard:
    """The methods of several benches, best first.

    Attributes:
        benches: by name, the table and the outcomes of those rows that have any.
        methods: labels, in the order of their mean places.
    """

    def __init__(self, benches: Mapping[str, tuple[Table, Sequence[Outcome]]]):
        found = {
            name: (table, [o for o in outcomes if o.evaluations or o.failures])
            for name, (table, outcomes) in benches.items()
        }
        self.benches = {name: both for name, both in found.items() if both[1]}
        self._places = {name: self._placed(name) for name in self.benches}
        labels = {o.row.label for _, outcomes in self.benches.values() for o in outcomes}
        # What has no place anywhere comes last.
        self.methods = sorted(labels, key=lambda label: (self.mean_place(label), label))

    def _placed(self, name: str) -> dict[str, int]:
        """By label, from 1 on; methods of divergences alone share the last place.

        Who has fewer seeds than others has none: one lucky seed is no first place.
        """
        column, (_, outcomes) = self.column(name, _DISTANCE), self.benches[name]
        if column is None:
            return {}
        seeds = [len(o.evaluations) + len(o.failures) for o in outcomes]
        outcomes = [o for o, count in zip(outcomes, seeds, strict=True) if count == max(seeds)]
        means = {
            o.row.label: (len(o.failures), o.scores(column).mean, o.row.label) for o in outcomes
        }
        ranked = sorted(key for key in means.values() if math.isfinite(key[1]))
        found = {label: place for place, (*_, label) in enumerate(ranked, 1)}
        return {label: found.get(label, len(means)) for label in means}

    def mean_place(self, label: str) -> float:
        """Over the benches that have most methods; infinite for a method that one lacks."""
        most = max(map(len, self._places.values()), default=0)
        whole = [places for places in self._places.values() if len(places) == most]
        return statistics.mean(places.get(label, math.inf) for places in whole)

    def column(self, name: str, keys: Sequence[str]) -> Column | None:
        """That of a bench which has the measure."""
        columns = self.benches[name][0].columns
        found = next((column for column in columns if column.key in keys), None)
        if found is not None and keys == QUALITY and not found.percent:
            return dataclasses.replace(found, decimals=1, percent=True)
        return found

    def outcome(self, name: str, label: str) -> Outcome | None:
        """That of a method on a bench."""
        _, outcomes = self.benches[name]
        return next((o for o in outcomes if o.row.label == label), None)

    def page(
        self,
        *,
        seeds: int,
        command: Callable[[str], str],
        about: Sequence[str],
        picture: tuple[str, bytes],
        notices: Sequence[str] = (),
    ) -> Page:
        """What is to be written.

        Args:
            seeds: how many each method was to have.
            command: that computes a bench, by its name.
            notices: what must be known before anything is read out of it.
            about: lines on this call.
            picture: file name and contents of a PNG.
        """
        notes = dict.fromkeys(n for table, _ in self.benches.values() for n in table.differences)
        return Page(
            title="Leaderboard",
            notices=notices,
            about_grids="Measured",
            grids=[
                self._place_grid(),
                *(self._grid(heading, keys) for heading, keys in _MEASURES.items()),
                self._seed_grid(seeds),
            ],
            about_differences="What is compared",
            differences=[
                *(f"{name}: {table.title}." for name, (table, _) in self.benches.items()),
                *_ABOUT,
                *notes,
            ],
            commands=[(name, command(name)) for name in self.benches],
            about=about,
            picture=picture,
        )

    def _place_grid(self) -> Grid:
        body = []
        for label in self.methods:
            mean = self.mean_place(label)
            places = [str(self._places[name].get(label, NOTHING)) for name in self.benches]
            body.append([label, f"{mean:.1f}" if math.isfinite(mean) else NOTHING, *places])
        return Grid(["method", "mean place", *self.benches], body, "Places", words=1)

    def _grid(self, heading: str, keys: Sequence[str]) -> Grid:
        body = [
            [label, *(self._cell(name, label, keys) for name in self.benches)]
            for label in self.methods
        ]
        body.append(["real data", *(self._real_cell(name, keys) for name in self.benches)])
        return Grid(["method", *self.benches], body, heading, words=1)

    def _cell(self, name: str, label: str, keys: Sequence[str]) -> str:
        column, outcome = self.column(name, keys), self.outcome(name, label)
        if column is None or outcome is None:
            return NOTHING
        return outcome.scores(column).text(column.decimals)

    def _real_cell(self, name: str, keys: Sequence[str]) -> str:
        column, (_, outcomes) = self.column(name, keys), self.benches[name]
        most = max(outcomes, key=lambda o: len(o.evaluations))
        return NOTHING if column is None else most.real_scores(column).text(column.decimals)

    def _seed_grid(self, seeds: int) -> Grid:
        def count(outcome: Outcome | None) -> str:
            return NOTHING if outcome is None else f"{len(outcome.evaluations)} of {seeds}"

        body = [
            [label, *(count(self.outcome(name, label)) for name in self.benches)]
            for label in self.methods
        ]
        return Grid(["method", *self.benches], body, "Seeds with a result", words=1)
