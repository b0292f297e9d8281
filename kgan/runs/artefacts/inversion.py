"""What a run keeps of the inverse that its model has learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kgan import data
from kgan.runs.artefacts.kept import DO_NOT_FIT, Kept

_RECONSTRUCTED, _PAIRS, _BETWEEN = 12, 6, 10


@dataclass(frozen=True)
class Inversion(Kept):
    """What the inverse F of a generator G makes of real examples, and G of latents.

    Attributes:
        step: steps taken before.
        split: that the real examples are of, such as "test".
        latents: (m, l), F of m real examples.
        labels: (m,) int, their modes or classes, or None.
        noise: (n, l), latents that points were generated from; None for images.
        samples: (n, 2), these points.
        images: (k, height, width, channels), real ones; None for points.
        reconstructions: (k, height, width, channels), G(F(x)) of each.
        interpolations: (p, steps, height, width, channels), 2 p <= k, or None: from image i to
            image p + i, both as reconstructions.
    """

    FILE = "inverse.npz"

    step: int
    split: str
    latents: np.ndarray
    labels: np.ndarray | None = None
    noise: np.ndarray | None = None
    samples: np.ndarray | None = None
    images: np.ndarray | None = None
    reconstructions: np.ndarray | None = None
    interpolations: np.ndarray | None = None

    def flaw(self) -> str:
        """What does not fit, as of `Kept`."""
        latents, labels = self.latents, self.labels
        whole = latents.ndim == 2 and latents.size > 0
        if labels is not None:
            whole &= len(labels) == len(latents) and labels.dtype.kind in "iu"
        fits = self._images_fit if self.noise is None else self._points_fit
        return "" if whole and fits() else DO_NOT_FIT

    def _points_fit(self) -> bool:
        noise, samples = self.noise, self.samples
        if noise is None or samples is None or noise.ndim != 2 or not len(noise):
            return False
        return noise.shape[1] == self.latents.shape[1] and samples.shape == (len(noise), 2)

    def _images_fit(self) -> bool:
        images, there, between = self.images, self.reconstructions, self.interpolations
        if images is None or images.ndim != 4 or not images.size:
            return False
        if there is None or there.shape != images.shape:
            return False
        if between is None:
            return True
        whole = between.ndim == 5 and between.size > 0 and 2 * len(between) <= len(images)
        return whole and between.shape[2:] == images.shape[1:]


def invert(
    model: Any, held_out: data.Dataset, rows: np.ndarray, samples: np.ndarray, seed: int, step: int
) -> Inversion:
    """What a model with an inverse makes of held-out examples.

    Of images the first 12 are reconstructed, and the first 6 of these joined to the others.

    Args:
        model: an `InverseModel`.
        held_out: real data, images in the model's value range.
        rows: (m,) int, the examples to invert.
        samples: points that the model made; not looked at for images.
        seed: of their latents.
        step: steps taken before.
    """
    real = held_out.floats(rows)
    labels = None if held_out.labels is None else held_out.labels[rows]
    found: dict[str, Any] = {}
    if held_out.is_images:
        images = real[:_RECONSTRUCTED]
        found = {"images": images, "reconstructions": model.reconstruct(images)}
        if len(images) >= 2 * _PAIRS:
            ends = images[:_PAIRS], images[_PAIRS : 2 * _PAIRS]
            found["interpolations"] = model.interpolate(*ends, _BETWEEN)
    else:
        noise = np.asarray(model.sample_latents(len(samples), seed))
        found = {"noise": noise, "samples": samples}
    return Inversion(step, held_out.split, model.invert(real), labels, **found)
