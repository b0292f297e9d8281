"""One small picture for every snapshot of a run: what the page's player shows in turn."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kgan.reporting.figures import encode, style
from kgan.reporting.figures.embeddings import Projection, draw_projection, label_colours, project
from kgan.reporting.figures.generators import draw_generators
from kgan.reporting.figures.images import tile_images
from kgan.reporting.figures.points import (
    assign_modes,
    draw_modes,
    draw_points,
    draw_real,
    frame_points,
)
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.artefacts.snapshot import Snapshot

FRAME_PIXELS = 680
THUMB_PIXELS = 240
_FRAME_POINTS = 4000
_INCHES = 5.0


def fitted_grid(
    images: np.ndarray, value_range: tuple[float, float], most_bytes: int, most_columns: int = 8
) -> tuple[bytes, int]:
    """The first images as a square grid at their own size, as large as a budget allows.

    Returns:
        A PNG file, and its number of columns: as many up to `most_columns` as there are images
        for and the file stays within `most_bytes`; at least 1.
    """
    columns = max(1, min(most_columns, int(np.sqrt(len(images)))))
    while True:
        png = image_frame(images, value_range, columns)
        if len(png) <= most_bytes or columns == 1:
            return png, columns
        fitting = int(columns * np.sqrt(most_bytes / len(png)))
        columns = max(1, min(columns - 1, fitting))


def image_frame(images: np.ndarray, value_range: tuple[float, float], columns: int) -> bytes:
    """The first `columns` x `columns` images, pixel by pixel, as a PNG file."""
    return encode.png_bytes(tile_images(images[: columns**2], value_range, columns))


def image_rows(
    by_generator: np.ndarray, value_range: tuple[float, float], most_bytes: int
) -> list[bytes]:
    """The images of every generator in a row of its own, pixel by pixel.

    Args:
        by_generator: (K, m, height, width, channels).
        value_range: of the images.
        most_bytes: the images of a row are as few as it takes to stay within, but at least one.

    Returns:
        K PNG files.
    """
    columns = by_generator.shape[1]
    while True:
        rows = [
            encode.png_bytes(tile_images(images[:columns], value_range, columns))
            for images in by_generator
        ]
        size = sum(map(len, rows))
        if size <= most_bytes or columns == 1:
            return rows
        columns = max(1, min(columns - 1, int(columns * most_bytes / size)))


def point_backdrop(real: RealData, pixels: int = FRAME_PIXELS) -> bytes:
    """The real points and the modes' circles, to lie behind every frame of `point_frame`."""

    def draw(axes: Axes) -> None:
        draw_real(axes, _few(real.samples), size=5.0)
        if real.modes is not None:
            draw_modes(axes, *real.modes)
        frame_points(axes, real.samples)

    return _raster(draw, pixels, colours=32)


def point_frame(
    snapshot: Snapshot, real: RealData | None, pixels: int = FRAME_PIXELS, *, count: int = 0
) -> bytes:
    """The generated points of a snapshot, in the view of `point_backdrop`.

    Those of a mixture of `count` generators, if the snapshot tells who made them, are in the
    generators' colours.
    """
    points = _few(snapshot.samples)
    near = None
    if real is not None and real.modes is not None:
        among = None if snapshot.near is None else _few(snapshot.near)
        near = assign_modes(points, *real.modes, among).near
    generators = None if snapshot.generators is None else _few(snapshot.generators)
    size = 7.0 if pixels == FRAME_PIXELS else 14.0

    def draw(axes: Axes) -> None:
        if generators is not None and count > 1:
            draw_generators(axes, points, generators, count, size=size)
        else:
            draw_points(axes, points, near=near, size=size)
        frame_points(axes, points if real is None else real.samples)

    return _raster(draw, pixels, colours=32 if generators is None else 128)


def projections(snapshots: Sequence[Snapshot]) -> list[Projection | None]:
    """The embeddings of every snapshot along their principal components, signs kept in step."""
    found: list[Projection | None] = []
    before: Projection | None = None
    for snapshot in snapshots:
        now = None if snapshot.embeddings is None else project(snapshot.embeddings, before)
        before = now or before
        found.append(now)
    return found


def embedding_frame(
    projection: Projection, labels: np.ndarray | None, count: int, pixels: int = FRAME_PIXELS
) -> bytes:
    """A projection coloured by label; `count` is the number of modes or classes."""
    colours = label_colours(labels, len(projection.points), count)

    def draw(axes: Axes) -> None:
        size = 10.0 if pixels == FRAME_PIXELS else 20.0
        draw_projection(axes, projection, colours, size=size)

    return _raster(draw, pixels, colours=128)


def mode_key(real: RealData, pixels: int = THUMB_PIXELS) -> bytes | None:
    """The modes as coloured dots: the key to the colours of embeddings of 2-D data."""
    if real.means is None:
        return None
    means, colours = real.means, style.mode_colours(len(real.means))

    def draw(axes: Axes) -> None:
        size = min(900.0, 20000.0 / len(means))
        axes.scatter(means[:, 0], means[:, 1], s=size, c=colours, linewidths=0)
        frame_points(axes, real.samples)

    return _raster(draw, pixels, colours=128)


def _few(points: np.ndarray) -> np.ndarray:
    return points[:_FRAME_POINTS]


def _raster(draw: Callable[[Axes], None], pixels: int, colours: int) -> bytes:
    figure = Figure(figsize=(_INCHES, _INCHES), dpi=pixels / _INCHES, facecolor="none")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    draw(axes)
    canvas.draw()
    return encode.png_bytes(np.asarray(canvas.buffer_rgba()), colours)
