"""The section of the page that tells what each generator of a mixture does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgan.metrics import words
from kgan.reporting.figures import encode, style
from kgan.reporting.figures.budget import allowed
from kgan.reporting.figures.frames import image_rows
from kgan.reporting.figures.generators import (
    generator_panels_figure,
    generator_points_figure,
    generator_table_figure,
)
from kgan.reporting.figures.pictures import Picture, drawn
from kgan.reporting.figures.points import assign_modes
from kgan.reporting.sections import scores
from kgan.reporting.sections.player import value_range
from kgan.runs.artefacts.snapshot import Snapshot
from kgan.runs.run import Run

_ROW_BYTES = 1_400_000
_NARROW = 12
"""A table of so many rows and columns takes half of the page, and so do so many rows of images."""
_CARDS = (
    *("own_mode_generators", "distinct_generators"),
    *("effective_generators", "generator_overlap"),
)


@dataclass(frozen=True)
class ImageRow:
    """Images of one generator: its number and colour, what they mostly are, a data URI."""

    number: int
    colour: str
    note: str
    uri: str


@dataclass(frozen=True)
class GeneratorSection:
    """What the page shows of the generators of a mixture.

    Attributes:
        cards: their numbers, from the evaluation.
        pictures: figures; the table of modes or classes is the last.
        rows: images of the last snapshot, one row for each generator; () for points.
        step: of the last snapshot.
        kind: what the samples are told apart by, "mode" or "class".
        wide: whether the rows take the page's width.
    """

    cards: Sequence[scores.Card]
    pictures: Sequence[Picture]
    rows: Sequence[ImageRow]
    step: str
    kind: str
    wide: bool


@dataclass(frozen=True)
class Table:
    """Counts of every generator (K, columns), its samples (K,), and the columns' names."""

    counts: np.ndarray
    samples: np.ndarray
    names: Sequence[str]


def build_generators(run: Run) -> GeneratorSection | None:
    """The section of a run; None for all but mixtures of at least two generators."""
    last = run.snapshots[-1] if run.snapshots else None
    count = scores.number_of_generators(run)
    if count < 2:
        return None
    table = _table(run, last, count)
    rows = () if last is None else _image_rows(last, run, count, table)
    points = run.real is not None and run.real.means is not None
    kind = "mode" if points or "generator_modes" in (run.evaluation or {}) else "class"
    tables = [] if table is None else [_table_picture(table, kind, bool(rows))]
    return GeneratorSection(
        cards=_cards(run),
        pictures=[*_point_pictures(last, run, count), *tables],
        rows=rows,
        step="" if last is None else f"{last.step:,}",
        kind=kind,
        wide=count > _NARROW,
    )


def _cards(run: Run) -> list[scores.Card]:
    told = run.evaluation or {}
    active = told.get("active_units") or {}
    return [
        scores.Card(found.name, found.text(told), important=found.key == "distinct_generators")
        for found in (words.find(key) for key in _CARDS if key in told)
    ] + [
        scores.Card(f"Active units, layer {number}", f"{share:.0%}")
        for number, share in enumerate(active.values(), 1)
    ]


def _table(run: Run, last: Snapshot | None, count: int) -> Table | None:
    """From the evaluation's many samples, or else from the points of the last snapshot."""
    told, real = run.evaluation or {}, run.real
    counts = _numbers(told.get("generator_modes", told.get("generator_classes")), 2)
    samples = _numbers(told.get("generator_samples"), 1)
    if counts is not None and samples is not None and len(counts) == len(samples) == count:
        return Table(counts, samples, _column_names(run, counts.shape[1]))
    if last is None or last.generators is None or real is None or real.modes is None:
        return None
    found = assign_modes(last.samples, *real.modes, last.near)
    counts = np.zeros((count, len(found.counts)))
    np.add.at(counts, (last.generators[found.near], found.mode[found.near]), 1)
    samples = np.bincount(last.generators, minlength=count)
    return Table(counts, samples, list(map(str, range(len(found.counts)))))


def _numbers(values: object, axes: int) -> np.ndarray | None:
    """A list (of lists) of numbers as an array; None if it is none."""
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return None
    whole = array.ndim == axes and array.size > 0 and np.isfinite(array).all()
    return array if whole else None


def _column_names(run: Run, columns: int) -> list[str]:
    """Classes by name; modes by number, without those of weight zero, which nobody counts."""
    real = run.real
    if real is not None and real.class_names is not None and len(real.class_names) == columns:
        return list(real.class_names)
    if real is not None and real.weights is not None:
        present = np.flatnonzero(real.weights > 0)
        if len(present) == columns:
            return list(map(str, present))
    return list(map(str, range(columns)))


def _point_pictures(last: Snapshot | None, run: Run, count: int) -> list[Picture]:
    if last is None or last.generators is None or last.samples.ndim != 2:
        return []
    real = run.real
    made = last.samples, last.generators, count
    together = () if real is None else (real.samples, real.means, real.std)
    all_in_one = generator_points_figure(*made, *together, title="")
    panels = generator_panels_figure(*made, *together[:1], title="")
    title = f"Generated points by generator, step {last.step:,}"
    return [
        drawn(title, "generator-points", all_in_one),
        drawn("One by one", "generator-panels", panels),
    ]


def _table_picture(table: Table, kind: str, images: bool) -> Picture:
    """Beside rows of images, if there is room; else as wide as the page."""
    wide = not images or max(table.counts.shape) > _NARROW
    figure = generator_table_figure(
        table.counts, table.samples, table.names, kind=kind, title="", wide=wide
    )
    title = f"Each generator's samples by {kind}, in per cent"
    return drawn(title, "generator-table", figure, wide=wide)


def _image_rows(last: Snapshot, run: Run, count: int, table: Table | None) -> Sequence[ImageRow]:
    if last.by_generator is None:
        return ()
    strips = image_rows(last.by_generator, value_range(run), allowed(_ROW_BYTES))
    colours = style.hex_colours(style.generator_colours(count))
    return [
        ImageRow(number, colours[number], _mostly(table, number), encode.data_uri(png))
        for number, png in enumerate(strips)
    ]


def _mostly(table: Table | None, number: int) -> str:
    """The class of most of a generator's images: "Coat 61%"."""
    if table is None or not table.samples[number]:
        return ""
    shares = table.counts[number] / table.samples[number]
    return f"{table.names[shares.argmax()]} {shares.max():.0%}"
