"""The page that holds runs against each other: self-contained, from what their directories hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kgan.files import check_ours, local_path
from kgan.metrics import formatting
from kgan.metrics.judgement import judgement
from kgan.reporting.figures import style
from kgan.reporting.figures.budget import allowed
from kgan.reporting.figures.comparison_curves import comparison_curves
from kgan.reporting.figures.encode import data_uri
from kgan.reporting.figures.frames import (
    THUMB_PIXELS,
    fitted_grid,
    image_frame,
    point_backdrop,
    point_frame,
)
from kgan.reporting.groups import Group, different_flags, read_groups, same_flags, seed
from kgan.reporting.pages.writing import write_page
from kgan.reporting.sections import scores
from kgan.reporting.sections.comparison_table import score_table
from kgan.reporting.sections.differences import difference_table
from kgan.reporting.sections.player import value_range
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.run import Run
from kgan.signatures import checked

_MARK = "<title>Comparison on "  # In every page, of older versions too.
_PIXELS = 520
_GRID_BYTES = 300_000
_THUMB_COLUMNS = 3
_MOST_THUMBS = 9


@dataclass(frozen=True)
class Thumb:
    """The samples of a further seed, small."""

    seed: str
    uri: str


@dataclass(frozen=True)
class Samples:
    """A picture of samples: whose, of which seed and step, what they come to, and further seeds."""

    label: str
    colour: str
    note: str
    uri: str
    thumbs: Sequence[Thumb] = ()
    judgement: str = ""


@dataclass(frozen=True)
class Member:
    """A run of a group, in words."""

    label: str
    colour: str
    seed: str
    steps: str
    seconds: str
    directory: str


@checked
def write_comparison(run_dirs: Sequence[str | Path], path: str | Path) -> Path:
    """Writes a page that compares runs on one data set; those that differ by seed are a group.

    The page needs nothing but itself. What a run has not written yet is shown as missing.

    Args:
        run_dirs: at least two run directories.
        path: of the page; folders above it are made.

    Returns:
        `path`.

    Raises:
        RunError: if one is no run directory, or the page cannot be written.
        InputError: fewer than two runs, runs on different data, or another file where the page
            should go.
    """
    path = local_path(path, "path")
    check_ours(path, _MARK, "comparison")
    groups = read_groups(run_dirs)
    return write_page(path, "comparison.html.j2", lambda: _contents(groups), name="comparison")


def _contents(groups: Sequence[Group]) -> dict[str, Any]:
    runs = [run for group in groups for run in group.runs]
    colours = _page_colours(len(groups))
    modes = next(filter(None, map(scores.modes_total, runs)), None)
    pictures, alone = comparison_curves(groups, _colours(len(groups)), modes)
    points = any(run.snapshots and run.snapshots[-1].samples.ndim == 2 for run in runs)
    shown = next((run for run in runs if run.real is not None), None)
    real = shown and shown.real
    table = score_table(groups)
    return {
        "dataset": runs[0].description.get("dataset", formatting.NOTHING),
        "legend": list(zip(groups, colours, strict=True)),
        "problems": _problems(groups),
        "points": points,
        "mixtures": points and any(scores.number_of_generators(run) > 1 for run in runs),
        "backdrop": data_uri(point_backdrop(real, _PIXELS)) if points and real else "",
        "real_samples": _real_samples(shown, real, points) if shown and real else None,
        "samples": [_samples(group, colour) for group, colour in zip(groups, colours, strict=True)],
        "table": table,
        "differences": difference_table(groups),
        "several_seeds": any(len(group.evaluations) > 1 for group in groups),
        "marked": any(cell.best for row in table for cell in row.cells),
        "curves": pictures,
        "alone": alone,
        "bands": any(len(group.runs) > 1 for group in groups),
        "different": different_flags(groups),
        "same": same_flags(groups),
        "members": [
            _member(group, run, c)
            for group, c in zip(groups, colours, strict=True)
            for run in group.runs
        ],
        "commands": [scores.command_line(run.description) for run in runs],
    }


def _page_colours(count: int) -> list[str]:
    """The same as a page writes them: those of few lines follow its light and dark mode."""
    if count <= len(style.SERIES):
        return [f"var(--series-{index})" for index in range(count)]
    return _colours(count)


def _colours(count: int) -> list[str]:
    if count <= len(style.SERIES):
        return list(style.SERIES[:count])
    return style.hex_colours(style.generator_colours(count))


def _problems(groups: Sequence[Group]) -> list[str]:
    """What is missing or broken, in sentences."""
    found = []
    for group in groups:
        for run in group.runs:
            name = f"{group.label}, seed {seed(run)}"
            if run.evaluation is None:
                found.append(f"{name}: no scores yet ({run.path}).")
            found += [f"{name}: {problem}" for problem in run.problems]
        found += _mixed(group)
    samples = {str(e.get("samples")) for group in groups for e in group.evaluations}
    if len(samples) > 1:
        found.append(
            f"The scores are from different numbers of samples ({', '.join(sorted(samples))}), "
            "and some scores depend on them."
        )
    return found


def _mixed(group: Group) -> list[str]:
    """What the seeds of a group do not share, though their flags are the same."""
    words = {"git revision": "revisions of the code", "versions": "versions of the libraries"}
    alone = [replace(group, runs=[run]) for run in group.runs]
    return [
        f"{group.label}: its {len(alone)} runs are of {len(set(told))} different {words[name]}."
        for name, told in different_flags(alone)
        if name in words
    ]


def _real_samples(run: Run, real: RealData, points: bool) -> Samples:
    if points:
        return Samples("Real data", "", f"{len(real.samples):,} of the training data", "")
    spread = np.linspace(0, len(real.samples) - 1, 64).astype(int)
    png, _ = fitted_grid(real.samples[np.unique(spread)], value_range(run), allowed(_GRID_BYTES))
    return Samples("Real data", "", "of the training data", data_uri(png))


def _samples(group: Group, colour: str) -> Samples:
    """The last samples of the first seed that has some, and small ones of the others."""
    shown = [run for run in group.runs if run.snapshots]
    if not shown:
        return Samples(group.label, colour, "no samples yet", "")
    first, *others = shown
    note = f"seed {seed(first)}, step {first.snapshots[-1].step:,}"
    thumbs = [Thumb(str(seed(run)), data_uri(_picture(run, True))) for run in others[:_MOST_THUMBS]]
    told = judgement(first.evaluation or {})
    return Samples(group.label, colour, note, data_uri(_picture(first, False)), thumbs, told)


def _picture(run: Run, small: bool) -> bytes:
    last = run.snapshots[-1]
    if last.samples.ndim == 2:
        count = scores.number_of_generators(run)
        return point_frame(last, run.real, THUMB_PIXELS if small else _PIXELS, count=count)
    span = value_range(run)
    if small:
        return image_frame(last.samples, span, min(_THUMB_COLUMNS, len(last.samples)))
    return fitted_grid(last.samples, span, allowed(_GRID_BYTES))[0]


def _member(group: Group, run: Run, colour: str) -> Member:
    told = run.evaluation or {}
    last = {name: column[-1] for name, column in run.metrics.items() if len(column)}
    return Member(
        label=group.label,
        colour=colour,
        seed=str(seed(run)),
        steps=formatting.number(told.get("steps", last.get("step"))),
        seconds=formatting.duration(told.get("wall_seconds", last.get("seconds"))),
        directory=str(run.path),
    )
