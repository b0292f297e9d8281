"""The leaderboard as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from kgan.metrics.formatting import NOTHING
from kgan.reporting.figures import style
from kgan.studies import drawing
from kgan.studies.leaderboard import COVERED, QUALITY, Leaderboard

_CELL, _ROW, _NAMES, _EDGES = 0.95, 0.32, 1.6, 1.4  # In inches.
_COLOURS = LinearSegmentedColormap.from_list("kgan", ["#f4f6fa", style.GENERATED])
_DARK = 0.55  # Where ink turns white.


def draw(board: Leaderboard) -> bytes:
    """Two panels, methods by benches, as a PNG file: what is covered, and the quality."""
    panels = {
        "Modes covered, % of all": _covered(board),
        "Quality, % of the samples": _shares(board, QUALITY),
    }
    methods, benches = board.methods, list(board.benches)
    width = _NAMES + len(panels) * (0.4 + max(_CELL * len(benches), 2.4))
    figure = style.new_figure(width, _EDGES + _ROW * len(methods))
    cells = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, shares) in zip(cells, panels.items(), strict=True):
        _panel(axes, benches, shares, title)
    cells[0].set_yticks(range(len(methods)), [style.plain(label) for label in methods])
    return drawing.encoded(figure)


def _shares(board: Leaderboard, keys: Sequence[str]) -> np.ndarray:
    """(methods, benches) means of a measure in 0..1; NaN where there is none."""
    found = np.full((len(board.methods), len(board.benches)), np.nan)
    for across, name in enumerate(board.benches):
        column = board.column(name, keys)
        for down, label in enumerate(board.methods):
            outcome = board.outcome(name, label)
            if column is not None and outcome is not None:
                unit = 100 if column.percent else 1
                found[down, across] = outcome.scores(column).mean / unit
    return found


def _covered(board: Leaderboard) -> np.ndarray:
    """The same of covered modes, for each of all that there are."""
    totals = []
    for _, outcomes in board.benches.values():
        scores = [e for o in outcomes for e in o.evaluations.values()]
        known = (e.get("modes_total") or len(e.get("class_histogram", ())) for e in scores)
        totals.append(next(known, np.nan))
    return _shares(board, COVERED) / np.array(totals, float)


def _panel(axes: Axes, benches: Sequence[str], shares: np.ndarray, title: str) -> None:
    """(methods, benches) shares in 0..1, NaN for none: darker where they are larger."""
    axes.imshow(shares, cmap=_COLOURS, vmin=0, vmax=1, aspect="auto")
    for (down, across), share in np.ndenumerate(shares):
        known = np.isfinite(share)
        axes.text(
            across,
            down,
            f"{share * 100:.1f}" if known else NOTHING,
            ha="center",
            va="center",
            fontsize=style.TEXT_SIZE,
            color="white" if known and share > _DARK else style.INK,
        )
    names = [name.replace("_", "\n") for name in benches]
    axes.set_xticks(range(len(names)), names)
    axes.set_xticks(np.arange(len(names) - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(len(shares) - 1) + 0.5, minor=True)
    style.quiet_axes(axes, grid="")
    axes.tick_params(which="both", length=0)
    axes.grid(which="minor", color="white", linewidth=2)
    style.add_title(axes, title)
