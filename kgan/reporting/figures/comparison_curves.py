"""The same quantity of groups of runs in one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, SymmetricalLogLocator

from kgan.metrics import words
from kgan.metrics.collapse import SINCE
from kgan.reporting.figures import style
from kgan.reporting.figures.curves import (
    draw_curve,
    draw_reference,
    moving_average,
    scale_axes,
    thinned,
    usual_range,
)
from kgan.reporting.figures.pictures import Picture, drawn
from kgan.reporting.groups import Group

_COUNTED = ("modes_covered", "modes_strict", "high_quality")
_LAST = ("steps_per_second",)
_NOT_CURVES = {"step", "seconds", "modes"}
_FAR_APART = 40.0
"""Curves whose ranges differ by more than this factor are drawn on a logarithmic axis."""


def comparison_curves(
    groups: Sequence[Group], colours: Sequence[str], modes: int | None
) -> tuple[list[Picture], list[str]]:
    """A figure for every quantity of metrics.csv that two groups, or all, have.

    Args:
        groups: whose runs' metrics are drawn: of one run as they are, of several the mean over
            seeds and a band from the lowest to the highest.
        colours: one for each group.
        modes: how many there are, or None.

    Returns:
        The figures, and the names of quantities that only one of several groups has.
    """
    names = _quantities(groups)
    having = {name: [_has(group, name) for group in groups] for name in names}
    shared = [name for name in names if sum(having[name]) >= min(2, len(groups))]
    pictures = []
    for index, name in enumerate(shared):
        wide = index == len(shared) - 1 and index % 2 == 0
        figure = quantity_figure(
            groups,
            name,
            colours,
            reference=(float(modes), f"all {modes} modes")
            if modes and name.startswith("modes_")
            else None,
            size=(11.0, 2.9) if wide else (5.4, 2.9),
        )
        pictures.append(drawn(words.find(name).name, f"curve-{index}", figure, wide=wide))
    return pictures, [words.find(name).name.lower() for name in names if name not in shared]


def quantity_figure(
    groups: Sequence[Group],
    name: str,
    colours: Sequence[str],
    *,
    reference: tuple[float, str] | None = None,
    size: tuple[float, float] = (5.4, 2.9),
) -> Figure:
    """The column `name` of metrics.csv for all groups that have it; see `comparison_curves`."""
    figure, axes = style.new_axes(*size)
    smooth = name not in _COUNTED
    all_steps, curves = [np.zeros(1)], []
    for group, colour in zip(groups, colours, strict=True):
        metrics = [run.metrics for run in group.runs if _known(run.metrics, name)]
        all_steps += [some["step"] for some in metrics]
        curves += [some[name] for some in metrics]
        if len(metrics) == 1:
            steps, values = metrics[0]["step"], metrics[0][name]
            draw_curve(axes, steps, values, smooth=smooth, colour=colour, name=group.label)
        elif metrics:
            _draw_seeds(axes, metrics, name, smooth=smooth, colour=colour)
    if reference is not None:
        draw_reference(axes, *reference)
    style.quiet_axes(axes)
    scale_axes(axes, np.concatenate(all_steps), curves, reference, name == "high_quality")
    if name.startswith("modes_"):
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    _spread_out(axes, curves)
    return figure


def _draw_seeds(
    axes: Axes, metrics: Sequence[Mapping[str, np.ndarray]], name: str, *, smooth: bool, colour: str
) -> None:
    """The mean over seeds, and the band of all of them."""
    steps = np.unique(np.concatenate([some["step"] for some in metrics]))
    table = np.full((len(metrics), len(steps)), np.nan)
    for row, some in zip(table, metrics, strict=True):
        values = moving_average(some[name]) if smooth else some[name]
        row[np.searchsorted(steps, some["step"])] = values
    table[~np.isfinite(table)] = np.nan
    known = ~np.isnan(table).all(axis=0)
    steps, table = steps[known], table[:, known]
    axes.fill_between(
        steps,
        np.nanmin(table, axis=0),
        np.nanmax(table, axis=0),
        color=colour,
        alpha=0.16,
        linewidth=0,
    )
    (line,) = axes.plot(*thinned(steps, np.nanmean(table, axis=0)), color=colour, linewidth=1.9)
    if len(steps) == 1:
        line.set_marker("o")


def _spread_out(axes: Axes, curves: Sequence[np.ndarray]) -> None:
    """A logarithmic axis, linear about zero, where one method's range would flatten another's."""
    ranges = [np.ptp(usual_range(curve)) for curve in curves]
    ranges = [value for value in ranges if value > 0]
    if ranges and max(ranges) > _FAR_APART * float(np.median(ranges)):
        linear = 10.0 ** np.ceil(np.log10(np.median(ranges)))
        axes.set_yscale("symlog", linthresh=linear)
        axes.yaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=linear))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def _quantities(groups: Sequence[Group]) -> list[str]:
    """Names of columns, those of modes first."""
    found = dict.fromkeys(
        name
        for group in groups
        for run in group.runs
        for name in run.metrics
        if not name.startswith(SINCE)  # Where an event of the collapse watch began.
    )
    first = [name for name in _COUNTED if name in found]
    last = [name for name in _LAST if name in found]
    rest = [name for name in found if name not in {*first, *last, *_NOT_CURVES}]
    losses = [name for name in rest if "loss" in name]
    return first + losses + [name for name in rest if name not in losses] + last


def _has(group: Group, name: str) -> bool:
    return any(_known(run.metrics, name) for run in group.runs)


def _known(metrics: Mapping[str, np.ndarray], name: str) -> bool:
    return name in metrics and bool(np.isfinite(metrics[name]).any())
