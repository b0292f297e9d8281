"""Training step by step: the snapshots as frames of a player and as a filmstrip."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgan.reporting.figures import style
from kgan.reporting.figures.budget import allowed
from kgan.reporting.figures.embeddings import Projection
from kgan.reporting.figures.encode import data_uri
from kgan.reporting.figures.frames import (
    FRAME_PIXELS,
    THUMB_PIXELS,
    embedding_frame,
    fitted_grid,
    image_frame,
    mode_key,
    point_backdrop,
    point_frame,
    projections,
)
from kgan.reporting.figures.points import assign_modes
from kgan.reporting.sections.scores import number_of_generators
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.artefacts.snapshot import Snapshot, evenly
from kgan.runs.run import Run

FILMSTRIP_FRAMES = 7
_IMAGE_FRAME_BYTES = 2_400_000
_MOST_FRAMES = 40
_THUMB_COLUMNS = 3
_LEGEND_LABELS = 20


@dataclass(frozen=True)
class Frame:
    """A snapshot in the player: pictures as data URIs ("" where there is none) and remarks."""

    step: str
    samples: str
    samples_note: str
    embedding: str
    embedding_note: str


@dataclass(frozen=True)
class Thumb:
    """A snapshot in the filmstrip; `frame` is its place in the player."""

    step: str
    frame: int
    samples: str
    embedding: str


@dataclass(frozen=True)
class Player:
    """What the page shows of the samples over time.

    Attributes:
        frames: in order of the steps.
        thumbs: some of them, small.
        backdrop: data URI of what lies behind the frames of 2-D data, "" for images.
        key: data URI of the real points in the colours of the embeddings, "" where not needed.
        legend: name and colour of every class of the embedded images.
        embeddings: whether frames have embeddings.
        generators: whether points are in the colours of the generators that made them.
    """

    frames: Sequence[Frame]
    thumbs: Sequence[Thumb]
    backdrop: str
    key: str
    legend: Sequence[tuple[str, str]]
    embeddings: bool
    generators: bool


def build_player(run: Run) -> Player | None:
    """The player of a run; None where nothing moves: without snapshots, or with samples of one.

    The frames of images take about 2.4 MB together: large ones are fewer in a frame.
    """
    snapshots = run.snapshots
    few = evenly(len(snapshots), max(2, allowed(_MOST_FRAMES)))
    snapshots = tuple(snapshots[index] for index in few)
    projected = projections(snapshots)
    embedded = any(projection is not None for projection in projected)
    if not snapshots or (len(snapshots) == 1 and not embedded):
        return None
    count = _label_count(run)
    film = evenly(len(snapshots), FILMSTRIP_FRAMES)
    large, small = _sample_pictures(snapshots, film, run)
    frames = [
        Frame(
            step=f"{snapshot.step:,}",
            samples=data_uri(png),
            samples_note=_samples_note(snapshot, run.real),
            embedding=_embedding(projection, snapshot, count),
            embedding_note=_embedding_note(projection),
        )
        for snapshot, projection, png in zip(snapshots, projected, large, strict=True)
    ]
    thumbs = [
        Thumb(
            step=frames[index].step,
            frame=index,
            samples=data_uri(png),
            embedding=_embedding(projected[index], snapshots[index], count, THUMB_PIXELS),
        )
        for index, png in zip(film, small, strict=True)
    ]
    points = snapshots[-1].samples.ndim == 2
    backdrop, key = None, None
    if points and run.real is not None:
        backdrop = point_backdrop(run.real)
        key = mode_key(run.real) if embedded else None
    return Player(
        frames=frames,
        thumbs=thumbs,
        backdrop=data_uri(backdrop) if backdrop else "",
        key=data_uri(key) if key else "",
        legend=_legend(run, count) if embedded and not points else [],
        embeddings=embedded,
        generators=points and number_of_generators(run) > 1,
    )


def value_range(run: Run) -> tuple[float, float]:
    """The range of the run's images: (-1, 1) if real ones (or else samples) go below zero."""
    images = run.snapshots[-1].samples if run.real is None else run.real.samples
    return (-1.0, 1.0) if np.nan_to_num(images).min() < -0.01 else (0.0, 1.0)


def _sample_pictures(
    snapshots: Sequence[Snapshot], film: Sequence[int], run: Run
) -> tuple[list[bytes], list[bytes]]:
    """A PNG file for every frame, and one for every thumb."""
    if snapshots[-1].samples.ndim == 2:
        count = number_of_generators(run)
        large = [point_frame(snapshot, run.real, count=count) for snapshot in snapshots]
        small = [point_frame(snapshots[i], run.real, THUMB_PIXELS, count=count) for i in film]
        return large, small
    span = value_range(run)
    fewest = min(len(snapshot.samples) for snapshot in snapshots)
    budget = allowed(_IMAGE_FRAME_BYTES) // len(snapshots)
    _, columns = fitted_grid(snapshots[-1].samples[:fewest], span, budget)
    large = [image_frame(snapshot.samples, span, columns) for snapshot in snapshots]
    few = min(columns, _THUMB_COLUMNS)
    return large, [image_frame(snapshots[i].samples, span, few) for i in film]


def _samples_note(snapshot: Snapshot, real: RealData | None) -> str:
    if snapshot.samples.ndim != 2 or real is None or real.modes is None:
        return ""
    found = assign_modes(snapshot.samples, *real.modes, snapshot.near)
    covered = int((found.counts > 0).sum())
    where = "within 3 std" if snapshot.near is None else "near one"
    return f"{covered} of {len(found.counts)} modes, {found.near.mean():.0%} {where}"


def _embedding(
    projection: Projection | None, snapshot: Snapshot, count: int, pixels: int = FRAME_PIXELS
) -> str:
    if projection is None:
        return ""
    return data_uri(embedding_frame(projection, snapshot.labels, count, pixels))


def _embedding_note(projection: Projection | None) -> str:
    if projection is None:
        return ""
    first, second = projection.explained
    return f"{first:.0%} + {second:.0%} of the variance, spread {projection.spread:.3g}"


def _label_count(run: Run) -> int:
    """How many modes or classes the labels of the embeddings tell apart."""
    if run.real is not None and run.real.means is not None:
        return len(run.real.means)
    if run.real is not None and run.real.class_names is not None:
        return len(run.real.class_names)
    labels = [snapshot.labels for snapshot in run.snapshots if snapshot.labels is not None]
    return max((int(some.max()) + 1 for some in labels if len(some)), default=1)


def _legend(run: Run, count: int) -> list[tuple[str, str]]:
    if not 1 < count <= _LEGEND_LABELS:
        return []
    names = None if run.real is None else run.real.class_names
    colours = style.hex_colours(style.mode_colours(count))
    return list(zip(names or map(str, range(count)), colours, strict=True))
