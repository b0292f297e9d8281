"""What real data get: each metric's noise and its bias by the number of samples.

  python -m benchmarks.metric_floor --dataset=ring
  python -m benchmarks.metric_floor --dataset=fashion_mnist --counts=300,1000,3000,10000

Real examples stand for a perfect generator's samples: whatever a metric says of them is its floor
(or ceiling) with that many samples, and the spread over draws is its noise. A difference between
two generators within it is none. Draws a panel for each metric, and writes a table. Of points the
overlap of generators is there too: of as many as modes that all make everything, whose overlap is
1, and with few samples less.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks import timing
from kgan import data, metrics
from kgan.files import replacing
from kgan.metrics import Repeated, words
from kgan.reporting.figures import encode, style

# Keys of evaluation.json.
POINT_KEYS = (
    *("modes_covered", "modes_strict", "balance_chi_square"),
    *("high_quality", "reverse_kl", "reverse_kl_nearest", "symmetric_kl", "wasserstein"),
    *("precision", "recall", "density", "coverage", "f_8", "f_1_8", "frechet_distance"),
)
IMAGE_KEYS = (
    *("frechet_distance", "classifier_score", "mode_score", "feature_spread"),
    *("precision", "recall", "density", "coverage", "f_8", "f_1_8"),
    *("classes_covered", "balance_chi_square"),
)
OVERLAP = "generator_overlap"
_OVERLAP_NOTE = (
    " Overlap is that of as many generators as modes, where each sample might be any one's: 1 but "
    "for the number of samples."
)
COUNTS = (100, 300, 1_000, 3_000, 10_000)
_LEAST = 2  # Samples that have a covariance.
_COLUMNS = 3
_WIDTH, _HEIGHT = 4.8, 2.3  # Of a panel, in inches.
_DPI = 110
# Draws with seeds that the evaluation's own real data do not have.
_FIRST_SEED = 77_000_001

Floors = Mapping[str, Mapping[int, Sequence[float]]]


def real_source(dataset: data.Dataset) -> Any:
    """Anything's stand-in that gives real examples: `(n, seed) -> (n, ...)`."""
    if dataset.mixture is not None:
        mixture = dataset.mixture
        return lambda n, seed: mixture.sample(n, _FIRST_SEED + seed)[0]

    def draw(n: int, seed: int) -> np.ndarray:
        rows = np.random.default_rng(_FIRST_SEED + seed).choice(len(dataset), n, replace=False)
        return dataset.floats(np.sort(rows))

    return draw


def overlap(mixture: data.GaussianMixture, samples: np.ndarray, seed: int) -> float:
    """Of as many generators as modes, where each sample might be any one's: 1 but for noise."""
    modes = len(mixture.means)
    makers = np.random.default_rng(seed).integers(modes, size=len(samples))
    table = metrics.generator_table(samples, makers, mixture.means, mixture.std, modes)
    return metrics.generator_overlap(table)


def measure(name: str, counts: Sequence[int], seeds: int) -> Floors:
    """Scores of real examples by key and count, one for each seed; NaN where there is none.

    Args:
        name: of the data set.
        counts: of samples.
        seeds: draws of each count.
    """
    train = data.load(name, split="train")
    source = real_source(train)
    keys = IMAGE_KEYS if train.is_images else POINT_KEYS
    found: dict[str, dict[int, list[float]]] = {key: {} for key in keys}
    if train.mixture is not None:
        found[OVERLAP] = {
            count: [overlap(train.mixture, source(count, s), s) for s in range(seeds)]
            for count in counts
        }
    for count in counts:
        evaluator = metrics.Evaluator(name, samples=count, metrics=keys)
        for seed in range(seeds):
            told = evaluator.scores(source, seed)
            for key in keys:
                value = told.get(key)
                found[key].setdefault(count, []).append(math.nan if value is None else value)
    return found


