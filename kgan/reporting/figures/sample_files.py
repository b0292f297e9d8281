"""Pictures of a trained model's samples, as PNG files."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kgan.reporting.figures import encode
from kgan.reporting.figures.generators import generator_points_figure
from kgan.reporting.figures.images import grid_png, tile_images
from kgan.reporting.figures.points import points_figure
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.artefacts.snapshot import Snapshot

IMAGES, POINTS = 64, 2_500
_DPI, _COLOURS = 100, 64


def picture(samples: np.ndarray, value_range: tuple[float, float]) -> bytes:
    """Samples alone: all images in a square, or points in the plane."""
    if samples.ndim == 4:
        return grid_png(tile_images(samples, value_range), 2)
    return _png(points_figure(samples, title=""))


def samples_png(snapshot: Snapshot, real: RealData, value_range: tuple[float, float]) -> bytes:
    """Samples: images in a square, points over real ones."""
    samples = snapshot.samples
    if samples.ndim == 4:
        return grid_png(tile_images(samples[:IMAGES], value_range, 8), 2)
    modes = real.samples, real.means, real.std
    return _png(points_figure(samples, *modes, among=snapshot.near, title=""))


def generators_png(
    snapshot: Snapshot, real: RealData, value_range: tuple[float, float], count: int
) -> bytes:
    """The same of a mixture of `count`: a row of images for each, or points in their colours."""
    rows, samples = snapshot.by_generator, snapshot.samples
    if rows is not None:
        images = rows.reshape(-1, *samples.shape[1:])
        return grid_png(tile_images(images, value_range, rows.shape[1]), 2)
    assert snapshot.generators is not None
    made = samples, snapshot.generators, count
    return _png(generator_points_figure(*made, real.samples, real.means, real.std, title=""))


def _png(figure: Figure) -> bytes:
    figure.set_dpi(_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return encode.png_bytes(np.asarray(canvas.buffer_rgba()), _COLOURS)
