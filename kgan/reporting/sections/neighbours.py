"""The section of the page that tells how near samples lie to the training data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from kgan.metrics import formatting
from kgan.metrics.memorisation import nearness
from kgan.reporting.figures import encode, style
from kgan.reporting.figures.budget import allowed
from kgan.reporting.figures.images import tile_images
from kgan.reporting.figures.pictures import Picture, drawn
from kgan.reporting.sections import scores
from kgan.reporting.sections.player import value_range
from kgan.runs.artefacts.neighbours import Neighbours
from kgan.runs.run import Run

_BINS = 48
_WIDE_RANGE = 12.0
"""Distances whose 99th percentile is so many times the first are drawn on a logarithmic axis."""

_MOST_BYTES = 450_000


@dataclass(frozen=True)
class Row:
    """A sample and its nearest training images, side by side, as a data URI."""

    uri: str
    distance: str


@dataclass(frozen=True)
class NeighbourSection:
    """What the page shows of nearest neighbours.

    Attributes:
        cards: the headline numbers.
        closest: of images, the samples that are nearest of all.
        others: samples as they come.
        pictures: the distribution of the distances.
        space: "plane", "pixels", or the name of the feature network.
        step: of all this.
        samples: how many distances there are.
        train: how many training examples there were to be near to.
        part: of how many training examples these were drawn, "" if they are all.
        held_out: how many distances of test examples there are, "" for none.
    """

    cards: Sequence[scores.Card]
    closest: Sequence[Row]
    others: Sequence[Row]
    pictures: Sequence[Picture]
    space: str
    step: str
    samples: str
    train: str
    part: str
    held_out: str


def build_neighbours(run: Run) -> NeighbourSection | None:
    """The section of a run; None where it has kept no neighbours."""
    found = run.neighbours
    if found is None:
        return None
    rows = _rows(found, run)
    half = (len(rows) + 1) // 2
    figure = distances_figure(found.sample_distances, found.test_distances, title="")
    return NeighbourSection(
        cards=_cards(found),
        closest=rows[:half],
        others=rows[half:],
        pictures=[
            drawn("Distance to the nearest training example", "distances", figure, wide=True)
        ],
        space=found.space,
        step=f"{found.step:,}",
        samples=f"{len(found.sample_distances):,}",
        train=f"{found.train_used:,}",
        part=f"{found.train_size:,}" if found.train_used < found.train_size else "",
        held_out="" if found.test_distances is None else f"{len(found.test_distances):,}",
    )


def distances_figure(
    samples: np.ndarray,
    held_out: np.ndarray | None = None,
    *,
    title: str = "Distance to the nearest training example",
) -> Figure:
    """Histograms of distances to the nearest training example, of samples over held-out data's.

    Args:
        samples: (n,) distances >= 0.
        held_out: (m,), the same of data that the model has not seen.
        title: what one sees.
    """
    figure, axes = style.new_axes(11.0, 2.9)
    both = samples if held_out is None else np.concatenate([samples, held_out])
    low, high = np.percentile(both, [1, 99])
    wide = high > _WIDE_RANGE * low and both.max() > 0
    if wide:
        least = max(float(np.percentile(both, 0.5)), float(both.max()) * 1e-6)
        bins = np.geomspace(least, both.max(), _BINS + 1)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        bins = np.linspace(both.min(), max(both.max(), both.min() + 1e-9), _BINS + 1)
        axes.xaxis.set_major_locator(MaxNLocator(6))
    if held_out is not None:
        _histogram(axes, held_out, bins, style.REAL, "test examples", filled=True)
    _histogram(axes, samples, bins, style.GENERATED, "samples", filled=held_out is None)
    style.quiet_axes(axes)
    style.add_title(axes, title)
    style.name_axes(axes, "distance", "share")
    axes.tick_params(which="minor", length=0)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.legend(frameon=False, fontsize=style.TEXT_SIZE, labelcolor=style.INK, loc="best")
    return figure


def _histogram(
    axes: Axes, values: np.ndarray, bins: np.ndarray, colour: str, name: str, *, filled: bool
) -> None:
    """Shares of the values by bin; what is beyond the first bin is in it."""
    shares = np.histogram(np.clip(values, bins[0], bins[-1]), bins)[0] / len(values)
    if filled:
        axes.stairs(shares, bins, fill=True, color=colour, alpha=0.4, linewidth=0, label=name)
    else:
        axes.stairs(shares, bins, color=colour, linewidth=1.8, label=name)


def _cards(found: Neighbours) -> list[scores.Card]:
    median, smallest = _median_and_smallest(found.sample_distances)
    if found.test_distances is None:
        return [
            scores.Card("Median distance of samples", median),
            scores.Card("Smallest", smallest),
        ]
    test_median, test_smallest = _median_and_smallest(found.test_distances)
    compared = nearness(found.sample_distances, found.test_distances, found.cells)
    known = math.isfinite(compared.share)
    return [
        scores.Card(
            "A sample is nearer than a test example",
            f"{compared.share:.1%}" if known else formatting.NOTHING,
            f"of pairs{'' if found.cells is None else ' in the same cell of the data'}; as near as "
            f"held-out data: 50.0 ± {100 * compared.error:.1f}%"
            if known
            else "samples are nowhere near test examples",
            important=True,
        ),
        scores.Card("Median distance", median, f"test examples: {test_median}"),
        scores.Card("Smallest distance", smallest, f"test examples: {test_smallest}"),
    ]


def _median_and_smallest(distances: np.ndarray) -> tuple[str, str]:
    return formatting.number(float(np.median(distances))), formatting.number(float(distances.min()))


def _rows(found: Neighbours, run: Run) -> list[Row]:
    if found.samples is None or found.nearest is None or found.distances is None:
        return []
    span, count = value_range(run), found.nearest.shape[1]
    while True:
        rows = [
            encode.png_bytes(_row(sample, nearest[:count], span))
            for sample, nearest in zip(found.samples, found.nearest, strict=True)
        ]
        if count == 1 or sum(map(len, rows)) <= allowed(_MOST_BYTES):
            break
        count -= 1
    return [
        Row(encode.data_uri(png), formatting.number(float(f"{distances[0]:.3g}")))
        for png, distances in zip(rows, found.distances, strict=True)
    ]


def _row(sample: np.ndarray, nearest: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """The sample, a gap, and the images nearest to it."""
    left, right = tile_images(sample[None], span), tile_images(nearest, span, len(nearest))
    gap = np.zeros((len(left), max(4, left.shape[1] // 4), 4), np.uint8)
    return np.concatenate([left, gap, right], axis=1)
