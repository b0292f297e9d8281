"""The look that all pictures of kgan share: colours, fonts, and axes without chart junk.

Figures are built with Matplotlib's object-oriented interface only; nothing here reads or writes
pyplot's or rcParams' global state.
"""

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

INK = "#20252c"
MUTED = "#6a7380"
RULE = "#e2e5e9"
GENERATED = "#2e6bd9"
REAL = "#8a94a1"
STRAY = "#e2590f"
PANEL = "#ffffff"
SERIES = (GENERATED, "#dd8100", "#0d977c", "#a24cc4", "#c73a52", "#4b5a6b")
"""Lines of one panel, in order; neighbours stay apart for the common colour-blindnesses."""

TITLE_SIZE = 11.0
TEXT_SIZE = 9.0

# Petroff, "Accessible color sequences for data visualization" (2021), ten colours, optimised under
# simulated colour-blindness; the purple and the red are lifted a little to be seen on black too.
_TEN = (
    *("#3f90da", "#ffa90e", "#cc2f10", "#94a4a2", "#9440c6"),
    *("#a96b59", "#e76300", "#b9ac70", "#717581", "#7fd3d8"),
)
# Neighbours on the hue circle are told apart by lightness as well, which colour-blind eyes keep.
_LIGHTNESS = (0.62, 0.78, 0.70)
_CHROMA = 0.135


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` x `height` inches that lays its contents out by itself."""
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
    return Figure(figsize=(width, height), layout=layout, facecolor="white")


def new_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """The same with axes that fill it."""
    figure = new_figure(width, height)
    return figure, figure.add_subplot()


def draw_dots(
    axes: Axes, points: np.ndarray, colours: str | np.ndarray, *, size: float, alpha: float = 0.65
) -> None:
    """Points (n, 2) as dots of `size` square points; they are pixels in an SVG too."""
    x, y = points.T
    axes.scatter(x, y, s=size, c=colours, alpha=alpha, linewidths=0, rasterized=True)


def add_legend(figure: Figure, columns: int, **options: Any) -> None:
    """A legend below the axes."""
    figure.legend(
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        fontsize=TEXT_SIZE,
        labelcolor=INK,
        **options,
    )


def plain(text: object) -> str:
    """`text` as a label: a dollar sign stays one instead of starting mathematics."""
    return str(text).replace("$", r"\$")


def add_title(axes: Axes, title: str, note: str = "") -> None:
    """A left-aligned title, and in the same line on the right a quieter note; "" for neither."""
    if title:
        axes.set_title(
            plain(title), loc="left", fontsize=TITLE_SIZE, color=INK, pad=10, weight="bold"
        )
    if note:
        axes.set_title(plain(note), loc="right", fontsize=TEXT_SIZE, color=MUTED, pad=10)


def add_heading(figure: Figure, title: str, left: float) -> None:
    """A title over all panels, from `left` (0..1) on; "" for none."""
    if title:
        place = {"x": left, "ha": "left", "fontsize": TITLE_SIZE, "weight": "bold"}
        figure.suptitle(plain(title), color=INK, **place)


def quiet_axes(axes: Axes, *, grid: Literal["x", "y", ""] = "y") -> None:
    """Leaves of the frame only the baseline, with faint rules along `grid` ("x", "y", or "")."""
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom" and grid == "y")
        spine.set_color(RULE)
    axes.tick_params(colors=MUTED, labelsize=TEXT_SIZE, length=0, pad=6)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(axis=grid, color=RULE, linewidth=0.8)


def name_axes(axes: Axes, x: str, y: str = "") -> None:
    """What the axes count, in quiet letters; "" for none."""
    options: dict[str, Any] = {"fontsize": TEXT_SIZE, "color": MUTED}
    if x:
        axes.set_xlabel(x, **options)
    if y:
        axes.set_ylabel(y, **options)


def mode_colours(count: int) -> np.ndarray:
    """Colours for `count` modes or classes.

    Up to ten come from an accessible qualitative sequence; more are spread over the hue circle of
    the perceptually uniform OKLCH space, with the lightness alternating between three levels.

    Returns:
        float64 array of shape (count, 3), sRGB in 0..1.
    """
    if count <= len(_TEN):
        return np.array([to_rgb(colour) for colour in _TEN[:count]]).reshape(count, 3)
    return _around_the_circle(count)


def generator_colours(count: int) -> np.ndarray:
    """Colours for `count` generators: `mode_colours` without the greys, which real data have.

    Returns:
        float64 array of shape (count, 3), sRGB in 0..1.
    """
    ten = mode_colours(len(_TEN))
    vivid = ten[np.ptp(ten, axis=1) > 0.1]
    return vivid[:count] if count <= len(vivid) else _around_the_circle(count)


def hex_colours(colours: np.ndarray) -> list[str]:
    """(n, 3) sRGB in 0..1 as a page writes them: "#rrggbb"."""
    return [to_hex(colour) for colour in colours]


def _around_the_circle(count: int) -> np.ndarray:
    hue = 2 * np.pi * (np.arange(count) / count + 0.08)
    lightness = np.resize(_LIGHTNESS, count)
    return _oklch_to_srgb(lightness, np.full(count, _CHROMA), hue)


def _oklch_to_srgb(lightness: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> np.ndarray:
    """Ottosson, "A perceptual color space for image processing" (2020); clipped to the gamut."""
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    cones = np.stack(
        [
            lightness + 0.3963377774 * a + 0.2158037573 * b,
            lightness - 0.1055613458 * a - 0.0638541728 * b,
            lightness - 0.0894841775 * a - 1.2914855480 * b,
        ]
    )
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(to_linear @ cones**3, 0.0, 1.0)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curved).T
