"""Samples of a snapshot as plain pixels, for viewers that take pictures: TensorBoard."""

import io

import numpy as np
from PIL import Image

from kgan.reporting.figures.frames import point_backdrop, point_frame
from kgan.reporting.figures.images import tile_images
from kgan.reporting.run_files import RealData, Snapshot

_PIXELS = 360


def image_pixels(
    images: np.ndarray, value_range: tuple[float, float], columns: int | None = None
) -> np.ndarray:
    """The grid of `tile_images` on white: (height, width, 3) uint8."""
    return _on_white(Image.fromarray(tile_images(images, value_range, columns)))


class PointPictures:
    """Draws generated points over the same real ones, time after time.

    Args:
        real: the real points, and their modes where these are known.
        generators: of a mixture, whose points get colours of their own; 1 for other models.
    """

    def __init__(self, real: RealData, generators: int = 1):
        self._real = real
        self._generators = generators
        self._backdrop = _opened(point_backdrop(real, _PIXELS))

    def __call__(self, points: np.ndarray, generators: np.ndarray | None = None) -> np.ndarray:
        """Points (n, 2), and the generator (n,) of each, as (360, 360, 3) uint8."""
        snapshot = Snapshot(0, points, None, None, generators)
        frame = point_frame(snapshot, self._real, _PIXELS, count=self._generators)
        return _on_white(Image.alpha_composite(self._backdrop, _opened(frame)))


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


def _on_white(picture: Image.Image) -> np.ndarray:
    white = Image.new("RGBA", picture.size, "white")
    return np.asarray(Image.alpha_composite(white, picture).convert("RGB"))
