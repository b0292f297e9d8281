"""What a trained model's discriminator says: of samples, and of every place in the plane."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.playground.trained import Trained
from kgan.reporting.figures.embeddings import project

# What a discriminator says of a sample, by the names of `discriminate`, the plainest first.
_VALUES = {
    "probability": "probability of being real",
    "value": "critic's value, higher for real",
    "logits": "logits, higher for real",
    "error": "error of reconstruction, lower for real",
}
_MARGIN = 0.18
_SIDE = 72
"""Places along each side of the plane."""
_ROWS = 500


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """What a discriminator says of samples.

    Attributes:
        words: what the values are.
        values: `(n,)`.
        embedding: `(n, 2)`, its embeddings along their first two principal components; None where
            it does not embed.
    """

    words: str
    values: np.ndarray
    embedding: np.ndarray | None = None


def view(trained: Trained, samples: np.ndarray) -> View:
    """The discriminator's view of samples `(n, ...)`.

    Raises:
        InputError: one that sees packs of samples, or says nothing of a sample alone.
    """
    pack = getattr(trained.game, "pack", 1)
    if pack > 1:
        raise InputError(
            f"This discriminator sees {pack} samples at once, and so says nothing of one alone."
        )
    outputs = _asked(trained.game, samples)
    name = next((name for name in _VALUES if name in outputs), None)
    if name is None:
        raise InputError(
            "This discriminator says nothing of a sample that can be drawn. Received: "
            f"{', '.join(outputs) or 'no outputs'}"
        )
    embedding = outputs.get("embedding")
    flat = None if embedding is None else project(embedding).points
    return View(_VALUES[name], outputs[name].reshape(len(samples), -1).mean(axis=1), flat)


def plane(trained: Trained, frame: tuple[float, float, float, float]) -> View:
    """The same of 72 x 72 places that fill a frame of the plane: values `(72, 72)`, the top first.

    Of points of more dimensions the plane is that of the modes' centres.

    Raises:
        InputError: points of which no plane is known, and as `view`.
    """
    width = trained.game.sample_shape[0]
    mixture = trained.mixture
    basis = None if mixture is None else mixture.basis
    if trained.kind != "points" or (width != 2 and basis is None):
        raise InputError("There is no plane to look at: the samples are no points of a known one.")
    left, low, right, high = frame
    x, y = np.meshgrid(np.linspace(left, right, _SIDE), np.linspace(high, low, _SIDE))
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    if basis is not None:
        places = places @ basis
    found = view(trained, places.astype(np.float32))
    return View(found.words, found.values.reshape(_SIDE, _SIDE))


def in_plane(trained: Trained, points: np.ndarray) -> np.ndarray:
    """Points `(n, d)` as they are drawn, `(n, 2)`.

    Raises:
        InputError: points of more than two dimensions of which no plane is known.
    """
    if trained.mixture is not None:
        return trained.mixture.in_plane(points)
    if points.shape[-1] != 2:
        raise InputError(
            "Points are drawn in a plane, and of this model's data none is known. Received: points "
            f"of {points.shape[-1]} dimensions"
        )
    return points


def frame_of(trained: Trained, points: np.ndarray) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a square that shows the modes, or else the points `(n, 2)`."""
    low, high = points.min(axis=0), points.max(axis=0)
    if trained.mixture is not None:
        modes = trained.mixture.plane
        reach = 3 * modes.std[:, None]
        low, high = (modes.means - reach).min(axis=0), (modes.means + reach).max(axis=0)
    middle = (low + high) / 2
    half = max(float((high - low).max()) / 2, 1e-6) * (1 + _MARGIN)
    (left, bottom), (right, top) = middle - half, middle + half
    return float(left), float(bottom), float(right), float(top)


def _asked(game: Any, samples: np.ndarray) -> dict[str, np.ndarray]:
    parts = [
        {k: np.asarray(v, np.float32) for k, v in game.discriminate(part).items()}
        for part in (samples[i : i + _ROWS] for i in range(0, len(samples), _ROWS))
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
