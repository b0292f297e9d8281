"""The section of the page that tells what the inverse of a generator does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kgan.metrics import formatting, words
from kgan.reporting.figures import encode
from kgan.reporting.figures.embeddings import embedding_figure
from kgan.reporting.figures.images import tile_images
from kgan.reporting.figures.inverse import (
    interpolation_rows,
    inverse_figure,
    reconstruction_rows,
)
from kgan.reporting.figures.pictures import Picture, drawn
from kgan.reporting.sections import scores
from kgan.reporting.sections.player import value_range
from kgan.runs.artefacts.inversion import Inversion
from kgan.runs.run import Run

_CARDS = (
    *("data_error", "latent_error"),
    *("latent_mean", "latent_covariance_error", "latent_ks", "latent_radius_ks"),
)


@dataclass(frozen=True)
class InverseSection:
    """What the page shows of an inverse.

    Attributes:
        cards: its numbers, with what a true draw of N(0, I) has, from the evaluation.
        pictures: figures and images.
        step: of the pictures, "" without.
        held_out: whether the real data in them are of the test split.
        points: whether the data are points.
        projected: whether there are more than two latent dimensions.
    """

    cards: Sequence[scores.Card]
    pictures: Sequence[Picture]
    step: str
    held_out: bool
    points: bool
    projected: bool


def build_inverse(run: Run) -> InverseSection | None:
    """The section of a run; None for methods without an inverse."""
    told = (run.evaluation or {}).get("inverse")
    cards = _cards(told) if isinstance(told, Mapping) else []
    found = run.inversion
    if found is None:
        return InverseSection(cards, [], "", False, False, False) if cards else None
    return InverseSection(
        cards=cards,
        pictures=_point_pictures(found, run)
        if found.images is None
        else _image_pictures(found, run),
        step=f"{found.step:,}",
        held_out=found.split == "test",
        points=found.images is None,
        projected=found.latents.shape[1] > 2,
    )


def _cards(told: Mapping[str, Any]) -> list[scores.Card]:
    floor = told.get("floor")
    floor = floor if isinstance(floor, Mapping) else {}
    notes = {key: f"N(0, I) has {formatting.number(value)}" for key, value in floor.items()}
    if "data_rmse" in told:
        notes["data_error"] = f"per value {formatting.number(told['data_rmse'])} (RMSE)"
    cards = []
    for key in _CARDS:
        if key in told:
            score = words.find(f"inverse_{key}")
            value, note = formatting.number(told[key]), notes.get(key, score.note)
            cards.append(scores.Card(score.name, value, note, important=key == "data_error"))
    return cards


def _point_pictures(found: Inversion, run: Run) -> list[Picture]:
    real = run.real
    if real is None or real.means is None or real.std is None:
        return []
    assert found.noise is not None and found.samples is not None
    figure = inverse_figure(
        found.latents,
        found.labels,
        found.noise,
        found.samples,
        real.means,
        real.std,
        real.weights,
        run.mode_shares,
    )
    return [drawn("Latents, samples and modes", "inverse", figure, wide=True)]


def _image_pictures(found: Inversion, run: Run) -> list[Picture]:
    assert found.images is not None and found.reconstructions is not None
    rows = reconstruction_rows(found.images, found.reconstructions)
    title = "Real images, and below each its reconstruction"
    pictures = [_grid(title, rows, len(found.images), run, wide=True)]
    if found.interpolations is not None:
        rows = interpolation_rows(found.images, found.interpolations)
        title = "Between real images (left, right), by their latents"
        pictures.append(_grid(title, rows, found.interpolations.shape[1] + 2, run))
    names = None if run.real is None else run.real.class_names
    figure = embedding_figure(found.latents, found.labels, names, title="")
    pictures.append(drawn("Latents of real images by class", "inverse-latents", figure))
    return pictures


def _grid(title: str, images: np.ndarray, columns: int, run: Run, *, wide: bool = False) -> Picture:
    png = encode.png_bytes(tile_images(images, value_range(run), columns))
    return Picture(title, uri=encode.data_uri(png), wide=wide)
