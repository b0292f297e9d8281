"""The measures that `evaluate` knows, by name: of points, and of images."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import util
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics import tfgan
from kgan.metrics.balance import class_balance, mode_balance
from kgan.metrics.bins import LEAST, bin_shares
from kgan.metrics.clusters import cluster_scores, has_clusters
from kgan.metrics.divergences import (
    histogram_wasserstein,
    reverse_kl,
    reverse_kl_nearest,
    symmetric_kl,
)
from kgan.metrics.embedding_rank import embedding_scores, embeds
from kgan.metrics.examples import Examples
from kgan.metrics.feature_spread import feature_spread
from kgan.metrics.frechet import frechet_distance
from kgan.metrics.generators import (
    generator_class_table,
    generator_samples,
    generator_scores,
    generator_table,
    own_mode_generators,
)
from kgan.metrics.inversion import can_invert, inversion_scores
from kgan.metrics.kernel_distance import kernel_distance
from kgan.metrics.measure import Measure, Scores, Trial
from kgan.metrics.mode_spread import class_spread, mode_spread
from kgan.metrics.points import mixture_counts, projected_scores
from kgan.metrics.prd_curve import f_scores, prd
from kgan.metrics.scores import (
    classes_covered,
    classifier_score,
    inception_variance,
    mode_score,
)
from kgan.metrics.stacked import stacked_scores
from kgan.metrics.words import SCORES, STACKED_REVERSE_KL

_CLUSTERS = 20
_SEED = 0
_SPLITS = 10
# Of measures of what classes images are taken for.
_OF_CLASSES: dict[str, Any] = {
    "applies": lambda trial: trial.made.has_labels,
    "needs": "a feature network that tells classes",
}


def _prd(trial: Trial) -> tuple[float | None, float | None]:
    if 2 * min(trial.made.count, trial.reference.count) < _CLUSTERS:
        return None, None
    return f_scores(prd(trial.made.some, trial.reference.some, clusters=_CLUSTERS, seed=_SEED))


def _bins(trial: Trial) -> tuple[int | None, int | None, float | None]:
    # Of the training images, as in the paper: a small set's test images are too few for bins.
    if trial.other.count < 2 * LEAST:
        return None, None, None
    found = bin_shares(trial.made.some, trial.other.some)
    return len(found.real), found.different, found.divergence


def _kernel_distance(trial: Trial) -> float | None:
    if min(trial.made.count, trial.reference.count) < 2:
        return None
    return kernel_distance(trial.made.some, trial.reference.some)


def _inception_variance(trial: Trial) -> float | None:
    probabilities = trial.made.probabilities
    return inception_variance(probabilities)[0] if len(probabilities) >= 2 * _SPLITS else None


def _modes(trial: Trial) -> tuple[Any, ...]:
    counts = trial.made.counts
    return counts.total, counts.covered, counts.strict, counts.high_quality, counts.near.tolist()


def _reverse_kl(trial: Trial) -> tuple[float, float]:
    counts, weights = trial.made.counts, trial.made.weights
    every = reverse_kl_nearest(counts.nearest, weights)
    return reverse_kl(counts.near, counts.samples, weights), every


def _mode_generators(trial: Trial) -> Scores:
    made, count = trial.made, trial.num_generators
    table = generator_table(
        trial.samples,
        trial.generators,
        made.means,
        made.std,
        count,
        lambda points, *_: mixture_counts(points, made.mixture),
    )
    samples = generator_samples(trial.generators, count)
    own = own_mode_generators(table, samples)
    return {**generator_scores("generator_modes", table, samples), "own_mode_generators": own}


def _class_generators(trial: Trial) -> Scores:
    of = trial.generators, trial.num_generators
    table = generator_class_table(trial.made.probabilities, *of)
    return generator_scores("generator_classes", table, generator_samples(*of))


def _clusters(trial: Trial) -> Scores:
    return cluster_scores(trial.source, [trial.samples], _labels(trial.made))


def _real_clusters(trial: Trial) -> Scores:
    # The examples that `held_out` gives, see `Trial`.
    held_out = trial.other if trial.value_range is None else trial.reference
    return cluster_scores(trial.source, trial.held_out(), _labels(held_out))


def _labels(examples: Examples) -> np.ndarray | None:
    return examples.labels if examples.has_labels else None


def _inverse(trial: Trial) -> Scores:
    found = inversion_scores(
        trial.source, trial.samples, trial.seed, trial.held_out(), trial.value_range
    )
    return {"inverse": found}


def _measure(name: str, score: Callable[[Trial], Any], *keys: str, **how: Any) -> Measure:
    """One of kgan's own, whose scores `kgan.metrics.words` declares.

    Args:
        name: of the measure.
        score: gives its scores by key, or their values alone.
        *keys: of the scores, in the order of the values; the measure's name by default.
        **how: see `Measure`.
    """
    keys = keys or (name,)

    def by_key(trial: Trial) -> Scores:
        found = score(trial)
        if isinstance(found, dict):
            return found
        return dict(zip(keys, found if len(keys) > 1 else (found,), strict=True))

    return Measure(name, tuple(SCORES[key] for key in keys), by_key, **{"kept": True, **how})


def _features(default: bool) -> tuple[Measure, ...]:
    """What compares features, whatever these are."""
    return (
        _measure(
            "frechet_distance",
            lambda trial: frechet_distance(trial.made.statistics, trial.reference.statistics),
            default=default,
        ),
        _measure(
            "precision_recall",
            lambda trial: trial.made.neighbour_scores(trial.reference)[:2],
            *("precision", "recall"),
            default=default,
        ),
        _measure(
            "density_coverage",
            lambda trial: trial.made.neighbour_scores(trial.reference)[2:],
            *("density", "coverage"),
            default=default,
        ),
        _measure("prd", _prd, "f_8", "f_1_8", default=default),
        _measure("kernel_distance", _kernel_distance, default=False, label_free=True),
        _measure(
            "bins",
            _bins,
            *("bins", "bins_different", "bins_divergence"),
            stand_in="reference",
            default=False,
            label_free=True,
        ),
        _measure(
            "feature_spread", lambda trial: feature_spread(trial.made.features), default=default
        ),
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
            applies=lambda trial: trial.generators is not None and trial.made.has_labels,
            needs="a mixture of generators, which tells who made each sample, and of images "
            "a feature network that tells classes",
        ),
        _measure(
            "embedding_rank",
            lambda trial: embedding_scores(trial.source, [trial.samples]),
            *("embedding_dimensions", "embedding_first_share", "embedding_effective_rank"),
            stand_in=None,
            real_score=lambda trial: embedding_scores(trial.source, trial.held_out()),
            applies=lambda trial: embeds(trial.source, trial.samples),
            needs="a discriminator that embeds, in more than one dimension",
            featured=False,
        ),
        _measure(
            "clusters",
            _clusters,
            *("clusters", "clusters_used", "cluster_purity", "vertex_distance"),
            stand_in=None,
            real_score=_real_clusters,
            applies=lambda trial: has_clusters(trial.source, trial.samples),
            needs="a discriminator that tells clusters, as MD-GAN's",
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


def _by_tfgan(
    name: str,
    score: Callable[[Trial], float],
    stand_in: str,
    *,
    of_classes: bool,
) -> Measure:
    """The same by another implementation; None where its float32 overflows."""

    def known(trial: Trial) -> float | None:
        found = score(trial)
        return found if math.isfinite(found) else None

    return _measure(
        name,
        known,
        stand_in=stand_in,
        applies=lambda trial: (
            util.find_spec("tensorflow_gan") is not None
            and (trial.made.has_labels or not of_classes)
        ),
        needs="TF-GAN: pip install 'kgan[tfgan]'"
        + (f", and {_OF_CLASSES['needs']}" if of_classes else ""),
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
    _measure("mode_spread", lambda trial: mode_spread(trial.made.features, trial.made.mixture)),
    _measure("reverse_kl", _reverse_kl, "reverse_kl", "reverse_kl_nearest"),
    _measure(
        "balance",
        lambda trial: mode_balance(trial.made.counts.near, trial.made.weights),
        *_BALANCE,
    ),
    _measure("symmetric_kl", lambda trial: symmetric_kl(*trial.made.histograms[:2])),
    _measure(
        "wasserstein",
        lambda trial: histogram_wasserstein(*trial.made.histograms) + trial.made.beyond,
    ),
    _measure(
        "projections",
        lambda trial: projected_scores(trial.made.features, trial.made.mixture),
        *(*_IN_SPACE, *_IN_PLANE, "off_plane"),
        applies=lambda trial: trial.made.mixture.basis is not None,
        needs="points of more than two dimensions",
    ),
    *_of_sources(_mode_generators, "generator_modes", "own_mode_generators"),
    *_features(default=False),
)
"""Measures of points; the last seven take a point's coordinates for features."""