def draw(floors: Floors, title: str) -> Figure:
    """A panel for each metric: mean and spread over draws by the number of samples."""
    rows = -(-len(floors) // _COLUMNS)
    figure = style.new_figure(_WIDTH * _COLUMNS, 0.5 + _HEIGHT * rows)
    figure.suptitle(
        title, x=0.01, ha="left", fontsize=style.TITLE_SIZE + 3, weight="bold", color=style.INK
    )
    cells = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for axes, (key, by_count) in zip(cells, floors.items(), strict=False):
        _draw_panel(axes, by_count)
        style.add_title(axes, words.find(key).label)
    for axes in cells[len(floors) :]:
        axes.axis("off")
    return figure


def _draw_panel(axes: Axes, by_count: Mapping[int, Sequence[float]]) -> None:
    counts = np.array(list(by_count))
    values = np.array([by_count[count] for count in counts], float)
    mean, std = values.mean(axis=1), values.std(axis=1, ddof=1) if values.shape[1] > 1 else 0.0
    axes.fill_between(counts, mean - std, mean + std, color=style.GENERATED, alpha=0.16, lw=0)
    axes.plot(counts, mean, "o-", color=style.GENERATED, markersize=4, linewidth=1.6)
    for column in values.T:
        axes.plot(counts, column, ".", color=style.MUTED, markersize=3, alpha=0.7)
    axes.set_xscale("log")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
    style.quiet_axes(axes)


def table(floors: Floors) -> str:
    """Mean ± std over draws in Markdown, a row for each metric, a column for each count."""
    counts = list(next(iter(floors.values())))
    lines = [
        f"| metric of real data | {' | '.join(f'{count:,} samples' for count in counts)} |",
        f"| --- |{' ---: |' * len(counts)}",
    ]
    for key, by_count in floors.items():
        cells = " | ".join(_cell(by_count[count], words.find(key).percent) for count in counts)
        lines.append(f"| {words.find(key).label} | {cells} |")
    return "\n".join(lines)


def _cell(values: Sequence[float], percent: bool = False) -> str:
    found = Repeated.of(values)
    return found.text(percent=percent) if found.numbers else "too few"


def _numbers(text: str) -> list[int]:
    try:
        counts = [int(count) for count in text.split(",")]
    except ValueError:
        counts = []
    if min(counts, default=0) < _LEAST:
        raise argparse.ArgumentTypeError(f"must be whole numbers from {_LEAST} on: {text!r}")
    return counts


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = timing.parser("metric_floor", __doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--counts", type=_numbers, default=COUNTS, help="of samples: 100,1000")
    parser.add_argument("--seeds", type=int, default=5, help="draws of each count")
    parser.add_argument("--output", type=Path, help="docs/images/floor_DATASET.png if not given")
    parser.add_argument("--table", type=Path, help="docs/results/floor_DATASET.md if not given")
    given = parser.parse_args(arguments)
    given.output = given.output or Path(f"docs/images/floor_{given.dataset}.png")
    given.table = given.table or Path(f"docs/results/floor_{given.dataset}.md")
    return given


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, draw and write as the command line says."""
    given = parse(arguments)
    floors = measure(given.dataset, given.counts, given.seeds)
    title = f"What real data get: {given.dataset}"
    figure = draw(floors, title)
    figure.set_dpi(_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with replacing(given.output) as temporary:
        temporary.write_bytes(encode.png_bytes(np.asarray(canvas.buffer_rgba()), colours=64))
    paragraphs = [
        "Real examples in a generator's place, scored as a generator is: a metric's floor (or "
        f"ceiling) with so many samples, mean ± standard deviation over {given.seeds} draws. A "
        "difference between two generators within the spread is none, and scores with different "
        "numbers of samples are not to be compared where the mean moves."
        f"{_OVERLAP_NOTE if OVERLAP in floors else ''}",
        f"![{title}]({os.path.relpath(given.output, given.table.parent)})",
        table(floors),
        *timing.conditions(),
    ]
    timing.write(given.table, title, paragraphs)
    print(paragraphs[2])


if __name__ == "__main__":
    main()
