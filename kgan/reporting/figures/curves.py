"""Scalars over the steps of training."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from scipy.ndimage import gaussian_filter1d

from kgan.reporting.figures import style

_SHOWN_POINTS = 700
"""A raw line is thinned to the extremes of half as many stretches; it looks the same."""


def curve_figure(
    columns: Mapping[str, np.ndarray],
    *,
    title: str,
    note: str = "",
    smooth: bool = True,
    reference: tuple[float, str] | None = None,
    percent: bool = False,
    marks: Sequence[tuple[float, float | None]] = (),
    size: tuple[float, float] = (5.4, 2.7),
) -> Figure:
    """One panel with a line for every column but `step`.

    Args:
        columns: `step` (n,) and the scalars (n,) of the same rows; NaN where there is none.
        title: what one sees.
        note: a quieter remark beside the title.
        smooth: a Gaussian average (a fortieth of the rows wide) as the line, the raw values pale
            behind it; otherwise the raw values are the line. The rarest 2% of the values are cut
            off for the average and the view, so that a few spikes leave the rest to be seen.
        reference: a height to compare with, and its name.
        percent: the values are fractions, shown as 0% to 100%.
        marks: stretches of steps where something was wrong, None for the end; shaded, and the
            step where each began is named.
        size: inches.
    """
    figure, axes = style.new_axes(*size)
    steps = np.asarray(columns["step"], np.float64)
    names = [name for name in columns if name != "step"]
    for name, colour in zip(names, itertools.cycle(style.SERIES), strict=False):
        values = np.asarray(columns[name], np.float64)
        draw_curve(axes, steps, values, smooth=smooth, colour=colour, name=name)
    if reference is not None:
        draw_reference(axes, *reference)
    for begin, end in marks:
        _draw_mark(axes, begin, steps[-1] if end is None else end)
    style.quiet_axes(axes)
    style.add_title(axes, title, note)
    scale_axes(axes, steps, [np.asarray(columns[name]) for name in names], reference, percent)
    if len(names) > 1:
        legend = axes.legend(
            frameon=False, fontsize=style.TEXT_SIZE, labelcolor=style.INK, loc="best", ncols=2
        )
        for line in legend.get_lines():
            line.set_linewidth(2.5)
    return figure


def loss_figure(
    columns: Mapping[str, np.ndarray],
    *,
    title: str = "Losses",
    marks: Sequence[tuple[float, float | None]] = (),
) -> Figure:
    """The losses among `columns` (names with "loss" in them) in one wide panel.

    Args:
        columns: `step` (n,) and any scalars (n,), as in metrics.csv.
        title: what one sees.
        marks: as for `curve_figure`.
    """
    losses = {name: columns[name] for name in columns if name == "step" or "loss" in name.lower()}
    return curve_figure(losses, title=title, marks=marks, size=(11.0, 3.4))


def smoothed(values: np.ndarray, width: float) -> np.ndarray:
    """A centred Gaussian average that passes over NaN; edges average what they have.

    Args:
        values: (n,), NaN or infinite where there is no value.
        width: standard deviation in rows.

    Returns:
        float64 (n,), NaN only where no value is within four standard deviations.
    """
    known = np.isfinite(values)
    total = gaussian_filter1d(np.where(known, values, 0.0), width, mode="constant", truncate=4.0)
    weight = gaussian_filter1d(known.astype(np.float64), width, mode="constant", truncate=4.0)
    return np.divide(total, weight, out=np.full(len(values), np.nan), where=weight > 1e-12)


def moving_average(values: np.ndarray) -> np.ndarray:
    """The line of `curve_figure` for (n,) noisy values, at least one of them finite."""
    return smoothed(np.clip(values, *usual_range(values)), width=max(len(values) / 40, 0.3))


def thinned(
    steps: np.ndarray, values: np.ndarray, points: int = _SHOWN_POINTS
) -> tuple[np.ndarray, np.ndarray]:
    """At most `points` of the finite values that keep the line's look: each stretch's extremes."""
    known = np.isfinite(values)
    steps, values = steps[known], values[known]
    if len(values) <= points:
        return steps, values
    starts = np.linspace(0, len(values), points // 2 + 1).astype(int)
    kept = [
        low + at(values[low:high])
        for low, high in itertools.pairwise(starts)
        for at in (np.argmin, np.argmax)
    ]
    shown = np.unique(kept)
    return steps[shown], values[shown]


def draw_curve(
    axes: Axes, steps: np.ndarray, values: np.ndarray, *, smooth: bool, colour: str, name: str
) -> None:
    """A line of (n,) values over (n,) steps, as `curve_figure` has it."""
    raw, label = thinned(steps, values), style.plain(name)
    if len(raw[0]) <= 1:
        axes.plot(*raw, "o", color=colour, markersize=6, label=label)
    elif not smooth:
        axes.plot(*raw, color=colour, linewidth=1.8, label=label)
    else:
        average = thinned(steps, moving_average(values))
        axes.plot(*raw, color=colour, linewidth=0.7, alpha=0.28)
        axes.plot(*average, color=colour, linewidth=1.8, label=label)


def draw_reference(axes: Axes, height: float, name: str) -> None:
    """A quiet dotted line at `height` across `axes`."""
    axes.axhline(height, color=style.MUTED, linewidth=1.0, linestyle=(0, (2, 3)))
    axes.annotate(
        style.plain(name),
        (0.0, height),
        xycoords=axes.get_yaxis_transform(),
        xytext=(2, 3),
        textcoords="offset points",
        color=style.MUTED,
        fontsize=style.TEXT_SIZE,
    )


def _draw_mark(axes: Axes, begin: float, end: float) -> None:
    axes.axvspan(begin, end, color=style.STRAY, alpha=0.12, linewidth=0)
    axes.axvline(begin, color=style.STRAY, linewidth=1.2)
    axes.annotate(
        f"{begin:,.0f}",
        (begin, 0.0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(3, 3),
        textcoords="offset points",
        color=style.STRAY,
        fontsize=style.TEXT_SIZE,
    )


def scale_axes(
    axes: Axes,
    steps: np.ndarray,
    curves: Sequence[np.ndarray],
    reference: tuple[float, str] | None,
    percent: bool,
) -> None:
    """Labels of both axes, and a view of all `curves` but their rarest values."""
    axes.set_xlabel("step", fontsize=style.TEXT_SIZE, color=style.MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: f"{step:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    known = [curve[np.isfinite(curve)] for curve in curves]
    values = np.concatenate(known) if known else np.empty(0)
    if not len(values):
        axes.set_yticks([])
        axes.annotate(
            "no values", (0.5, 0.5), xycoords="axes fraction", ha="center", color=style.MUTED
        )
        return
    if percent:
        axes.set_ylim(-0.02, 1.08)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        return
    low, high = usual_range(values)
    if reference is not None:
        low, high = min(low, reference[0], 0.0), max(high, reference[0])
    margin = 0.08 * (high - low) or max(abs(high), 1.0) * 0.1
    axes.set_ylim(low - margin, high + margin * (2.2 if reference else 1.0))


def usual_range(values: np.ndarray) -> tuple[float, float]:
    """The finite values without the rarest 2%: what is to be seen of them."""
    low, high = np.percentile(values[np.isfinite(values)], [1, 99])
    return float(low), float(high)
