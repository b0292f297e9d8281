"""MGAN's figures 6 and 7: what the number of generators and the diversity weight do on the ring.

  python -m benchmarks.mgan_figures --figure=6
  python -m benchmarks.mgan_figures --figure=7

Trains MGAN with the paper's settings (Hoang et al. 2018, appendix C.1, table 3) once for each
panel, draws the figure, and writes a table of the scores. The runs lie under --runs; the same
command again goes on where it was cut off, and draws at once what is trained already.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from apps import run_config, runner
from benchmarks import timing
from kgan import data
from kgan.files import replacing
from kgan.reporting import encode, style
from kgan.reporting.generator_figures import draw_generators
from kgan.reporting.points import draw_modes, draw_real

STEPS = 25_000
COLUMNS = 3
_DPI = 110
_WIDTH, _HEIGHT, _MARGIN = 3.5, 4.1, 0.1  # Of a panel with its texts, in inches.
_REAL = 2_000  # Real points behind the generated ones.
_EDGE = 2.9  # Of the square view: the ring's radius is 2, and its modes' circles reach 2.42.


@dataclasses.dataclass(frozen=True)
class Plate:
    """One of the paper's figures.

    Attributes:
        title: what it shows.
        varied: the argument that differs between panels.
        label: how a panel is named, with a place for the value.
        panels: arguments of each panel.
        paper: what the paper saw.
    """

    title: str
    varied: str
    label: str
    panels: Sequence[Mapping[str, Any]]
    paper: str


FIGURES = {
    6: Plate(
        title="MGAN by number of generators",
        varied="generators",
        label="K = {:g}",
        panels=[{"generators": k, "diversity": 0.125} for k in (1, 2, 3, 4, 10)],
        paper="The model with 1 generator behaves like the standard GAN. Those with 2, 3 and 4 "
        "cover all 8 modes, with fewer points between modes the more generators there are. Of 10, "
        "two share a mode and one hovers around another.",
    ),
    7: Plate(
        title="MGAN with 4 generators by diversity weight",
        varied="diversity",
        label="β = {:g}",
        panels=[{"generators": 4, "diversity": b} for b in (0.0, 0.25, 0.5, 0.75, 1.0)],
        paper="With β = 0 the samples cluster around one mode, with 0.25 near 4, and with 0.5 "
        "they cover all 8. With 0.75 and 1 the generators make 4 clusters, tighter and tighter.",
    ),
}


@dataclasses.dataclass(frozen=True)
class Panel:
    """A trained setting.

    Attributes:
        arguments: of the method.
        directory: of the run.
        scores: of its evaluation.
    """

    arguments: Mapping[str, Any]
    directory: Path
    scores: Mapping[str, Any]


def train(arguments: Mapping[str, Any], runs: Path, *, steps: int, seed: int) -> Panel:
    """Train and evaluate one panel, or go on with its run.

    Args:
        arguments: of the method, `generators` and `diversity`.
        runs: where the run's directory lies.
        steps: of training.
        seed: of the run.
    """
    name = "mgan-ring-k{generators}-beta{diversity}".format(**arguments)
    directory = runs / f"{name}-seed{seed}"
    config = run_config.RunConfig(
        "mgan",
        "ring",
        output_dir=str(directory),
        seed=seed,
        steps=steps,
        strategy="none",
        export=False,
        arguments=arguments,
    )
    return Panel(arguments, directory, runner.run(config))


def draw(plate: Plate, panels: Sequence[Panel], real: np.ndarray, mixture: Any) -> Figure:
    """The figure: a panel for each setting, and how to read them.

    Args:
        plate: what is drawn.
        panels: trained, in order.
        real: `(n, 2)` real points, drawn grey behind the generated ones.
        mixture: the truth, a `kgan.data.GaussianMixture`.
    """
    rows = -(-(len(panels) + 1) // COLUMNS)
    figure = style.new_figure(_WIDTH * COLUMNS, 0.5 + _HEIGHT * rows)
    figure.get_layout_engine().set(w_pad=_MARGIN, h_pad=0.14, wspace=0.02, hspace=0.04)
    options = {
        "x": _MARGIN / (_WIDTH * COLUMNS),
        "ha": "left",
        "fontsize": style.TITLE_SIZE + 3,
        "weight": "bold",
    }
    figure.suptitle(plate.title, color=style.INK, **options)
    cells = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes, panel in zip(cells, panels, strict=False):
        _draw_panel(axes, panel, real, mixture)
        style.add_title(axes, plate.label.format(panel.arguments[plate.varied]))
    for axes in cells[len(panels) :]:
        axes.axis("off")
    _draw_key(cells[len(panels)], max(panel.arguments["generators"] for panel in panels))
    return figure


def _draw_panel(axes: Axes, panel: Panel, real: np.ndarray, mixture: Any) -> None:
    last = np.load(sorted((panel.directory / "samples").glob("step_*.npz"))[-1])
    points, count = last["samples"], panel.arguments["generators"]
    draw_real(axes, real, size=5.0)
    draw_generators(axes, points, last["generators"], count, size=5.0)
    draw_modes(axes, mixture.means, mixture.std)
    axes.set(xlim=(-_EDGE, _EDGE), ylim=(-_EDGE, _EDGE), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_color(style.RULE)
    scores = panel.scores
    caption = (
        f"{scores['modes_covered']} of {scores['modes_total']} modes, "
        f"{scores['modes_strict']} strictly · {scores['high_quality']:.1%} in modes"
    )
    outside = int((np.abs(points) > _EDGE).any(axis=1).sum())
    if outside:
        caption += f"\n{outside / len(points):.1%} outside of the picture"
    axes.set_xlabel(caption, loc="left", fontsize=style.TEXT_SIZE, color=style.MUTED, labelpad=6)


def _draw_key(axes: Axes, generators: int) -> None:
    """How to read the panels."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    colours = style.generator_colours(generators)
    across = 0.02 + 0.045 * np.arange(generators)
    axes.scatter(across, np.full(generators, 0.95), s=34, c=colours, linewidths=0)
    axes.scatter(0.03, 0.75, s=34, c=style.REAL, alpha=0.6, linewidths=0)
    axes.scatter(0.03, 0.65, s=130, facecolor="none", edgecolor=style.MUTED, linewidths=0.7)
    options: dict[str, Any] = {"fontsize": style.TEXT_SIZE, "color": style.INK, "va": "center"}
    axes.text(0.0, 0.865, "generated, a colour for each generator", **options)
    axes.text(0.09, 0.75, "real data", **options)
    axes.text(0.09, 0.65, "3 standard deviations of a mode", **options)
    notes = (
        "A mode is covered by one sample in its circle,\nand strictly by 1% of all samples.\n"
        "Scores are of 10,000 samples; a quarter of\nthem is drawn."
    )
    axes.text(0.0, 0.55, notes, **{**options, "color": style.MUTED, "va": "top"}, linespacing=1.5)


