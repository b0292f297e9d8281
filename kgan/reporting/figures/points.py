"""Generated points over real ones, in the plane."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from kgan.errors import InputError
from kgan.reporting.figures import style
from kgan.signatures import checked

NEAR = 3.0
"""A sample belongs to a mode when it is within so many standard deviations of its centre."""

_NUMBERED_MODES = 30


@dataclass(frozen=True)
class Assignment:
    """Which mode each point belongs to.

    Attributes:
        mode: (n,) int, the nearest centre in units of its standard deviation.
        near: (n,) bool, whether it is within `NEAR` standard deviations.
        counts: (modes,) int, near points of every mode.
    """

    mode: np.ndarray
    near: np.ndarray
    counts: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """(modes,) the fraction of all points that is near each centre."""
        return self.counts / max(len(self.mode), 1)


def assign_modes(
    points: np.ndarray,
    means: np.ndarray,
    std: np.ndarray | float,
    among: np.ndarray | None = None,
) -> Assignment:
    """Gives every point to its nearest mode, as `kgan.metrics.mode_counts` counts them.

    Args:
        points: (n, 2); points that are not finite are near no mode.
        means: (modes, 2), the centres.
        std: (modes,) or one number for all.
        among: (n,) bool, the points that are near a mode, where a projection does not tell.
    """
    points = np.asarray(points, np.float64)
    stds = np.broadcast_to(np.asarray(std, np.float64).reshape(-1), (len(means),))
    distance = np.linalg.norm(points[:, None] - np.asarray(means, np.float64)[None], axis=-1)
    in_std = np.nan_to_num(distance / stds, nan=np.inf, posinf=np.inf)
    mode = in_std.argmin(axis=1)
    near = in_std.min(axis=1) <= NEAR if among is None else np.asarray(among, bool)
    return Assignment(mode, near, np.bincount(mode[near], minlength=len(means)))


@checked
def points_figure(
    points: np.ndarray,
    real: np.ndarray | None = None,
    means: np.ndarray | None = None,
    std: np.ndarray | float | None = None,
    *,
    among: np.ndarray | None = None,
    title: str = "Generated points over real ones",
) -> Figure:
    """Generated points over real ones, with the circle of 3 standard deviations of every mode.

    Points outside all circles are drawn in another colour, and so are the circles of modes without
    any generated point.

    Args:
        points: (n, 2) generated.
        real: (m, 2), drawn grey behind; decides what part of the plane is shown.
        means: (modes, 2), the centres, numbered where there are at most 30.
        std: (modes,) or one number; needed together with `means`.
        among: see `assign_modes`.
        title: what one sees.
    """
    if getattr(points, "ndim", 0) != 2 or points.shape[1] != 2 or points.dtype.kind not in "iuf":
        raise InputError(
            f"points must be numbers of the shape (n, 2). Received: {type(points).__name__} of "
            f"shape {getattr(points, 'shape', ())}"
        )
    figure, axes = style.new_axes(5.4, 5.7)
    size = max(2.0, min(9.0, 14000.0 / max(len(points), 1)))
    if real is not None:
        draw_real(axes, real, size=size)
    if means is not None and std is not None:
        assignment = assign_modes(points, means, std, among)
        draw_points(axes, points, near=assignment.near, size=size)
        draw_modes(axes, means, std, counts=assignment.counts, numbers=True)
    else:
        draw_points(axes, points, size=size)
    frame_points(axes, points if real is None else real)
    style.quiet_axes(axes, grid="")
    style.add_title(axes, title, outside_note(axes, points))
    style.name_axes(axes, "x", "y")
    return figure


def draw_real(axes: Axes, real: np.ndarray, *, size: float) -> None:
    """The real points as a grey ground."""
    style.draw_dots(axes, real, style.REAL, size=size, alpha=0.35)


def draw_points(
    axes: Axes, points: np.ndarray, *, near: np.ndarray | None = None, size: float
) -> None:
    """The generated points; those not `near` any mode in the colour of strays."""
    if near is None:
        near = np.ones(len(points), bool)
    for chosen, colour, alpha in ((near, style.GENERATED, 0.55), (~near, style.STRAY, 0.7)):
        style.draw_dots(axes, points[chosen], colour, size=size, alpha=alpha)


def draw_modes(
    axes: Axes,
    means: np.ndarray,
    std: np.ndarray | float,
    *,
    counts: np.ndarray | None = None,
    numbers: bool = False,
) -> None:
    """The circle of 3 standard deviations of every mode, strong where `counts` has nothing."""
    stds = np.broadcast_to(np.asarray(std, np.float64).reshape(-1), (len(means),))
    missed = np.zeros(len(means), bool) if counts is None else counts == 0
    for chosen, colour, width in ((~missed, style.MUTED, 0.7), (missed, style.STRAY, 1.8)):
        circles = [
            Circle(tuple(mean), NEAR * radius)
            for mean, radius in zip(means[chosen], stds[chosen], strict=True)
        ]
        axes.add_collection(
            PatchCollection(circles, facecolor="none", edgecolor=colour, linewidth=width)
        )
    if numbers and len(means) <= _NUMBERED_MODES:
        for index, (mean, radius) in enumerate(zip(means, stds, strict=True)):
            axes.annotate(
                str(index),
                (mean[0] + 0.71 * NEAR * radius, mean[1] + 0.71 * NEAR * radius),
                xytext=(1.5, 1.5),
                textcoords="offset points",
                fontsize=7,
                color=style.STRAY if missed[index] else style.MUTED,
            )


def frame_points(axes: Axes, points: np.ndarray) -> None:
    """A square view of all finite `points` with a margin."""
    finite = points[np.isfinite(points).all(axis=1)]
    low, high = (finite.min(0), finite.max(0)) if len(finite) else (np.zeros(2), np.ones(2))
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-6) * 1.18
    axes.set_xlim(middle[0] - half, middle[0] + half)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_aspect("equal")


def outside_note(axes: Axes, points: np.ndarray) -> str:
    """How many `points` the view leaves out: "12 outside", or ""."""
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    outside = int((~((points >= low) & (points <= high)).all(axis=1)).sum())
    return f"{outside:,} outside" if outside else ""
