"""What a run keeps of its real data, to show beside its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kgan import data
from kgan.runs.artefacts.kept import Kept
from kgan.runs.artefacts.plane import in_plane


@dataclass(frozen=True)
class RealData(Kept):
    """Real examples to compare with.

    Attributes:
        samples: images (n, height, width, channels) or points (n, 2).
        labels: (n,) int or None.
        means: (modes, 2) centres of points, or None.
        std: (modes,) or a number, with `means`.
        weights: (modes,) true weights, with `means`; the shares of `labels` where not stored.
        class_names: one for every class, or None.
        dimensions: of points; where they are not 2, all points of the run are seen in a plane:
            that of the modes, or else of the real points' first two principal components.
    """

    FILE = "real.npz"

    samples: np.ndarray
    labels: np.ndarray | None = None
    means: np.ndarray | None = None
    std: np.ndarray | None = None
    weights: np.ndarray | None = None
    class_names: tuple[str, ...] | None = None
    dimensions: int = 2

    @property
    def modes(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Centres and widths of the modes, where both are known."""
        return None if self.means is None or self.std is None else (self.means, self.std)

    def flaw(self) -> str:
        """What does not fit, as of `Kept`."""
        return flaw_of_samples(self.samples)

    def _arrays(self) -> dict[str, Any]:
        arrays = super()._arrays()
        if self.dimensions == 2:
            del arrays["dimensions"]
        return arrays

    @classmethod
    def _fields(cls, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        found = super()._fields(arrays)
        labels, means = found.get("labels"), found.get("means")
        if "weights" not in found and means is not None and labels is not None:
            found["weights"] = np.bincount(labels, minlength=len(means)) / max(len(labels), 1)
        if "class_names" in found:
            found["class_names"] = tuple(map(str, found["class_names"]))
        return found


def choose_real(dataset: data.Dataset, rows: np.ndarray) -> RealData:
    """Real examples to show.

    Args:
        dataset: of the run; images in the model's value range.
        rows: (n,) int, the examples.
    """
    samples, mixture = dataset.floats(rows), dataset.mixture
    found: dict[str, Any] = {}
    if mixture is not None:
        seen = mixture.plane
        found = {"means": seen.means, "std": seen.std, "weights": mixture.weights}
    if not dataset.is_images:
        found["dimensions"] = samples.shape[1]
        samples = in_plane(dataset, samples)
    labels = None if dataset.labels is None else dataset.labels[rows]
    names = None if dataset.class_names is None else tuple(dataset.class_names)
    return RealData(samples, labels, class_names=names, **found)


def flaw_of_samples(samples: np.ndarray) -> str:
    """What to say of samples that are neither images nor points; "" of those that are."""
    shape = samples.shape
    if shape and shape[0] and (len(shape) == 4 or (len(shape) == 2 and shape[1] == 2)):
        return ""
    return f" holds neither images nor points: shape {shape}"
