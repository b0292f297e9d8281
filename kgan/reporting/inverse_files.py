"""Reads what a run's inverse makes of data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgan.reporting.arrays import class_labels, load_arrays


@dataclass(frozen=True)
class Inversion:
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

    step: int
    split: str
    latents: np.ndarray
    labels: np.ndarray | None = None
    noise: np.ndarray | None = None
    samples: np.ndarray | None = None
    images: np.ndarray | None = None
    reconstructions: np.ndarray | None = None
    interpolations: np.ndarray | None = None


def read_inversion(path: Path, problems: list[str]) -> Inversion | None:
    """The contents of inverse.npz; None without it, and with a problem where it is broken."""
    arrays = load_arrays(path, problems) if path.exists() else None
    if arrays is None:
        return None
    try:
        step, split = int(arrays["step"]), str(arrays["split"])
        fits = _fits(arrays)
    except (KeyError, TypeError):
        fits = False
    if not fits:
        problems.append(f"samples/{path.name}: its arrays do not fit each other.")
        return None
    kept = ("noise", "samples", "images", "reconstructions", "interpolations")
    labels = class_labels(arrays)
    return Inversion(
        step, split, arrays["latents"], labels, **{name: arrays.get(name) for name in kept}
    )


def _fits(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether the arrays have the shapes of `Inversion`; KeyError where one is missing."""
    latents, labels = arrays["latents"], class_labels(arrays)
    if latents.ndim != 2 or not latents.size:
        return False
    if labels is not None and (len(labels) != len(latents) or labels.dtype.kind not in "iu"):
        return False
    if "noise" in arrays:
        noise, samples = arrays["noise"], arrays["samples"]
        alike = noise.ndim == 2 and noise.shape[1:] == latents.shape[1:]
        return alike and samples.shape == (len(noise), 2) and len(noise) > 0
    images, between = arrays["images"], arrays.get("interpolations")
    if images.ndim != 4 or not images.size or arrays["reconstructions"].shape != images.shape:
        return False
    return between is None or (
        between.ndim == 5
        and between.size > 0
        and between.shape[2:] == images.shape[1:]
        and 2 * len(between) <= len(images)
    )
