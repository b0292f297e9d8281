"""What a few samples of a model in training tell: coverage, diversity, overlap, separation."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kgan.classifiers.features import FeatureNetwork, class_probabilities
from kgan.data import Dataset, GaussianMixture
from kgan.errors import InputError, NonFiniteLossError
from kgan.metrics.clusters import clusters_used
from kgan.metrics.collapse_rules import ABSENT, COVERED, UNCOVERED
from kgan.metrics.diversity import pairwise_distance, separation
from kgan.metrics.generators import generator_class_table, generator_overlap, generator_table
from kgan.metrics.mode_spread import class_spread, mode_spread
from kgan.metrics.modes import ModeCounts
from kgan.metrics.points import mixture_counts, present_modes

SEED = 1
"""Of the latents: the same at every measurement, so that nothing but the model changes."""
POINTS = 2_500
"""Points per measurement of modes."""
FEW = 256
"""Samples whose distances and discriminator's outputs are looked at."""

# What a discriminator's only number for a sample is called, by `discriminate`.
_OUTPUTS = ("logits", "value", "probability", "error")
_SAMPLES_PER_CLASS = 10  # With fewer a class is missed by chance.


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What one look at a model found.

    Attributes:
        values: numbers by column.
        modes: of which modes (points) or classes (images) there are samples, one sign for each as
            `kgan.metrics.collapse` has them; "" where neither is known.
    """

    values: Mapping[str, float]
    modes: str = ""


class LiveMeasurement:
    """Measures a model in training, cheaply.

    `modes_covered`, `modes_strict`, `high_quality`: of 2,500 points of a known mixture.
    `classes_covered`: of 256 images, by the named network or the model's own classifier, of 25
    classes at most.
    `diversity`: the mean Euclidean distance between all pairs of 256 samples (images: of their
    pixels), over that of 256 real examples; 0 for samples that are all one, 1 for real data's.
    `mode_spread`: `kgan.metrics.mode_spread` of those points, or `class_spread` of the images'
    features, where there is a named network; NaN where no mode has 10 samples.
    `generator_overlap`: of a mixture of generators, `kgan.metrics.generator_overlap` of modes
    (points) or of what the model's classifier head takes the images for.
    `separation`: `kgan.metrics.separation` of the discriminator's outputs, in inference mode.
    `clusters_used`, `vertex_distance`: where the discriminator tells clusters, as MD-GAN's, of the
    256 samples; with `real_` in front of the real examples.

    Attributes:
        cross_entropy: whether the log's `discriminator_loss` is a cross-entropy, at least 0.

    Args:
        model: an `AdversarialModel`.
        real: examples that it trains on: a data set, or an array in the model's range.
        network: a classifier of the images; one that tells no classes is left alone.
    """

    def __init__(self, model: Any, real: Dataset | np.ndarray, network: FeatureNetwork | None):
        self._model = model
        self._mixture = real.mixture if isinstance(real, Dataset) else None
        chosen = np.sort(np.random.default_rng(SEED).permutation(len(real))[:FEW])
        if isinstance(real, Dataset):
            scaled = real.with_value_range(model.value_range) if real.is_images else real
            self._real = scaled.floats(chosen)
        else:
            self._real = np.asarray(real)[chosen]
            if hasattr(model, "expected"):
                model.expected().check(self._real, "The real examples")
        self._network = network
        if network is not None and not network.tells_classes:
            self._network = None
        elif network is not None:
            shown = network.probabilities(self._real[:1], model.value_range)
            if not _few_classes(shown, FEW):  # A pass that would tell nothing at every look.
                self._network = None
            else:
                self._real_seen = self._seen(self._real)
        outputs, _ = self._outputs(self._real)
        # Real data that are all one have no distances to compare with.
        self._real_distance = pairwise_distance(_rows(self._real)) or 1.0
        # Logits are trained by cross-entropies, whose minimum is known: but for a regularizer.
        plain = (
            model.regularizer is None
            and not getattr(model, "terms", ())
            and "discriminator" in model.players
        )
        self.cross_entropy = "logits" in outputs and plain

    def __call__(self) -> Measurement:
        """Measure.

        Raises:
            NonFiniteLossError: samples that are not finite.
        """
        count = FEW if self._mixture is None else POINTS
        samples, generators = _draw(self._model, count)
        if not np.isfinite(samples).all():
            raise NonFiniteLossError(
                f"Samples became NaN or infinite by step {self._model.steps_taken}, though the "
                "losses did not. Go back to the last good checkpoint, look at the data, and lower "
                "the learning rate"
            )
        few = samples[:FEW]
        outputs, real_outputs = self._outputs(few)
        found: dict[str, float] = {}
        modes = ""
        if self._mixture is not None:
            counts = mixture_counts(samples, self._mixture)
            found |= _mode_columns(counts)
            present = self._mixture.weights > 0
            covered = np.zeros(len(present), bool)
            covered[present] = counts.near > 0
            modes = _signs(covered, present)
            found["mode_spread"] = _known(mode_spread(samples, self._mixture))
        else:
            classes = self._classes(few, outputs, found)
            if classes is not None:
                present = np.bincount(classes.argmax(axis=1), minlength=classes.shape[1]) > 0
                found["classes_covered"] = int(present.sum())
                modes = _signs(present, np.ones(len(present), bool))
        found["diversity"] = pairwise_distance(_rows(few)) / self._real_distance
        if generators is not None:
            found |= self._overlap(samples, generators, outputs)
        found |= _separation(real_outputs, outputs)
        found |= {**_clusters(outputs), **_clusters(real_outputs, "real_")}
        return Measurement(found, modes)

    def _outputs(
        self, samples: np.ndarray
    ) -> tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]:
        """What the discriminator says of samples, and of the real examples: one pass for both."""
        packed = getattr(self._model, "packed", lambda rows: rows)
        sides = [np.asarray(packed(side)) for side in (samples, self._real)]
        try:
            outputs = self._model.discriminate(np.concatenate(sides))
        except InputError:  # A method of a user's own need not say what its discriminator gives.
            return {}, {}
        arrays = {name: np.asarray(value, np.float64) for name, value in outputs.items()}
        if len(sides[0]) < len(samples):  # Of a pack, where a sample's generator is asked for.
            arrays.pop("generator_probabilities", None)
        count = len(sides[0])
        return {k: v[:count] for k, v in arrays.items()}, {k: v[count:] for k, v in arrays.items()}

    def _classes(
        self,
        images: np.ndarray,
        outputs: Mapping[str, np.ndarray],
        found: dict[str, float],
    ) -> np.ndarray | None:
        """(n, classes) probabilities, where there is a classifier of few enough classes.

        A network of features tells `found` the spread within classes besides.
        """
        classes = outputs.get("class_probabilities")
        if self._network is not None:
            features, classes = self._seen(images)
            real_features, real_classes = self._real_seen
            of_class = classes.argmax(axis=1), real_classes.argmax(axis=1)
            spread = class_spread(features, of_class[0], real_features, of_class[1])
            found["mode_spread"] = _known(spread)
        return classes if classes is not None and _few_classes(classes, len(images)) else None

    def _seen(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features (n, d) and class probabilities (n, classes) of images, by the network."""
        assert self._network is not None
        features, logits = self._network.predict(images, self._model.value_range)
        return features, class_probabilities(logits)

    def _overlap(
        self, samples: np.ndarray, generators: np.ndarray, outputs: Mapping[str, np.ndarray]
    ) -> dict[str, float]:
        count = self._model.num_generators
        if self._mixture is not None:
            mixture = self._mixture
            means, std, _ = present_modes(mixture)
            table = generator_table(
                samples, generators, means, std, count, lambda x, *_: mixture_counts(x, mixture)
            )
            return {"generator_overlap": _known(generator_overlap(table))}
        for name in ("generator_probabilities", "class_probabilities"):
            if name in outputs:
                table = generator_class_table(outputs[name], generators, count)
                return {"generator_overlap": _known(generator_overlap(table))}
        return {}


