"""The measures that `evaluate` knows, by name: of points, and of images."""

from __future__ import annotations

from collections.abc import Callable
from importlib import util
from typing import Any

from kgan.errors import InputError
from kgan.metrics import tfgan
from kgan.metrics.balance import class_balance, mode_balance
from kgan.metrics.divergences import (
    histogram_wasserstein,
    reverse_kl,
    reverse_kl_nearest,
    symmetric_kl,
)
from kgan.metrics.embedding_rank import embedding_scores, embeds
from kgan.metrics.feature_spread import i_variance
from kgan.metrics.frechet import frechet_distance
from kgan.metrics.generators import class_scores, mode_scores
from kgan.metrics.inversion import can_invert, inversion_scores
from kgan.metrics.measure import Measure, Scores, Trial
from kgan.metrics.points import mixture_counts, projected_scores
from kgan.metrics.prd_curve import f_scores, prd
from kgan.metrics.scores import classes_covered, classifier_score, mode_score
from kgan.metrics.stacked import stacked_scores
from kgan.metrics.words import SCORES, STACKED_REVERSE_KL

_CLUSTERS = 20
_SEED = 0


def _frechet(trial: Trial) -> Scores:
    found = frechet_distance(trial.made.statistics, trial.reference.statistics)
    return {"frechet_distance": found}


def _precision_recall(trial: Trial) -> Scores:
    precision, recall, _, _ = trial.made.neighbour_scores(trial.reference)
    return {"precision": precision, "recall": recall}


def _density_coverage(trial: Trial) -> Scores:
    _, _, density, coverage = trial.made.neighbour_scores(trial.reference)
    return {"density": density, "coverage": coverage}


def _prd(trial: Trial) -> Scores:
    if 2 * min(trial.made.count, trial.reference.count) < _CLUSTERS:
        return {"f_8": None, "f_1_8": None}
    curve = prd(trial.made.some, trial.reference.some, clusters=_CLUSTERS, seed=_SEED)
    return dict(zip(("f_8", "f_1_8"), f_scores(curve), strict=True))


def _i_variance(trial: Trial) -> Scores:
    return {"i_variance": i_variance(trial.made.features)}


def _modes(trial: Trial) -> Scores:
    counts = trial.made.counts
    return {
        "modes_total": counts.total,
        "modes_covered": counts.covered,
        "modes_strict": counts.strict,
        "high_quality": counts.high_quality,
        "mode_counts": counts.near.tolist(),
    }


def _reverse_kl(trial: Trial) -> Scores:
    counts, weights = trial.made.counts, trial.made.weights
    return {
        "reverse_kl": reverse_kl(counts.near, counts.samples, weights),
        "reverse_kl_nearest": reverse_kl_nearest(counts.nearest, weights),
    }


def _mode_balance(trial: Trial) -> Scores:
    found = mode_balance(trial.made.counts.near, trial.made.weights)
    return {"balance_chi_square": found.chi_square, "balance_p_value": found.p_value}


def _symmetric_kl(trial: Trial) -> Scores:
    made, true, _ = trial.made.histograms
    return {"symmetric_kl": symmetric_kl(made, true)}


def _wasserstein(trial: Trial) -> Scores:
    return {"wasserstein": histogram_wasserstein(*trial.made.histograms)}


def _projections(trial: Trial) -> Scores:
    return projected_scores(trial.made.features, trial.made.mixture)


def _stacked_modes(trial: Trial) -> Scores:
    return stacked_scores(trial.made.probabilities, trial.made.mode_weights)


def _classifier_score(trial: Trial) -> Scores:
    return {"classifier_score": classifier_score(trial.made.probabilities)}


def _mode_score(trial: Trial) -> Scores:
    return {"mode_score": mode_score(trial.made.probabilities, trial.other.probabilities)}


def _classes(trial: Trial) -> Scores:
    histogram = trial.made.histogram
    return {
        "class_histogram": histogram.tolist(),
        "classes_covered": classes_covered(histogram),
    }


def _class_balance(trial: Trial) -> Scores:
    found = class_balance(trial.made.histogram, trial.reference.histogram)
    return {"balance_chi_square": found.chi_square, "balance_p_value": found.p_value}


def _tfgan_frechet(trial: Trial) -> Scores:
    distance = tfgan.frechet_classifier_distance_from_activations
    return {"tfgan_frechet_distance": distance(trial.reference.features, trial.made.features)}


def _tfgan_score(trial: Trial) -> Scores:
    return {"tfgan_classifier_score": tfgan.classifier_score_from_logits(trial.made.logits)}


def _mode_generators(trial: Trial) -> Scores:
    made = trial.made
    return mode_scores(
        trial.samples,
        trial.generators,
        made.means,
        made.std,
        trial.num_generators,
        lambda points, *_: mixture_counts(points, made.mixture),
    )


def _class_generators(trial: Trial) -> Scores:
    return class_scores(trial.made.probabilities, trial.generators, trial.num_generators)


def _inverse(trial: Trial) -> Scores:
    found = inversion_scores(
        trial.source, trial.samples, trial.seed, trial.held_out(), trial.value_range
    )
    return {"inverse": found}


def _embedding(trial: Trial) -> Scores:
    return embedding_scores(trial.source, [trial.samples])


def _real_embedding(trial: Trial) -> Scores:
    return embedding_scores(trial.source, trial.held_out())


