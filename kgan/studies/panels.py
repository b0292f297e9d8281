"""A panel for every row of a table: what one seed has learnt to draw, points or images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgan.data.catalog import MIXTURE_SEEDS, MIXTURES
from kgan.metrics import words
from kgan.reporting.figures import style
from kgan.reporting.figures.generators import draw_generators
from kgan.reporting.figures.points import draw_modes, draw_points, draw_real
from kgan.runs.config import data_options
from kgan.studies.results import Outcome
from kgan.studies.runs import Run
from kgan.studies.samples import Arrays, pixels
from kgan.studies.table import column

_COLUMNS, _MOST_COLUMNS, _ROWS = 3, 5, 2  # Side by side, and in so many rows before they are more.
_WIDTH, _HEIGHT, _MARGIN = 3.5, 4.1, 0.1  # Of a panel with its texts, in inches.
_REAL = 2_000  # Real points behind the generated ones.
_BEYOND = 6.0  # Standard deviations of a mode that the view reaches over the outermost mean.


def draw(title: str, outcomes: Sequence[Outcome]) -> Figure:
    """The figure: a panel for each row that has samples, and how to read them.

    Args:
        title: of all.
        outcomes: of rows, at least one with samples; the first seed of each is drawn.
    """
    drawn = {id(o): found for o in outcomes if (found := o.pictured()) is not None}
    shown = [outcome for outcome in outcomes if id(outcome) in drawn]
    columns = min(max(_COLUMNS, -(-(len(shown) + 1) // _ROWS)), _MOST_COLUMNS)
    rows = -(-(len(shown) + 1) // columns)
    figure = style.new_figure(_WIDTH * columns, 0.5 + _HEIGHT * rows)
    figure.set_layout_engine("constrained", w_pad=_MARGIN, h_pad=0.14, wspace=0.02, hspace=0.04)
    options = {
        "x": _MARGIN / (_WIDTH * columns),
        "ha": "left",
        "fontsize": style.TITLE_SIZE + 3,
        "weight": "bold",
    }
    figure.suptitle(style.plain(title), color=style.INK, **options)
    cells = figure.subplots(rows, columns, squeeze=False).ravel()
    several = len({outcome.row.dataset for outcome in shown}) > 1
    for axes, outcome in zip(cells, shown, strict=False):
        run, samples = drawn[id(outcome)]
        _draw_panel(axes, run, samples, outcome.evaluations[run.seed])
        data = f" on {outcome.row.dataset}" if several else ""
        style.add_title(axes, style.plain(f"{outcome.row.label}{data}"))
    for axes in cells[len(shown) :]:
        axes.axis("off")
    key, counted = cells[len(shown)], _counted(shown, [run.seed for run, _ in drawn.values()])
    if all(axes.images for axes in cells[: len(shown)]):
        _write(key, 0.95, f"Some samples of each.\n{counted}.")
    else:
        first = [o.evaluations[drawn[id(o)][0].seed] for o in shown]
        projected = any("near" in samples for _, samples in drawn.values())
        _draw_key(key, max(map(_generators, first)), counted, projected=projected)
    return figure


def _generators(scores: Mapping[str, Any]) -> int:
    return int(scores.get("generators", 1))


def _draw_panel(axes: Axes, run: Run, samples: Arrays, scores: Mapping[str, Any]) -> None:
    if "picture" in samples:
        axes.imshow(pixels(samples["picture"]))
        axes.set(xticks=[], yticks=[])
        caption = f"{_covered(scores)} · {_frechet(scores)}"
    else:
        caption = _draw_points(axes, run, samples, scores)
    axes.spines[:].set_color(style.RULE)
    axes.set_xlabel(caption, loc="left", fontsize=style.TEXT_SIZE, color=style.MUTED, labelpad=6)


def _covered(scores: Mapping[str, Any]) -> str:
    if "modes_covered" in scores:
        return f"{words.find('modes_covered').text(scores)} modes"
    return f"{scores['classes_covered']} of {len(scores['class_histogram'])} classes"


def _frechet(scores: Mapping[str, Any]) -> str:
    shown = column("frechet_distance")
    return f"{shown.label} {scores[shown.key]:.{shown.decimals}f}"


def _draw_points(axes: Axes, run: Run, samples: Arrays, scores: Mapping[str, Any]) -> str:
    """The points; returns what is to be said of them."""
    mixture = MIXTURES[run.row.dataset](**data_options(run.flags)).plane
    real, _ = mixture.sample(_REAL, MIXTURE_SEEDS["train"])
    points = samples["samples"].astype(np.float32)
    makers = samples.get("generators", np.zeros(len(points), int))
    near = samples.get("near", np.ones(len(points), bool))
    edge = float(np.abs(mixture.means).max() + _BEYOND * np.max(mixture.std))
    draw_real(axes, real, size=5.0)
    draw_points(axes, points[~near], near=near[~near], size=5.0)
    draw_generators(axes, points[near], makers[near], _generators(scores), size=5.0)
    draw_modes(axes, mixture.means, mixture.std)
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal", xticks=[], yticks=[])
    caption = (
        f"{_covered(scores)}, {scores['modes_strict']} strictly · "
        f"{words.find('high_quality').text(scores)} in modes"
    )
    outside = int((np.abs(points) > edge).any(axis=1).sum())
    if outside:
        caption += f"\n{outside / len(points):.1%} outside of the picture"
    return caption


def _draw_key(axes: Axes, generators: int, counted: str, *, projected: bool) -> None:
    """How to read points; `projected` ones are near a mode or not whatever the plane shows."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    options: dict[str, Any] = {"fontsize": style.TEXT_SIZE, "color": style.INK, "va": "center"}
    colours = style.generator_colours(generators)
    if generators > 1:
        across = 0.02 + min(0.045, 0.95 / generators) * np.arange(generators)
        axes.scatter(across, np.full(generators, 0.95), s=34, c=colours, linewidths=0)
        axes.text(0.0, 0.865, "generated, a colour for each generator", **options)
    else:
        axes.scatter(0.03, 0.85, s=34, c=colours, linewidths=0)
        axes.text(0.09, 0.85, "generated", **options)
    axes.scatter(0.03, 0.75, s=34, c=style.REAL, alpha=0.6, linewidths=0)
    axes.scatter(0.03, 0.65, s=130, facecolor="none", edgecolor=style.MUTED, linewidths=0.7)
    axes.text(0.09, 0.75, "real data", **options)
    axes.text(0.09, 0.65, "3 standard deviations of a mode", **options)
    covered = "A mode is covered by one sample in its circle,\nand strictly by 1% of all samples.\n"
    if projected:
        axes.scatter(0.03, 0.55, s=34, c=style.STRAY, linewidths=0)
        axes.text(0.09, 0.55, "generated, near no mode", **options)
        covered = (
            "A mode is covered by one sample near it in all\n"
            "dimensions, and strictly by 1% of all samples.\n"
        )
    notes = f"{covered}Of the samples some are drawn.\n{counted}."
    _write(axes, 0.45 if projected else 0.55, notes)


def _counted(shown: Sequence[Outcome], seeds: Sequence[int]) -> str:
    """Of what the scores are."""
    counts = ", ".join(f"{samples:,}" for samples in shown[0].every("samples"))
    told = ", ".join(map(str, sorted(set(seeds))))
    return f"Scores are of {counts} samples, seed {told} of each"


def _write(axes: Axes, top: float, notes: str) -> None:
    options: dict[str, Any] = {"fontsize": style.TEXT_SIZE, "color": style.MUTED, "va": "top"}
    axes.text(0.0, top, notes, **options, linespacing=1.5)
