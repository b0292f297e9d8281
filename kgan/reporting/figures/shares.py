"""How the samples are shared out among modes or classes, against the truth."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kgan.reporting.figures import style

_NAMED_BARS = 40
_TALLEST = 5.7


def mode_shares_figure(
    shares: np.ndarray, weights: np.ndarray, *, title: str = "Share of the samples in each mode"
) -> Figure:
    """Bars of the generated share of every mode; a tick marks the true weight.

    Args:
        shares: (modes,), fraction of the generated samples within 3 std of each centre.
        weights: (modes,), the mixture's true weights.
        title: what one sees.
    """
    shares = np.asarray(shares, np.float64)
    missed = int((shares == 0).sum())
    note = f"{missed} of {len(shares)} empty" if missed else ""
    texts = {"title": title, "note": note, "truth": "true weight", "kind": "mode"}
    return _bars(shares, np.asarray(weights), None, texts, height=_TALLEST)


def class_histogram_figure(
    generated: np.ndarray,
    real: np.ndarray | None = None,
    names: Sequence[str] | None = None,
    *,
    title: str = "Share of the samples in each class",
) -> Figure:
    """Bars of the share of every class among generated images; a tick marks the real share.

    Args:
        generated: (classes,), counts or fractions; scaled to sum to one.
        real: (classes,), the same of real images.
        names: (classes,), by default the numbers from 0.
        title: what one sees.
    """
    truth = None if real is None else _fractions(real)
    texts = {"title": title, "note": "", "truth": "real images", "kind": "class"}
    height = min(max(2.6, 1.0 + 0.29 * len(generated)), _TALLEST)
    return _bars(_fractions(generated), truth, names, texts, height=height)


def _bars(
    shares: np.ndarray,
    true_shares: np.ndarray | None,
    names: Sequence[str] | None,
    texts: Mapping[str, str],
    *,
    height: float,
) -> Figure:
    figure, axes = style.new_axes(5.4, height)
    rows = np.arange(len(shares))
    thick = 0.62 if len(shares) <= _NAMED_BARS else 1.0
    axes.barh(rows, shares, height=thick, color=style.GENERATED)
    handles: list[Patch | Line2D] = [Patch(color=style.GENERATED, label="generated")]
    if true_shares is not None:
        axes.vlines(true_shares, rows - 0.45, rows + 0.45, color=style.INK, linewidth=1.6)
        handles.append(Line2D([], [], color=style.INK, linewidth=1.6, label=texts["truth"]))
    for row in rows[shares == 0] if len(shares) <= _NAMED_BARS else []:
        axes.plot(0, row, marker="x", color=style.STRAY, markersize=5, clip_on=False)
    style.quiet_axes(axes, grid="x")
    style.add_title(axes, texts["title"], texts["note"])
    if len(shares) <= _NAMED_BARS:
        axes.set_yticks(rows, [style.plain(name) for name in names or rows])
    else:
        axes.set_yticks([])
    axes.set_ylim(len(shares) - 0.4, -0.6)
    highest = np.nanmax(np.r_[shares, 0.0 if true_shares is None else true_shares, 1e-9])
    axes.set_xlim(0.0, 1.08 * highest)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    digits = max(0, -int(np.floor(np.log10(highest * 100 / 5))))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.{digits}%}"))
    style.name_axes(axes, "share of the samples", texts["kind"])
    style.add_legend(figure, 2, handles=handles)
    return figure


def _fractions(counts: np.ndarray) -> np.ndarray:
    counts = np.nan_to_num(np.asarray(counts, np.float64))
    return counts / max(float(counts.sum()), 1e-12)