def _measure(name: str, score: Callable[[Trial], Scores], *keys: str, **how: Any) -> Measure:
    """One of kgan's own: of scores that `kgan.metrics.words` declares, by default its namesake."""
    return Measure(
        name, tuple(SCORES[key] for key in keys or (name,)), score, **{"kept": True, **how}
    )


def _features(default: bool) -> tuple[Measure, ...]:
    """What compares features, whatever these are."""
    return (
        _measure("frechet_distance", _frechet, default=default),
        _measure("precision_recall", _precision_recall, "precision", "recall", default=default),
        _measure("density_coverage", _density_coverage, "density", "coverage", default=default),
        _measure("prd", _prd, "f_8", "f_1_8", default=default),
        _measure("i_variance", _i_variance, default=default),
    )


def _of_sources(generators: Callable[[Trial], Scores], key: str, *more: str) -> tuple[Measure, ...]:
    """What only some sources can be asked."""
    return (
        _measure(
            "generators",
            generators,
            *("generators", "generator_samples", key, "generator_overlap"),
            *("effective_generators", "distinct_generators", *more),
            stand_in=None,
            applies=lambda trial: trial.generators is not None,
            needs="a mixture of generators, which tells who made each sample",
        ),
        _measure(
            "embedding_rank",
            _embedding,
            *("embedding_dimensions", "embedding_first_share", "embedding_effective_rank"),
            stand_in=None,
            real_score=_real_embedding,
            applies=lambda trial: embeds(trial.source, trial.samples),
            needs="a discriminator that embeds, in more than one dimension",
            featured=False,
        ),
        _measure(
            "inverse",
            _inverse,
            stand_in=None,
            applies=lambda trial: can_invert(trial.source),
            needs="a model with an inverse of its generator",
            featured=False,
        ),
    )


def _by_tfgan(name: str, score: Callable[[Trial], Scores], stand_in: str) -> Measure:
    """The same by another implementation."""
    return _measure(
        name,
        score,
        stand_in=stand_in,
        applies=lambda trial: util.find_spec("tensorflow_gan") is not None,
        needs="TF-GAN: pip install 'kgan[tfgan]'",
        default=False,
    )


def _by_name(*measures: Measure) -> dict[str, Measure]:
    return {measure.name: measure for measure in measures}


_COUNTED = ("modes_total", "modes_covered", "modes_strict", "high_quality", "mode_counts")
_BALANCE = ("balance_chi_square", "balance_p_value")
_IN_SPACE = ("space_modes_covered", "space_high_quality")
_IN_PLANE = ("plane_modes_covered", "plane_high_quality")
_STACKED = (SCORES["modes_total"], SCORES["modes_covered"], STACKED_REVERSE_KL)

POINT_MEASURES: dict[str, Measure] = _by_name(
    _measure("modes", _modes, *_COUNTED),
    _measure("reverse_kl", _reverse_kl, "reverse_kl", "reverse_kl_nearest"),
    _measure("balance", _mode_balance, *_BALANCE),
    _measure("symmetric_kl", _symmetric_kl),
    _measure("wasserstein", _wasserstein),
    _measure(
        "projections",
        _projections,
        *(*_IN_SPACE, *_IN_PLANE, "off_plane"),
        applies=lambda trial: trial.made.mixture.basis is not None,
        needs="points of more than two dimensions",
    ),
    *_of_sources(_mode_generators, "generator_modes", "own_mode_generators"),
    *_features(default=False),
)
"""Measures of points; the last five take a point's coordinates for features."""

IMAGE_MEASURES: dict[str, Measure] = _by_name(
    Measure(
        "modes",
        _STACKED,
        _stacked_modes,
        applies=lambda trial: trial.made.mode_weights is not None,
        needs="stacked images, whose classes are the modes",
        kept=True,
    ),
    *_features(default=True),
    _measure("classifier_score", _classifier_score, stand_in="reference"),
    _measure("mode_score", _mode_score, stand_in="reference"),
    _measure("classes", _classes, "class_histogram", "classes_covered", stand_in="reference"),
    _measure("balance", _class_balance, *_BALANCE),
    *_of_sources(_class_generators, "generator_classes"),
    _by_tfgan("tfgan_frechet_distance", _tfgan_frechet, "other"),
    _by_tfgan("tfgan_classifier_score", _tfgan_score, "reference"),
)
"""Measures of images."""


def add_measure(measure: Measure, *, points: bool = False, images: bool = False) -> None:
    """Makes a measure known to `evaluate`, and its words to all that shows scores.

    In this process: another one, such as `apps.compare`, shows scores that nobody there has added
    under their keys.

    Args:
        measure: with a name and scores that none of those that are there has.
        points: whether it is one of points.
        images: whether it is one of images.

    Raises:
        InputError: a name or key that is taken, or neither points nor images.
    """
    if not (points or images):
        raise InputError(f"Say what '{measure.name}' measures: points=True, images=True, or both.")
    taken = [measure.name] * (measure.name in {*POINT_MEASURES, *IMAGE_MEASURES})
    taken += [key for key in measure.keys if key in SCORES]
    if taken:
        raise InputError(
            f"A measure needs names of its own. Received: '{taken[0]}', which is taken."
        )
    SCORES.update({score.key: score for score in measure.scores})
    for known, wanted in ((POINT_MEASURES, points), (IMAGE_MEASURES, images)):
        if wanted:
            known[measure.name] = measure
