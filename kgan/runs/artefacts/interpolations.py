"""What a run keeps of the ways between its latents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kgan import data
from kgan.runs.artefacts.kept import DO_NOT_FIT, Kept
from kgan.runs.artefacts.plane import in_plane

_SEED = 2  # Other latents than the snapshots'.
_ROWS = {"points": 6, "images": 6}
_STEPS = {"points": 121, "images": 12}


@dataclass(frozen=True)
class Interpolations(Kept):
    """Samples on the ways between pairs of latents.

    Attributes:
        step: steps taken before.
        samples: (rows, steps, height, width, channels) or (rows, steps, 2); points of other
            than two dimensions are seen in the plane that the run's points are seen in.
        curve: "arc" or "line", the shape of the ways.
        generators: (rows,) int, which generator of a mixture made each row: `r % K` row `r`; None
            for other models.
    """

    FILE = "interpolations.npz"

    step: int
    samples: np.ndarray
    curve: str
    generators: np.ndarray | None = None

    def flaw(self) -> str:
        """What does not fit, as of `Kept`."""
        points = self.samples.ndim == 3 and self.samples.shape[2] == 2
        fits = (
            self.samples.size > 0
            and (self.samples.ndim == 5 or points)
            and self.curve in ("arc", "line")
            and (self.generators is None or self.generators.shape == self.samples.shape[:1])
        )
        return "" if fits else DO_NOT_FIT


def interpolate(model: Any, dataset: data.Dataset) -> Interpolations:
    """Samples on the ways between drawn latents.

    Args:
        model: the `AdversarialModel` to sample from.
        dataset: what it was trained on.
    """
    kind = "images" if dataset.is_images else "points"
    rows, steps = _ROWS[kind], _STEPS[kind]
    ends = np.asarray(model.sample_latents(2 * rows, _SEED))
    curve = "arc" if model.latent_distribution == "normal" else "line"
    latents = latent_ways(ends[:rows], ends[rows:], steps, curve).reshape(rows * steps, -1)
    generators, makers = None, {}
    if hasattr(model, "num_generators"):
        generators = np.arange(rows, dtype=np.int32) % model.num_generators
        makers["generator"] = generators.repeat(steps)
    samples = np.asarray(model(latents, **makers)).astype(np.float32)
    if not dataset.is_images:
        samples = in_plane(dataset, samples).astype(np.float32)
    samples = samples.reshape(rows, steps, *samples.shape[1:])
    return Interpolations(model.steps_taken, samples, curve, generators)


def latent_ways(first: np.ndarray, second: np.ndarray, steps: int, curve: str) -> np.ndarray:
    """Latents on the ways from `first` to `second`, both ends included.

    An arc keeps about the length that draws of N(0, I) have, where the middle of a line is shorter
    than any draw (White, "Sampling generative networks", 2016, section 2.1); of uniform latents
    every point of a line is a possible draw.

    Args:
        first: (n, latent_dim).
        second: (n, latent_dim).
        steps: latents of each way, at least 2.
        curve: "arc" or "line".

    Returns:
        (n, steps, latent_dim) float32.
    """
    way = np.linspace(0, 1, steps)[None, :, None]
    first, second = (np.asarray(ends, np.float64)[:, None] for ends in (first, second))
    start, end = 1 - way, way
    if curve == "arc":
        lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
        cosine = (first * second).sum(axis=-1) / np.maximum(lengths, 1e-12)
        angle = np.arccos(np.clip(cosine, -1, 1))[..., None]
        # Between latents in (nearly) the same or opposite directions no arc is defined.
        bent = np.sin(angle) > 1e-6
        sine = np.where(bent, np.sin(angle), 1.0)
        start = np.where(bent, np.sin((1 - way) * angle) / sine, start)
        end = np.where(bent, np.sin(way * angle) / sine, end)
    return (start * first + end * second).astype(np.float32)
