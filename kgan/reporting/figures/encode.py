"""From figures and pixels to what a page or a file holds: PNG bytes, data URIs, inline SVG."""

import base64
import io
import re

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from kgan.reporting.figures import style

# Colours of a figure that the page decides, so that one picture serves light and dark mode.
_PAGE_COLOURS = {
    style.INK: "var(--ink)",
    style.MUTED: "var(--muted)",
    style.RULE: "var(--rule)",
    style.REAL: "var(--real)",
    style.PANEL: "var(--panel)",
    style.STRAY: "var(--stray)",
    **{colour: f"var(--series-{i})" for i, colour in enumerate(style.SERIES)},
}


def png_bytes(pixels: np.ndarray, colours: int | None = None) -> bytes:
    """RGBA pixels as a PNG file, with a palette of `colours` where given.

    An opaque grey picture is stored as grey, an opaque coloured one as RGB.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    grey = bool((pixels[..., :1] == pixels[..., 1:3]).all())
    if colours is not None:
        image = image.quantize(colours, method=Image.Quantize.FASTOCTREE)
    elif grey:
        image = image.convert("LA")
    elif pixels[..., 3].min() == 255:
        image = image.convert("RGB")
    if image.mode == "LA" and pixels[..., 3].min() == 255:
        image = image.convert("L")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def data_uri(png: bytes) -> str:
    """A PNG file as the text that `src=` and `url()` take in place of an address."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def inline_svg(figure: Figure, name: str, description: str) -> Markup:
    """`figure` as an SVG element to be put into a page.

    Its colours follow the page's CSS variables, its text the page's font, its size the width that
    it is given; ids begin with `name`, so that several figures live together in one page.

    Args:
        figure: what to draw; artists with `rasterized=True` become pictures inside the SVG.
        name: unique in the page, letters, digits and dashes.
        description: the text for those who do not see the picture.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, dpi=190, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    opening, inside = text.split(">", 1)
    (box,) = re.findall(r'viewBox="[^"]*"', opening)
    inside = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', inside)
    inside = re.sub(r"url\(#", f"url(#{name}-", inside)
    inside = re.sub(r'href="#', f'href="#{name}-', inside)
    inside = re.sub(r"(\d(?:\.\d+)?px) '[^;\"]*", r"\1 var(--font)", inside)
    for colour, variable in _PAGE_COLOURS.items():
        inside = inside.replace(colour, variable)
    label = Markup.escape(description)
    return Markup(f'<svg {box} role="img" aria-label="{label}">{inside}')
