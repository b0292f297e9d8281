"""A figure's results as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kgan.reporting.figures import encode, style
from kgan.studies import panels
from kgan.studies.results import Outcome
from kgan.studies.table import Column, Table

_DPI = 110
_PANEL_WIDTH, _ROW_HEIGHT, _EDGES = 4.2, 0.42, 1.5  # In inches.


def draw(table: Table, outcomes: Sequence[Outcome]) -> bytes:
    """The picture of a table with `panels` or `drawn` columns, as a PNG file."""
    figure = panels.draw(table.title, outcomes) if table.panels else _columns(table, outcomes)
    return encoded(figure, colours=256 if table.panels else 64)


def encoded(figure: Figure, colours: int = 64) -> bytes:
    """A figure as a PNG file of so many colours."""
    figure.set_dpi(_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return encode.png_bytes(np.asarray(canvas.buffer_rgba()), colours=colours)


def _columns(table: Table, outcomes: Sequence[Outcome]) -> Figure:
    """A panel for each of the table's `drawn` columns: mean and std over seeds for each row."""
    columns = [column for column in table.columns if column.key in table.drawn]
    labels = list(dict.fromkeys(outcome.row.label for outcome in outcomes))
    figure = style.new_figure(_PANEL_WIDTH * len(columns), _EDGES + _ROW_HEIGHT * len(labels))
    cells = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for axes, column in zip(cells, columns, strict=True):
        _draw_panel(axes, column, outcomes, labels)
    cells[0].set_yticks(range(len(labels)), [style.plain(label) for label in labels])
    cells[0].invert_yaxis()
    handles = cells[0].get_legend_handles_labels()
    figure.legend(
        *handles, loc="outside lower left", ncols=4, frameon=False, fontsize=style.TEXT_SIZE
    )
    return figure


def _draw_panel(
    axes: Axes, column: Column, outcomes: Sequence[Outcome], labels: Sequence[str]
) -> None:
    """Data sets side by side in each row, and a line where real data lie."""
    datasets = list(dict.fromkeys(outcome.row.dataset for outcome in outcomes))
    for index, (dataset, colour) in enumerate(zip(datasets, style.SERIES, strict=False)):
        own = [o for o in outcomes if o.row.dataset == dataset]
        scores = [o.scores(column) for o in own]
        offset = 0.22 * (index - (len(datasets) - 1) / 2)
        axes.errorbar(
            [score.mean for score in scores],
            [labels.index(o.row.label) + offset for o in own],
            xerr=np.nan_to_num([score.std for score in scores]),
            fmt="o",
            color=colour,
            markersize=5.0,
            capsize=3.0,
            label=dataset,
        )
        real = max(own, key=lambda o: len(o.evaluations)).real_scores(column).mean
        if np.isfinite(real):
            axes.axvline(
                real, color=colour, linestyle=":", linewidth=1.2, label=f"{dataset}, real data"
            )
    style.quiet_axes(axes, grid="x")
    style.add_title(axes, column.label)
