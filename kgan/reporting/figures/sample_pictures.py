"""Snapshots as pictures while a run trains: PNG files, and plain pixels for TensorBoard."""

import io

import numpy as np
from PIL import Image

from kgan.reporting.figures.frames import point_backdrop, point_frame
from kgan.reporting.figures.images import grid_png, tile_images
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.artefacts.snapshot import Picture, Snapshot

_PIXELS = 360


class SamplePictures:
    """Draws snapshots: images as a grid, a mixture's in a row for each generator; points over the
    same real ones, time after time.

    Args:
        value_range: of images.
        generators: of a mixture, whose points get colours of their own; 1 for other models.
    """

    def __init__(self, value_range: tuple[float, float] = (0.0, 1.0), generators: int = 1):
        self._value_range = value_range
        self._generators = generators
        self._backdrop: Image.Image | None = None

    def __call__(self, snapshot: Snapshot, real: RealData) -> Picture:
        """The picture of a snapshot; `real` must be the same at every call."""
        if snapshot.samples.ndim == 2:
            return Picture(self._points(snapshot, real))
        images, columns = snapshot.samples, None
        if snapshot.by_generator is not None:
            _, columns, *shape = snapshot.by_generator.shape
            images = snapshot.by_generator.reshape(-1, *shape)
        tiles = tile_images(images, self._value_range, columns)
        return Picture(_on_white(Image.fromarray(tiles)), grid_png(tiles))

    def _points(self, snapshot: Snapshot, real: RealData) -> np.ndarray:
        if self._backdrop is None:
            self._backdrop = _opened(point_backdrop(real, _PIXELS))
        frame = point_frame(snapshot, real, _PIXELS, count=self._generators)
        return _on_white(Image.alpha_composite(self._backdrop, _opened(frame)))


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


def _on_white(picture: Image.Image) -> np.ndarray:
    white = Image.new("RGBA", picture.size, "white")
    return np.asarray(Image.alpha_composite(white, picture).convert("RGB"))
