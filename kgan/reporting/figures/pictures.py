"""A picture of the page."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from kgan.reporting.figures import encode


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