IMAGE_MEASURES: dict[str, Measure] = _by_name(
    Measure(
        "modes",
        _STACKED,
        lambda trial: stacked_scores(trial.made.probabilities, trial.made.mode_weights),
        applies=lambda trial: trial.made.mode_weights is not None and trial.made.has_labels,
        needs="stacked images, whose classes are the modes, and a feature network that tells them",
        kept=True,
    ),
    *_features(default=True),
    _measure(
        "mode_spread",
        lambda trial: class_spread(
            trial.made.features,
            trial.made.labels,
            trial.reference.features,
            trial.reference.labels,
        ),
        **_OF_CLASSES,
    ),
    _measure(
        "classifier_score",
        lambda trial: classifier_score(trial.made.probabilities),
        stand_in="reference",
        **_OF_CLASSES,
    ),
    _measure(
        "mode_score",
        lambda trial: mode_score(trial.made.probabilities, trial.other.probabilities),
        stand_in="reference",
        **_OF_CLASSES,
    ),
    _measure("inception_variance", _inception_variance, **_OF_CLASSES),
    _measure(
        "classes",
        lambda trial: (trial.made.histogram.tolist(), classes_covered(trial.made.histogram)),
        *("class_histogram", "classes_covered"),
        stand_in="reference",
        **_OF_CLASSES,
    ),
    _measure(
        "balance",
        lambda trial: class_balance(trial.made.histogram, trial.reference.histogram),
        *_BALANCE,
        **_OF_CLASSES,
    ),
    *_of_sources(_class_generators, "generator_classes"),
    _by_tfgan(
        "tfgan_frechet_distance",
        lambda trial: tfgan.frechet_classifier_distance_from_activations(
            trial.reference.features, trial.made.features
        ),
        "other",
        of_classes=False,
    ),
    _by_tfgan(
        "tfgan_classifier_score",
        lambda trial: tfgan.classifier_score_from_logits(trial.made.logits),
        "reference",
        of_classes=True,
    ),
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
