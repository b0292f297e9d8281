"""The section of the page that tells what the inverse of a generator does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kgan.metrics import formatting, words
from kgan.reporting.figures.embeddings import embedding_figure
from kgan.reporting.figures.inverse import interpolation_rows, inverse_figure
from kgan.reporting.figures.pictures import Picture, drawn, tiled
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
    if real is None or real.modes is None:
        return []
    assert found.noise is not None and found.samples is not None
    latents = found.latents, found.labels, found.noise, found.samples
    figure = inverse_figure(*latents, *real.modes, real.weights, run.mode_shares)
    return [drawn("Latents, samples and modes", "inverse", figure, wide=True)]


def _image_pictures(found: Inversion, run: Run) -> list[Picture]:
    assert found.images is not None and found.reconstructions is not None
    rows, span = np.concatenate([found.images, found.reconstructions]), value_range(run)
    title = "Real images, and below each its reconstruction"
    pictures = [tiled(title, rows, span, len(found.images), wide=True)]
    if found.interpolations is not None:
        rows = interpolation_rows(found.images, found.interpolations)
        title = "Between real images (left, right), by their latents"
        pictures.append(tiled(title, rows, span, found.interpolations.shape[1] + 2))
    names = None if run.real is None else run.real.class_names
    figure = embedding_figure(found.latents, found.labels, names, title="")
    pictures.append(drawn("Latents of real images by class", "inverse-latents", figure))
    return pictures
