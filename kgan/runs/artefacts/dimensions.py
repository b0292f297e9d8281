"""What a run keeps of the samples that its discriminator's dimensions rank first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kgan import data, metrics
from kgan.runs.artefacts.kept import DO_NOT_FIT, Kept

_SEED = 2  # Other latents than the snapshots'.
_SAMPLES = 2_000
_ROWS, _COLUMNS = 8, 10


@dataclass(frozen=True)
class Dimensions(Kept):
    """Samples that each of some dimensions of a discriminator's embedding ranks first.

    That is figure 3 of MaEM-GAN's paper (arXiv:2208.12055).

    Attributes:
        step: steps taken before.
        drawn: how many samples were ranked.
        width: of the embedding.
        dimensions: (rows,) int, which dimensions these are.
        ranked: (rows, k) int, numbers of the samples, the highest value first.
        images: (rows, k, height, width, channels), the samples.
    """

    FILE = "dimensions.npz"

    step: int
    drawn: int
    width: int
    dimensions: np.ndarray
    ranked: np.ndarray
    images: np.ndarray

    def flaw(self) -> str:
        """What does not fit, as of `Kept`."""
        images, ranked = self.images, self.ranked
        whole = images.ndim == 5 and images.size > 0 and images.shape[:2] == ranked.shape
        return "" if whole and self.dimensions.shape == ranked.shape[:1] else DO_NOT_FIT


def rank_dimensions(model: Any, dataset: data.Dataset) -> Dimensions | None:
    """Of 2,000 samples those that the 8 dimensions that vary most over them rank first.

    Args:
        model: the `AdversarialModel` to sample from.
        dataset: what it was trained on.

    Returns:
        None for points, and for models whose discriminator does not embed.
    """
    if not dataset.is_images:
        return None
    samples = model.sample(_SAMPLES, seed=_SEED)
    embeddings = metrics.embeddings_of(model, samples)
    if embeddings is None:
        return None
    rows = top_dimensions(embeddings, _ROWS)
    ranked = np.argsort(-embeddings[:, rows], axis=0, kind="stable")[:_COLUMNS].T
    width = embeddings.shape[1]
    return Dimensions(model.steps_taken, len(samples), width, rows, ranked, samples[ranked])


def top_dimensions(embeddings: np.ndarray, count: int) -> np.ndarray:
    """The numbers of the `count` dimensions of embeddings (n, m) that vary most, in that order."""
    return np.argsort(-embeddings.std(axis=0), kind="stable")[:count]
