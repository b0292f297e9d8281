"""What each generator of a mixture does, drawn: its points, and its share of every mode or class.

A generator has the same colour in all of them, `style.generator_colours`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from kgan.reporting.figures import style
from kgan.reporting.figures.points import draw_modes, draw_real, frame_points, outside_note

_LEGEND_COLUMNS = 8
_PANEL_REAL = 600
_WRITTEN_ROWS, _WRITTEN_COLUMNS = 40, 32
"""Larger tables have no numbers, and their colours are relative to the largest share."""
_DARK = 0.8
"""Share from which a cell is dark enough for light text."""
_LETTER = 5.0  # Mean width of a letter of the tick labels, in points.


def generator_points_figure(
    points: np.ndarray,
    generators: np.ndarray,
    count: int,
    real: np.ndarray | None = None,
    means: np.ndarray | None = None,
    std: np.ndarray | float | None = None,
    *,
    title: str = "Generated points by generator",
) -> Figure:
    """Generated points in the colours of their generators, over real ones.

    Args:
        points: (n, 2) generated.
        generators: (n,) int in 0..count-1, which one made each.
        count: the number of generators.
        real: (m, 2), drawn grey behind; decides what part of the plane is shown.
        means: (modes, 2), the centres, numbered where there are at most 30.
        std: (modes,) or one number; needed together with `means`.
        title: what one sees.
    """
    figure, axes = style.new_axes(*_point_size(count))
    size = max(2.0, min(9.0, 14000.0 / max(len(points), 1)))
    if real is not None:
        draw_real(axes, real, size=size)
    draw_generators(axes, points, generators, count, size=size)
    if means is not None and std is not None:
        draw_modes(axes, means, std, numbers=True)
    frame_points(axes, points if real is None else real)
    style.quiet_axes(axes, grid="")
    style.add_title(axes, title, outside_note(axes, points))
    colours, columns = style.generator_colours(count), math.ceil(count / _legend_rows(count))
    # A legend is filled column by column, and is to be read row by row.
    for number in sorted(range(count), key=lambda number: number % columns):
        axes.scatter([], [], s=28, color=colours[number], label=str(number))
    style.add_legend(figure, columns, handletextpad=0.2, columnspacing=1.2)
    return figure


def generator_panels_figure(
    points: np.ndarray,
    generators: np.ndarray,
    count: int,
    real: np.ndarray | None = None,
    *,
    title: str = "The points of each generator",
) -> Figure:
    """A small panel for every generator, with its points alone over real ones.

    Args:
        points: (n, 2) generated.
        generators: (n,) int in 0..count-1, which one made each.
        count: the number of generators.
        real: (m, 2), some of them drawn grey behind; decides what part of the plane is shown.
        title: what one sees.
    """
    columns = math.ceil(math.sqrt(count))
    figure = style.new_figure(*_point_size(count))
    style.add_heading(figure, title, 0.03)
    panels = figure.subplots(math.ceil(count / columns), columns, squeeze=False).ravel()
    for number, axes in enumerate(panels):
        style.quiet_axes(axes, grid="")
        axes.set_xticks([])
        axes.set_yticks([])
        if number >= count:
            continue
        if real is not None:
            draw_real(axes, real[:_PANEL_REAL], size=8.0 / columns)
        mine = generators == number
        draw_generators(axes, points[mine], generators[mine], count, size=30.0 / columns)
        frame_points(axes, points if real is None else real)
        name = {"fontsize": style.TEXT_SIZE, "color": style.INK, "weight": "bold"}
        axes.set_title(str(number), loc="left", pad=2, **name)
    return figure


def generator_table_figure(
    table: np.ndarray,
    samples: np.ndarray,
    names: Sequence[str] | None = None,
    *,
    kind: str = "mode",
    title: str = "Share of each generator's samples in every mode",
    wide: bool = True,
) -> Figure:
    """A generator x mode (or class) table: of each generator's samples, how many per cent.

    Beside the table stand the samples that are in no column, where there are some, and what share
    of all samples each generator makes.

    Args:
        table: (K, columns) counts.
        samples: (K,) all samples of each generator.
        names: (columns,), by default the numbers from 0.
        kind: what a column is, "mode" or "class".
        title: what one sees.
        wide: 11 inches instead of 5.4.
    """
    table, samples = np.asarray(table, np.float64), np.asarray(samples, np.float64)
    rows, columns = table.shape
    if names is None:
        names = [str(column) for column in range(columns)]
    shares = table / np.maximum(samples, 1)[:, None]
    elsewhere = np.maximum(1.0 - shares.sum(axis=1), 0.0) * (samples > 0)
    written = rows <= _WRITTEN_ROWS and columns <= _WRITTEN_COLUMNS
    width, row_height = (11.0, 0.27) if wide else (5.4, 0.35)
    figure, axes = style.new_axes(width, 1.15 + min(row_height * rows, 10.0))
    _draw_cells(axes, shares / (1.0 if written else shares.max() or 1.0), 0, written)
    named = columns <= _WRITTEN_COLUMNS
    ticks = {float(column): name for column, name in enumerate(names) if named}
    right = columns - 0.5
    if elsewhere.max() > 1e-9:
        _draw_cells(axes, elsewhere[:, None], columns + 0.3, written, style.STRAY)
        ticks[columns + 0.3] = "none"
        right += 1.3
    if written:
        _draw_whole(axes, samples, right + 0.9)
        ticks[right + 0.9] = "of all"
        right += 1.6
    _draw_dots(axes, rows)
    axes.set_xlim(-0.6, right)
    axes.set_ylim(rows - 0.4, -0.6)
    style.quiet_axes(axes, grid="")
    style.add_title(axes, title)
    turned = named and max(map(len, names)) * _LETTER > 72 * (width - 1.0) / (columns + 3)
    _label_table(axes, ticks, rows, kind if named else f"{kind} 0 to {columns - 1:,}", turned)
    return figure


def draw_generators(
    axes: Axes, points: np.ndarray, generators: np.ndarray, count: int, *, size: float
) -> None:
    """The generated points in the colours of their generators, none over all others."""
    style.draw_dots(axes, points, style.generator_colours(count)[generators], size=size)


def _point_size(count: int) -> tuple[float, float]:
    """Of the figures of points, in inches: alike, with room for the legend of one."""
    return 5.4, 5.5 + 0.2 * _legend_rows(count)


def _legend_rows(count: int) -> int:
    return math.ceil(count / _LEGEND_COLUMNS)


def _draw_cells(
    axes: Axes, shares: np.ndarray, left: float, written: bool, colour: str = style.GENERATED
) -> None:
    """Cells from column `left` on, their opacity the share; with the per cent where `written`."""
    row, column = np.indices(shares.shape).reshape(2, -1)
    values = np.clip(shares.ravel(), 0.0, 1.0)
    size = np.array([0.94, 0.88] if written else [1.0, 1.0])
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * size
    boxes = np.stack([left + column, row], axis=1)[:, None] + corners
    faces = np.tile(to_rgba(colour), (len(values), 1))
    faces[:, 3] = values
    empty = PolyCollection(boxes, facecolors=to_rgba(style.RULE, 0.45), linewidths=0)
    cells = PolyCollection(boxes, facecolors=faces, linewidths=0)
    for collection in (empty, cells):
        collection.set_rasterized(not written)
        axes.add_collection(collection)
    for x, y, value in zip(column, row, values, strict=True) if written else ():
        if value > 0:
            axes.text(
                left + x,
                y,
                f"{100 * value:.0f}" if value >= 0.005 else "·",
                ha="center",
                va="center_baseline",
                fontsize=style.TEXT_SIZE - 1,
                color=style.PANEL if value >= _DARK else style.INK,
            )


def _draw_whole(axes: Axes, samples: np.ndarray, x: float) -> None:
    """The share of all samples that each generator makes, as text."""
    options: dict[str, Any] = {"fontsize": style.TEXT_SIZE - 1, "color": style.MUTED}
    for row, share in enumerate(samples / max(samples.sum(), 1.0)):
        axes.text(x, row, f"{share:.1%}", ha="center", va="center_baseline", **options)


def _draw_dots(axes: Axes, rows: int) -> None:
    """The colour of every generator, between its number and its row."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    aside = ScaledTranslation(-10 / 72, 0.0, figure.dpi_scale_trans)
    axes.scatter(
        np.zeros(rows),
        np.arange(rows),
        s=min(36.0, 1400.0 / rows),
        c=style.generator_colours(rows),
        linewidths=0,
        transform=axes.get_yaxis_transform() + aside,
        clip_on=False,
    )


def _label_table(
    axes: Axes, ticks: dict[float, str], rows: int, columns: str, turned: bool
) -> None:
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks(list(ticks), [style.plain(name) for name in ticks.values()])
    for label in axes.get_xticklabels() if turned else ():
        label.set(rotation=40, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(0, rows, 1 if rows <= _WRITTEN_ROWS else 10))
    axes.tick_params(axis="x", pad=3)
    axes.tick_params(axis="y", pad=20)
    options: dict[str, Any] = {"fontsize": style.TEXT_SIZE, "color": style.MUTED}
    axes.set_ylabel("generator", **options)
    if not turned:
        axes.set_xlabel(columns, **options)
