"""One small picture for every snapshot of a run: what the page's player shows in turn."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kgan.reporting import encode, style
from kgan.reporting.embeddings import Projection, draw_projection, label_colours, project
from kgan.reporting.images import tile_images
from kgan.reporting.points import assign_modes, draw_modes, draw_points, draw_real, frame_points
from kgan.reporting.run_files import RealData, Snapshot

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


def point_backdrop(real: RealData, pixels: int = FRAME_PIXELS) -> bytes:
    """The real points and the modes' circles, to lie behind every frame of `point_frame`."""

    def draw(axes: Axes) -> None:
        draw_real(axes, _few(real.samples), size=5.0)
        if real.means is not None and real.std is not None:
            draw_modes(axes, real.means, real.std)
        frame_points(axes, real.samples)

    return _raster(draw, pixels, colours=32)


def point_frame(snapshot: Snapshot, real: RealData | None, pixels: int = FRAME_PIXELS) -> bytes:
    """The generated points of a snapshot, in the view of `point_backdrop`."""
    points = _few(snapshot.samples)
    near = None
    if real is not None and real.means is not None and real.std is not None:
        near = assign_modes(points, real.means, real.std).near

    def draw(axes: Axes) -> None:
        draw_points(axes, points, near=near, size=7.0 if pixels == FRAME_PIXELS else 14.0)
        frame_points(axes, points if real is None else real.samples)

    return _raster(draw, pixels, colours=32)


def projections(snapshots: Sequence[Snapshot]) -> list[Projection | None]:
    """The embeddings of every snapshot along their principal components, signs kept in step."""
    found: list[Projection | None] = []
    before = None
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
