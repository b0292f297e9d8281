"""What a run keeps of the samples that its discriminator's dimensions rank first."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import kgan
from kgan import data, metrics
from kgan.files import replacing

_SEED = 2  # Other latents than the snapshots'.
_SAMPLES = 2_000
_ROWS, _COLUMNS = 8, 10


def write_dimensions(model: kgan.AdversarialModel, dataset: data.Dataset, directory: Path) -> None:
    """Writes dimensions.npz: images that each of some embedding dimensions ranks first.

    That is figure 3 of MaEM-GAN's paper (arXiv:2208.12055). Of 2,000 samples and of the 8
    dimensions that vary most over them it has `step`, `drawn` (how many samples), `width` (m, of
    the embedding), `dimensions` (rows,), their numbers, and from the highest value down `ranked`
    (rows, 10), numbers of samples, and `images` (rows, 10, height, width, channels). Nothing is
    written for points and for models whose discriminator does not embed.

    Args:
        model: what to sample from.
        dataset: what it was trained on.
        directory: where the file goes.
    """
    if not dataset.is_images:
        return
    samples = model.sample(_SAMPLES, seed=_SEED)
    embeddings = metrics.embeddings_of(model, samples)
    if embeddings is None:
        return
    rows = top_dimensions(embeddings, _ROWS)
    ranked = np.argsort(-embeddings[:, rows], axis=0, kind="stable")[:_COLUMNS].T
    with replacing(directory / "dimensions.npz") as temporary:
        np.savez_compressed(
            temporary,
            step=model.steps_taken,
            drawn=len(samples),
            width=embeddings.shape[1],
            dimensions=rows,
            ranked=ranked,
            images=samples[ranked],
        )


def top_dimensions(embeddings: np.ndarray, count: int) -> np.ndarray:
    """The numbers of the `count` dimensions of embeddings (n, m) that vary most, in that order."""
    return np.argsort(-embeddings.std(axis=0), kind="stable")[:count]
