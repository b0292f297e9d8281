"""The discriminator's embeddings of real data, seen along their principal components."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kgan.reporting.figures import style

_NAMED_LABELS = 20


@dataclass(frozen=True)
class Projection:
    """A set of vectors along its first two principal components.

    Attributes:
        points: (n, 2) float64, centred; NaN where the vector was not finite.
        explained: (2,) fractions of the total variance that the two components hold.
        spread: root mean square distance of the vectors from their mean, in all dimensions.
    """

    points: np.ndarray
    explained: np.ndarray
    spread: float


def project(embeddings: np.ndarray, before: Projection | None = None) -> Projection:
    """Principal component analysis to two dimensions (MD-GAN paper, figure 3 k-o).

    The sign of a component is free. It follows `before`, when that has the same number of rows, so
    that pictures of successive steps do not flip; otherwise the largest loading is positive.

    Args:
        embeddings: (n, d) float, d >= 1; row i of successive calls is the same real example.
        before: the projection of the snapshot before.
    """
    vectors = np.asarray(embeddings, np.float64).reshape(len(embeddings), -1)
    finite = np.isfinite(vectors).all(axis=1)
    points = np.full((len(vectors), 2), np.nan)
    if finite.sum() < 2:
        return Projection(points, np.zeros(2), 0.0)
    centred = vectors[finite] - vectors[finite].mean(axis=0)
    axes, lengths = principal_axes(centred)
    points[finite] = 0.0
    points[finite, : len(axes)] = centred @ axes.T
    if before is not None and before.points.shape == points.shape:
        points *= np.where(np.nansum(points * before.points, axis=0) < 0, -1.0, 1.0)
    variance = float((lengths**2).sum())
    explained = np.zeros(2)
    explained[: len(axes)] = lengths[:2] ** 2 / max(variance, np.finfo(np.float64).tiny)
    return Projection(points, explained, float(np.sqrt(variance / finite.sum())))


def principal_axes(centred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first two principal components of (n, d) vectors of mean 0, and all singular values.

    Returns:
        (2, d), or (1, d) of a single dimension, the largest loading of each positive; (min(n, d),).
    """
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    return axes * signs[:, None], lengths


def embedding_figure(
    embeddings: np.ndarray,
    labels: np.ndarray | None = None,
    names: Sequence[str] | None = None,
    *,
    title: str = "Embeddings of real data",
) -> Figure:
    """The first two principal components, coloured by mode or class.

    Args:
        embeddings: (n, d) float.
        labels: (n,) int from 0, the mode or class of each row; one colour without it.
        names: the name of every label, for the legend (shown for at most 20).
        title: what one sees.
    """
    projection = project(embeddings)
    figure, axes = style.new_axes(5.4, 5.7)
    colours = label_colours(labels, len(embeddings), 0 if names is None else len(names))
    draw_projection(axes, projection, colours, size=9.0)
    style.quiet_axes(axes, grid="")
    axes.set_xticks([])
    axes.set_yticks([])
    for axis, share in zip("xy", projection.explained, strict=True):
        text = f"component {'xy'.index(axis) + 1}: {share:.0%} of the variance"
        getattr(axes, f"set_{axis}label")(text, fontsize=style.TEXT_SIZE, color=style.MUTED)
    style.add_title(axes, title)
    if names is not None and len(names) <= _NAMED_LABELS:
        for name, colour in zip(names, style.mode_colours(len(names)), strict=True):
            axes.scatter([], [], s=28, color=colour, label=style.plain(name))
        style.add_legend(figure, min(5, len(names)), handletextpad=0.2)
    return figure


def draw_projection(
    axes: Axes, projection: Projection, colours: np.ndarray, *, size: float
) -> None:
    """The projected points in a square view of their own scale.

    Args:
        axes: where to.
        projection: of n vectors.
        colours: (n, 3) sRGB in 0..1.
        size: area of a point, in square points.
    """
    points = projection.points
    style.draw_dots(axes, points, colours, size=size)
    finite = points[np.isfinite(points).all(axis=1)]
    # A few far outliers may leave the picture, not shrink everything else.
    low, high = np.percentile(finite, [0.25, 99.75], axis=0) if len(finite) else np.zeros((2, 2))
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-9) * 1.12
    axes.set_xlim(middle[0] - half, middle[0] + half)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_aspect("equal")


def label_colours(labels: np.ndarray | None, rows: int, count: int = 1) -> np.ndarray:
    """The colour of each of `rows` labels, as a (rows, 3) array of sRGB in 0..1.

    Args:
        labels: (rows,) int from 0; one colour for all when None.
        rows: how many.
        count: how many modes or classes there are, should `labels` not show them all.
    """
    if labels is None or not rows:
        return np.repeat(style.mode_colours(1), rows, axis=0)
    return style.mode_colours(max(count, int(labels.max()) + 1))[labels]