def save(figure: Figure, path: Path) -> None:
    """Write the figure as a PNG with a palette."""
    figure.set_dpi(_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(encode.png_bytes(np.asarray(canvas.buffer_rgba()), colours=256))


COLUMN_NAMES = {
    "modes_covered": "modes covered",
    "modes_strict": "strictly",
    "high_quality": "high quality",
    "own_mode_generators": "generators on a mode of their own",
    "generator_overlap": "overlap of generators",
    "symmetric_kl": "symmetric KL",
    "wasserstein": "Wasserstein",
    "wall_seconds": "s",
}


def table(plate: Plate, panels: Sequence[Panel]) -> str:
    """Scores of all panels in Markdown, and in a last row those of real points."""
    lines = [
        f"| setting | {' | '.join(COLUMN_NAMES.values())} |",
        f"| --- |{' ---: |' * len(COLUMN_NAMES)}",
    ]
    rows = [(plate.label.format(p.arguments[plate.varied]), p.scores) for p in panels]
    for name, scores in [*rows, ("real data", panels[0].scores["real"])]:
        cells = (_cell(scores.get(column)) for column in COLUMN_NAMES)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mgan_figures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--figure", type=int, choices=list(FIGURES), required=True)
    parser.add_argument("--steps", type=int, default=STEPS, help="of training")
    parser.add_argument("--seed", type=int, default=0, help="of all runs")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the runs lie")
    parser.add_argument("--output", type=Path, help="docs/images/mgan_figureN.png if not given")
    parser.add_argument("--table", type=Path, help="docs/results/mgan_figureN.md if not given")
    given = parser.parse_args(arguments)
    given.output = given.output or Path(f"docs/images/mgan_figure{given.figure}.png")
    given.table = given.table or Path(f"docs/results/mgan_figure{given.figure}.md")
    return given


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, draw and write the table as the command line says."""
    given = parse(arguments)
    plate = FIGURES[given.figure]
    panels = [train(p, given.runs, steps=given.steps, seed=given.seed) for p in plate.panels]
    ring = data.load("ring", split="train")
    save(draw(plate, panels, ring.floats(np.arange(_REAL)), ring.mixture), given.output)
    picture = os.path.relpath(given.output, given.table.parent)
    paragraphs = [
        f"![{plate.title}]({picture})",
        f"The paper's figure {given.figure}, seed {given.seed}, {given.steps:,} steps, all other "
        "settings those of its table 3. Scores are of 10,000 samples.",
        table(plate, panels),
        f"The paper: {plate.paper}",
        *timing.conditions(),
    ]
    timing.write(given.table, plate.title, paragraphs)
    print(paragraphs[2])


if __name__ == "__main__":
    main()
