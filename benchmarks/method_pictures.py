"""The pictures of the methods' pages, of the samples that are kept: docs/images/methods/NAME.png.

python -m benchmarks.method_pictures
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgan.advice import evidence
from kgan.data import synthetic
from kgan.files import replacing
from kgan.methods import catalog
from kgan.reporting.figures import style
from kgan.studies.drawing import encoded
from kgan.studies.samples import pixels
from kgan.studies.store import ROOT, Store

FOLDER = ROOT / "docs" / "images" / "methods"
_POINTS = ("ring", "grid")
# The first that has some.
_IMAGES = {
    "fashion_mnist": "Fashion-MNIST",
    "fashion_mnist_equal": "Fashion-MNIST",
    "stacked_fashion_mnist": "stacked Fashion-MNIST",
}
_SIDE, _TOP, _COLOURS = 2.3, 0.25, 48  # Inches of a panel and above it.


class Kept(NamedTuple):
    """Samples of a run that the store has, and what the run was."""

    steps: int
    arrays: Mapping[str, np.ndarray]


def kept(method: str, name: str) -> Kept | None:
    """Seed 0 of a method on a bench, with its preset as it is today; None for none."""
    bench = evidence.benches()[name]
    for row in bench.rows:
        if row.method == method and not row.flags.keys() - {"method"}:
            arrays = Store().samples(row.key, 0)
            if arrays is not None:
                return Kept(bench.steps, arrays)
    return None


def draw(method: str) -> Figure | None:
    """A panel for each data set whose samples are kept; None without any."""
    panels = {data: kept(method, data) for data in _POINTS}
    shown = {title: found for title, found in panels.items() if found is not None}
    images = ((title, kept(method, name)) for name, title in _IMAGES.items())
    shown |= dict([one for one in images if one[1] is not None][:1])
    if not shown:
        return None
    figure = style.new_figure(_SIDE * len(shown), _SIDE + _TOP)
    cells = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, (title, found) in zip(cells, shown.items(), strict=True):
        if title in _POINTS:
            _draw_points(axes, found, getattr(synthetic, title)())
        else:
            axes.imshow(pixels(found.arrays["picture"]))
        axes.set_title(f"{title}, {found.steps:,} steps", fontsize=style.TEXT_SIZE)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    return figure


def _draw_points(axes: Axes, found: Kept, mixture: synthetic.GaussianMixture) -> None:
    real, _ = mixture.sample(1000, 0)
    points = found.arrays["samples"].astype(np.float32)
    colours = found.arrays.get("generators", np.zeros(len(points), int))
    edge = float(np.abs(mixture.means).max() * 1.25)
    axes.scatter(*real.T, s=3, color=style.REAL, linewidths=0)
    axes.scatter(*points.T, s=3, c=[style.SERIES[k % len(style.SERIES)] for k in colours], lw=0)
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in catalog.methods():
        figure = draw(name)
        if figure is not None:
            path = Path(FOLDER, f"{name}.png")
            with replacing(path) as temporary:
                temporary.write_bytes(encoded(figure, colours=_COLOURS))
            print(path.relative_to(ROOT), path.stat().st_size)


if __name__ == "__main__":
    main()
