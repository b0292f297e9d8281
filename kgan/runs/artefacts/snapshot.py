"""What a run keeps of its samples at one step."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kgan import data, metrics
from kgan.runs.artefacts.kept import Kept
from kgan.runs.artefacts.plane import in_plane
from kgan.runs.artefacts.real_data import flaw_of_samples

SNAPSHOT_SEED = 1
"""Of every snapshot: the same latents through the whole run."""

_MOST = 40
_BY_GENERATOR = 8  # Images of each generator.


@dataclass(frozen=True)
class Snapshot(Kept):
    """Samples at one step, all snapshots' of the same latents.

    Attributes:
        step: steps taken before.
        samples: images (n, height, width, channels) or points (n, 2); points of other
            than two dimensions as they fall on the plane that the run's points are seen in.
        embeddings: (m, d) of real data by the discriminator, of a model that embeds.
        labels: (m,) int, the mode or class of these real data.
        generators: (n,) int from 0, which generator of a mixture made each sample.
        by_generator: (K, m, height, width, channels), images of each generator of a mixture, all
            rows from the same latents.
        near: (n,) bool, of points seen in a projection: which are near a mode in all dimensions.
    """

    step: int
    samples: np.ndarray
    embeddings: np.ndarray | None = None
    labels: np.ndarray | None = None
    generators: np.ndarray | None = None
    by_generator: np.ndarray | None = None
    near: np.ndarray | None = None

    @property
    def file_name(self) -> str:
        """Of the file: it tells the step."""
        return f"{self.stem}.npz"

    @property
    def stem(self) -> str:
        """Of the names of all files of this step."""
        return f"step_{self.step:09d}"

    def flaw(self) -> str:
        """What does not fit, as of `Kept`."""
        return flaw_of_samples(self.samples)

    def _arrays(self) -> dict[str, Any]:
        arrays = super()._arrays()
        del arrays["step"]
        return arrays


class Picture(NamedTuple):
    """A snapshot as a picture.

    Attributes:
        pixels: (height, width, 3) uint8, for TensorBoard.
        png: a file to lie beside the snapshot; None for none.
    """

    pixels: np.ndarray
    png: bytes | None = None


def read_snapshots(folder: Path, problems: list[str]) -> tuple[Snapshot, ...]:
    """The snapshots in a folder in the order of their steps; of more than 40 an even choice."""
    paths = snapshot_paths(folder)
    steps = [list(paths)[index] for index in evenly(len(paths), _MOST)]
    found = (read_snapshot(paths[step], step, problems) for step in steps)
    return tuple(snapshot for snapshot in found if snapshot is not None)


def read_snapshot(path: Path, step: int, problems: list[str]) -> Snapshot | None:
    """The snapshot in a file; None, with a sentence in `problems`, if it is broken.

    Of a file whose other arrays do not fit its samples these are left out.
    """
    found = Snapshot._load(path, problems, step=step)
    if found is None:
        return None
    samples, makers, rows = found.samples, found.generators, found.by_generator
    left_out: dict[str, Any] = {}
    if makers is not None:
        fits = makers.shape == samples.shape[:1] and makers.dtype.kind in "iu"
        if not fits or makers.min() < 0:
            problems.append(f"samples/{path.name}: its generators do not fit its samples.")
            left_out["generators"] = None
    if rows is not None and (
        rows.ndim != 5 or rows.shape[2:] != samples.shape[1:] or not rows.size
    ):
        problems.append(f"samples/{path.name}: its images by generator do not fit its samples.")
        left_out["by_generator"] = None
    if found.near is not None and found.near.shape != samples.shape[:1]:
        left_out["near"] = None
    return dataclasses.replace(found, **left_out) if left_out else found


def snapshot_paths(folder: Path) -> dict[int, Path]:
    """The files of snapshots in a folder by their steps, in order."""
    named = ((path.stem.removeprefix("step_"), path) for path in folder.glob("step_*.npz"))
    return dict(sorted((int(digits), path) for digits, path in named if digits.isdigit()))


def evenly(count: int, most: int) -> list[int]:
    """Up to `most` of the indices below `count`, the first and the last among them."""
    if not count:
        return []
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()


def take_snapshot(
    model: Any, dataset: data.Dataset, step: int, count: int, embedded: np.ndarray
) -> Snapshot:
    """Samples of a model in training.

    Args:
        model: the `AdversarialModel` to sample from.
        dataset: its real data; images in the model's value range.
        step: steps taken before.
        count: of samples.
        embedded: (m,) int, the real examples whose embeddings are kept.
    """
    found: dict[str, Any] = {}
    if hasattr(model, "sample_with_generators"):
        samples, found["generators"] = model.sample_with_generators(count, seed=SNAPSHOT_SEED)
        if dataset.is_images:
            rows = [
                model.sample(_BY_GENERATOR, seed=SNAPSHOT_SEED, generator=generator)
                for generator in range(model.num_generators)
            ]
            found["by_generator"] = np.stack(rows)
    else:
        samples = model.sample(count, seed=SNAPSHOT_SEED)
    mixture = dataset.mixture
    if mixture is not None and mixture.basis is not None:
        found["near"] = metrics.near_modes(samples, mixture)[0]
    if not dataset.is_images:
        samples = in_plane(dataset, samples)
    if hasattr(model, "embed"):
        found["embeddings"] = model.embed(dataset.floats(embedded))
        if dataset.labels is not None:
            found["labels"] = dataset.labels[embedded]
    return Snapshot(step, samples, **found)
