"""What the inverse of a generator does, drawn: InvertGAN's figure 3, and images there and back."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kgan.reporting.figures import style
from kgan.reporting.figures.embeddings import principal_axes
from kgan.reporting.figures.points import NEAR, assign_modes, draw_modes, frame_points, outside_note

_RADII = (1.0, 2.0, 3.0)
"""Of the circles of N(0, I), in standard deviations."""
_HALF = 3.9
"""Half the side of the view of N(0, I), which holds nearly all of it."""
_NUMBERED_BARS = 12


def inverse_figure(
    latents: np.ndarray,
    labels: np.ndarray | None,
    noise: np.ndarray,
    samples: np.ndarray,
    means: np.ndarray,
    std: np.ndarray | float,
    weights: np.ndarray | None = None,
    shares: np.ndarray | None = None,
    *,
    title: str = "",
) -> Figure:
    """Four panels in the colours of the modes, as figure 3 of the InvertGAN paper.

    The latents of real data, with the circles of 1, 2 and 3 standard deviations of N(0, I); the
    latents that samples are made from, each in the colour of the mode that its sample falls on,
    grey where that is further than 3 std from all; the samples; and the share of every mode. More
    than two latent dimensions are seen along the first two principal components of the latents of
    real data, where a draw of N(0, I) has the same circles.

    Args:
        latents: (m, l), F(x) of real data; l >= 1.
        labels: (m,) int from 0, the mode of each; grey without.
        noise: (n, l), the latents of the samples.
        samples: (n, 2), G of them.
        means: (modes, 2), the centres.
        std: (modes,) or one number.
        weights: (modes,) true weights; equal by default.
        shares: (modes,) the fraction of all samples near each mode, should more samples have been
            counted than there are here.
        title: what one sees.
    """
    count = len(means)
    # Without the greys, which stand for no mode.
    colours = style.generator_colours(count)
    found = assign_modes(samples, means, std)
    grey = np.array([to_rgb(style.REAL)])
    fallen = np.where(found.near[:, None], colours[found.mode], grey)
    real = np.repeat(grey, len(latents), axis=0)
    if labels is not None:
        real = style.generator_colours(max(count, int(labels.max()) + 1))[labels]
    axes_of_view = latent_axes(latents)
    figure = style.new_figure(11.0, 3.35 if title else 3.15)
    panels = figure.subplots(1, 4)
    style.add_heading(figure, title, 0.01)
    _draw_latents(panels[0], latents @ axes_of_view, real, "Latents of real data", fitted=True)
    _draw_latents(panels[1], noise @ axes_of_view, fallen, "Random latents, by mode")
    _scatter(panels[2], samples, fallen)
    draw_modes(panels[2], means, std)
    frame_points(panels[2], _corners(means, std))
    _label(panels[2], "Samples", outside_note(panels[2], samples))
    true = np.full(count, 1 / count) if weights is None else weights
    _draw_shares(panels[3], found.shares if shares is None else shares, true, colours)
    return figure


def latent_axes(latents: np.ndarray) -> np.ndarray:
    """Orthonormal axes (l, 2) on which latents (m, l) are drawn.

    Two dimensions are drawn as they are, one along the first axis; of more the first two principal
    components. What is drawn on them is not centred: a mean that is not 0 stays visible.
    """
    width = latents.shape[1]
    finite = latents[np.isfinite(latents).all(axis=1)].astype(np.float64)
    if width <= 2 or len(finite) < 2:
        return np.eye(width, 2)
    return principal_axes(finite - finite.mean(axis=0))[0].T


def interpolation_rows(images: np.ndarray, interpolations: np.ndarray) -> np.ndarray:
    """Interpolations between the images that they lead from and to, a row for each pair.

    Args:
        images: (k, height, width, channels); image i leads to image p + i.
        interpolations: (p, steps, height, width, channels), 2 p <= k.

    Returns:
        (p (steps + 2), height, width, channels), row by row.
    """
    pairs = len(interpolations)
    first, last = images[:pairs, None], images[pairs : 2 * pairs, None]
    rows = np.concatenate([first, interpolations, last], axis=1)
    return rows.reshape(-1, *images.shape[1:])


def _draw_latents(
    axes: Axes, points: np.ndarray, colours: np.ndarray, title: str, *, fitted: bool = False
) -> None:
    """Latents over the circles of N(0, I), in a view of these or, `fitted`, of far latents too."""
    circles = PatchCollection(
        [Circle((0.0, 0.0), radius) for radius in _RADII],
        facecolor="none",
        edgecolor=style.MUTED,
        linewidth=0.7,
    )
    _scatter(axes, points, colours)
    axes.add_collection(circles)
    half = _HALF
    finite = points[np.isfinite(points).all(axis=1)]
    if fitted and len(finite):
        half = max(half, 1.08 * float(np.percentile(np.abs(finite).max(axis=1), 99.5)))
    axes.set_xlim(-half, half)
    axes.set_ylim(-half, half)
    axes.set_aspect("equal")
    _label(axes, title, outside_note(axes, points))


def _draw_shares(axes: Axes, shares: np.ndarray, weights: np.ndarray, colours: np.ndarray) -> None:
    """A bar for every mode in its colour, and its true weight."""
    modes = np.arange(len(shares))
    axes.bar(modes, shares, width=0.72, color=colours)
    axes.hlines(weights, modes - 0.5, modes + 0.5, color=style.INK, linewidth=1.4)
    axes.set_xlim(-0.7, len(shares) - 0.3)
    axes.set_ylim(0.0, 1.12 * float(max(np.max(shares), np.max(weights), 1e-9)))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}%"))
    _label(axes, "Mode shares", f"{1 - np.sum(shares):.1%} in none")
    style.quiet_axes(axes)
    axes.set_xticks(modes if len(modes) <= _NUMBERED_BARS else [])
    axes.set_box_aspect(1)


def _corners(means: np.ndarray, std: np.ndarray | float) -> np.ndarray:
    """Points that the view of all modes must hold."""
    reach = NEAR * np.broadcast_to(np.asarray(std, np.float64).reshape(-1), (len(means),))[:, None]
    return np.concatenate([means - reach, means + reach])


def _scatter(axes: Axes, points: np.ndarray, colours: np.ndarray) -> None:
    size = max(2.0, min(7.0, 9000.0 / max(len(points), 1)))
    style.draw_dots(axes, points, colours, size=size)


def _label(axes: Axes, title: str, note: str) -> None:
    style.quiet_axes(axes, grid="")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    name: dict[str, Any] = {"fontsize": style.TEXT_SIZE, "pad": 5}
    axes.set_title(title, loc="left", color=style.INK, weight="bold", **name)
    if note:
        axes.set_title(style.plain(note), loc="right", color=style.MUTED, **name)
