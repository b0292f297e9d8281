"""Grids of images: as pixels, as a figure, as a PNG file."""

import math
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from kgan.errors import InputError, check_whole
from kgan.files import replacing
from kgan.reporting.figures import encode, style
from kgan.signatures import checked

PADDING = 2
_PLEASANT_WIDTH = 720


@checked
def tile_images(
    images: np.ndarray,
    value_range: tuple[float, float] = (0.0, 1.0),
    columns: int | None = None,
    *,
    padding: int = PADDING,
) -> np.ndarray:
    """Lays images out row by row, pixel by pixel, with transparent gaps.

    Args:
        images: (n, height, width, channels) with 1 or 3 channels; uint8, or floats in
            `value_range`. Values outside are clipped, NaN becomes the lower end.
        value_range: what black and white are in float images.
        columns: images in a row; by default the nearest to a square.
        padding: width of the gaps in pixels.

    Returns:
        uint8 array (rows * (height + padding) - padding, columns * (width + padding) - padding, 4),
        RGBA: opaque where an image is, transparent elsewhere.

    Raises:
        InputError: if `images` has no such shape, `columns` < 1, `padding` < 0, or `value_range`
            is empty.
    """
    try:
        images = np.asarray(images)
    except ValueError as error:
        raise InputError(f"images must be one array. Received: {error}") from error
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not len(images):
        raise InputError(
            "images must have the shape (n, height, width, channels) with n >= 1 and 1 or 3 "
            f"channels. Received: shape {images.shape}."
        )
    check_whole(0, padding=padding)
    count, height, width, _ = images.shape
    columns = math.ceil(math.sqrt(count)) if columns is None else min(columns, count)
    if columns < 1:
        raise InputError(f"A grid needs at least one column. Received: columns={columns}.")
    rows = math.ceil(count / columns)
    grid = np.zeros((rows, height + padding, columns, width + padding, 4), np.uint8)
    for index, pixels in enumerate(_to_uint8(images, value_range)):
        cell = grid[index // columns, :height, index % columns, :width]
        cell[..., :3] = pixels
        cell[..., 3] = 255
    flat = grid.reshape(rows * (height + padding), columns * (width + padding), 4)
    return flat[: flat.shape[0] - padding, : flat.shape[1] - padding]


@checked
def image_grid(
    images: np.ndarray,
    value_range: tuple[float, float] = (0.0, 1.0),
    columns: int | None = None,
    *,
    title: str = "",
) -> Figure:
    """The grid of `tile_images` as a figure, 6 inches wide, every pixel a sharp square."""
    pixels = tile_images(images, value_range, columns)
    height = 6.0 * pixels.shape[0] / pixels.shape[1]
    figure, axes = style.new_axes(6.0, height + (0.4 if title else 0.0))
    axes.imshow(pixels, interpolation="nearest")
    axes.set_axis_off()
    style.add_title(axes, title)
    return figure


@checked
def save_image_grid(
    images: np.ndarray,
    path: str | Path,
    value_range: tuple[float, float] = (0.0, 1.0),
    columns: int | None = None,
    *,
    scale: int | None = None,
) -> Path:
    """Writes the grid of `tile_images` as a PNG file, in one step that a kill cannot halve.

    Args:
        images: as for `tile_images`.
        path: the file to write; its folder must exist.
        value_range: as for `tile_images`.
        columns: as for `tile_images`.
        scale: every pixel becomes a square of `scale` x `scale` pixels; by default the whole
            factor that brings the grid near 720 pixels of width.

    Returns:
        `path`.

    Raises:
        InputError: as `tile_images`, and if `scale` < 1.
    """
    png = grid_png(tile_images(images, value_range, columns), scale)
    with replacing(path) as temporary:
        temporary.write_bytes(png)
    return Path(path)


def grid_png(pixels: np.ndarray, scale: int | None = None) -> bytes:
    """The pixels of `tile_images` as a PNG file; `scale` as for `save_image_grid`."""
    if scale is None:
        scale = max(1, round(_PLEASANT_WIDTH / pixels.shape[1]))
    if scale < 1:
        raise InputError(f"A pixel must stay at least one pixel wide. Received: scale={scale}.")
    return encode.png_bytes(pixels.repeat(scale, axis=0).repeat(scale, axis=1))


def _to_uint8(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    if images.dtype == np.uint8:
        return images
    low, high = value_range
    if not low < high:
        raise InputError(f"A value range needs low < high. Received: {value_range}.")
    unit = (images.astype(np.float32) - low) / (high - low)
    return np.rint(np.clip(np.nan_to_num(unit), 0.0, 1.0) * 255.0).astype(np.uint8)
