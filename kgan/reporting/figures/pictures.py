"""Pictures of the page."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from kgan.reporting.figures import encode
from kgan.reporting.figures.images import tile_images


@dataclass(frozen=True)
class Picture:
    """A figure of the page: inline SVG, or the data URI of a PNG; `wide` ones take a whole row."""

    title: str
    svg: Markup | None = None
    uri: str = ""
    wide: bool = False


def drawn(title: str, name: str, figure: Figure, *, wide: bool = False) -> Picture:
    """A figure as a picture; `name` is as for `encode.inline_svg`."""
    return Picture(title, svg=encode.inline_svg(figure, name, title), wide=wide)


def tiled(
    title: str,
    images: np.ndarray,
    value_range: tuple[float, float],
    columns: int,
    *,
    wide: bool = False,
) -> Picture:
    """The grid of `tile_images` as a picture."""
    png = encode.png_bytes(tile_images(images, value_range, columns))
    return Picture(title, uri=encode.data_uri(png), wide=wide)