def _known(value: float | None) -> float:
    """NaN for what could not be measured this time: the watch passes over it."""
    return math.nan if value is None else value


def count_modes(model: Any, mixture: GaussianMixture) -> dict[str, float]:
    """The modes alone, as `LiveMeasurement` finds them."""
    samples, _ = _draw(model, POINTS)
    return _mode_columns(mixture_counts(samples, mixture))


def _mode_columns(counts: ModeCounts) -> dict[str, float]:
    return {
        "modes_covered": counts.covered,
        "modes_strict": counts.strict,
        "high_quality": counts.high_quality,
    }


def _few_classes(probabilities: np.ndarray, images: int) -> bool:
    """Whether so many images can show which of the classes are missing."""
    return probabilities.shape[1] * _SAMPLES_PER_CLASS <= images


def _draw(model: Any, count: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Samples, and of a mixture of generators which one made each."""
    if hasattr(model, "sample_with_generators"):
        return model.sample_with_generators(count, SEED, batch_size=count)
    return model.sample(count, SEED, batch_size=count), None


def _separation(
    real: Mapping[str, np.ndarray], generated: Mapping[str, np.ndarray]
) -> dict[str, float]:
    for name in _OUTPUTS:
        if name in generated:
            return {"separation": separation(real[name], generated[name])}
    return {}


def _clusters(outputs: Mapping[str, np.ndarray], of: str = "") -> dict[str, float]:
    """Of a discriminator that tells clusters: how many are used, and the distance to centres."""
    if not {"cluster", "distance"} <= outputs.keys():
        return {}
    return {
        f"{of}clusters_used": clusters_used(outputs["cluster"]),
        f"{of}vertex_distance": float(outputs["distance"].mean()),
    }


def _rows(samples: np.ndarray) -> np.ndarray:
    return samples.reshape(len(samples), -1)


def _signs(covered: np.ndarray, present: np.ndarray) -> str:
    signs = np.where(present, np.where(covered, COVERED, UNCOVERED), ABSENT)
    return "".join(signs.tolist())
