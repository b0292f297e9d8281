"""The section of the page that tells what lies between latents."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgan.reporting.figures import encode, style
from kgan.reporting.figures.budget import allowed
from kgan.reporting.figures.images import tile_images
from kgan.reporting.figures.pictures import Picture, drawn
from kgan.reporting.figures.points import draw_modes, draw_real, frame_points
from kgan.reporting.sections.player import value_range
from kgan.reporting.sections.scores import number_of_generators
from kgan.runs.artefacts.interpolations import Interpolations
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.run import Run

_MOST_BYTES = 900_000


@dataclass(frozen=True)
class InterpolationSection:
    """What the page shows of the ways between latents.

    Attributes:
        pictures: of the ways.
        step: of the pictures.
        curve: "arc" or "line".
        points: whether the data are points.
        generators: whether each way is of one generator of a mixture.
    """

    pictures: Sequence[Picture]
    step: str
    curve: str
    points: bool
    generators: bool


def build_interpolations(run: Run) -> InterpolationSection | None:
    """The section of a run; None where it has kept no ways."""
    found = run.interpolations
    if found is None or not run.snapshots:
        return None
    points = found.samples.ndim == 3
    if points:
        figure = ways_figure(
            found.samples, run.real, found.generators, number_of_generators(run), title=""
        )
        picture = drawn("From latent to latent, in the plane", "ways", figure)
    else:
        picture = Picture(
            "From latent to latent, row by row", uri=_rows(found, value_range(run)), wide=True
        )
    return InterpolationSection(
        [picture], f"{found.step:,}", found.curve, points, found.generators is not None
    )


def ways_figure(
    ways: np.ndarray,
    real: RealData | None = None,
    generators: np.ndarray | None = None,
    count: int = 0,
    *,
    title: str = "From latent to latent",
) -> Figure:
    """What a generator makes of equal steps from one latent to another, as paths in the plane.

    Where dots lie close the generator stays; where they are far apart it jumps.

    Args:
        ways: (rows, steps, 2).
        real: drawn grey behind, with the modes' circles; decides what part of the plane is shown.
        generators: (rows,) int, whose colours the paths get; else each has its own.
        count: of all generators.
        title: what one sees.
    """
    figure, axes = style.new_axes(5.4, 5.7)
    if real is not None:
        draw_real(axes, real.samples, size=3.0)
        if real.modes is not None:
            draw_modes(axes, *real.modes)
    colours: Iterable[str] = itertools.cycle(style.SERIES)
    if generators is not None and count > 1:
        of_generators = style.hex_colours(style.generator_colours(count))
        colours = [of_generators[index % count] for index in generators]
    for way, colour in zip(ways, colours, strict=False):
        _draw_way(axes, way, colour)
    frame_points(axes, ways.reshape(-1, 2) if real is None else real.samples)
    style.quiet_axes(axes, grid="")
    style.add_title(axes, title)
    return figure


def _draw_way(axes: Axes, way: np.ndarray, colour: str) -> None:
    x, y = way.T
    axes.plot(x, y, color=colour, linewidth=1.0, alpha=0.55)
    axes.scatter(x, y, s=7, c=colour, linewidths=0)
    axes.scatter(
        x[[0, -1]], y[[0, -1]], s=46, c=colour, linewidths=1.6, edgecolors=style.PANEL, zorder=3
    )


def _rows(found: Interpolations, span: tuple[float, float]) -> str:
    """The ways as rows of a grid; of large images every second, third, ... stands for all."""
    steps = found.samples.shape[1]
    for stride in range(1, steps + 1):
        # Both ends stay.
        kept = np.unique(np.append(np.arange(0, steps - 1, stride), steps - 1))
        shown = found.samples[:, kept]
        tiled = tile_images(shown.reshape(-1, *shown.shape[2:]), span, len(kept))
        png = encode.png_bytes(tiled)
        if len(png) <= allowed(_MOST_BYTES):
            break
    return encode.data_uri(png)
