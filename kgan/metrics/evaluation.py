"""`evaluate`: every score of a generator, with the same scores of real data beside them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from absl import logging

from kgan.data import Dataset, load
from kgan.errors import InputError
from kgan.metrics.balance import class_balance
from kgan.metrics.feature_scores import RealFeatures
from kgan.metrics.features import FeatureNetwork, class_probabilities
from kgan.metrics.generators import class_scores, mode_scores
from kgan.metrics.inversion import can_invert, inversion_scores
from kgan.metrics.points import point_scores, present_modes
from kgan.metrics.scores import class_histogram, classes_covered, classifier_score, mode_score

TEST_IMAGES = 10_000
"""Images of the test split that generated ones are compared with, as in Lucic et al. (2018)."""

_REAL_SEED = 2_000_003  # Real points are drawn with seeds that neither data nor models use.
_CHUNK = 2_000

Source = Any  # Anything with `.sample(n, seed=int)`, or a callable (n, seed): -> array.


@dataclasses.dataclass(frozen=True)
class _Drawn:
    """Samples, and which generator of a mixture made each: `generators` is None for others."""

    samples: np.ndarray
    generators: np.ndarray | None = None
    num_generators: int = 1


def evaluate(
    source: Source,
    dataset: str | Dataset,
    *,
    samples: int = 10_000,
    seed: int = 0,
    feature_network: FeatureNetwork | str | os.PathLike[str] | None = None,
    data_dir: str | Path | None = None,
) -> dict[str, Any]:
    """Scores samples of a generator against a data set, and real data against real data.

    Of **points** the truth is known, so they are compared with the mixture itself, and `real` has
    the scores of an independent draw of as many points: what a perfect generator gets. The keys:
    samples, seed, modes_total, modes_covered, modes_strict, high_quality, reverse_kl,
    reverse_kl_nearest, balance_chi_square and balance_p_value (of the samples within 3 std of a
    mode, against the weights), symmetric_kl, wasserstein, mode_counts (samples within 3 std of each
    mode). Modes of weight 0 are no modes. See `kgan.metrics.modes`, `divergences` and `balance`.

    **Images** are compared with the test split, at most 10,000 images of it. The keys: samples,
    seed, frechet_distance, feature_network (its name), precision, recall, density, coverage, f_8,
    f_1_8 (of at most 10,000 samples; None of fewer than they need), i_variance, classifier_score,
    mode_score (against the training images' mean prediction), class_histogram (samples of each
    class), classes_covered, balance_chi_square and balance_p_value (of class_histogram against the
    test images', see `kgan.metrics.balance`). Under `real`, the scores of features and the balance
    are those of `samples` training images against the test images, and the other scores are the
    test images' own, which the classifier never saw in training; `samples` and `test_samples` say
    how many there were. See `kgan.metrics.precision_recall`, `prd` and `i_variance`.

    Of a **mixture** of K generators the same samples also tell what each generator does. The keys:
    generators (K), generator_samples (K counts), generator_modes (points) or generator_classes
    (images; K lists of counts, whose columns sum to mode_counts or class_histogram),
    generator_overlap (0 to 1), effective_generators (by their shares of the samples),
    distinct_generators (by what they make), and own_mode_generators (points). See
    `kgan.metrics.generators`.

    Of a source with an **inverse** F of its generator G, the dict `inverse` tells how good it is,
    on the points under `real` or on the test images. Its keys: real_samples (how many these are),
    data_error (mean |x - G(F(x))|), data_rmse (images), latent_error (mean |z - F(G(z))|), and of
    the real examples' latents F(x), where they should be N(0, I), latent_mean,
    latent_covariance_error, latent_ks, latent_radius_ks; its dict `floor` has the last four of a
    true draw of N(0, I). See `kgan.metrics.inversion` and `kgan.metrics.latents`.

    Args:
        source: anything with `.sample(n, seed=int)`, or a callable of (n, seed); gives (n, 2)
            points or (n, height, width, channels) images. Images are in the source's
            `value_range` if it has one, else in the data set's. A mixture has
            `sample_with_generators(n, seed=int)`, which gives the generators (n,) too, as whole
            numbers in 0..K-1, and `num_generators`, K. One that inverts has `invert(examples)`,
            `reconstruct(examples)` and `sample_latents(n, seed)`, as `kgan.InverseModel`.
        dataset: a name for `kgan.data.load`, or a data set. The split that is not given is loaded
            by the data set's name.
        samples: how many to draw, at least 2.
        seed: of the samples, >= 0.
        feature_network: for images: a network, the path of a classifier that apps.classifier
            wrote, or None for the data set's own classifier, which is trained if the cache does
            not have it. Sets without classes need one.
        data_dir: where the data lie, for `kgan.data.load`.

    Returns:
        Plain numbers, strings, lists and nested dicts, ready for JSON.

    Raises:
        InputError: bad arguments, samples that are not finite or of another shape than the data,
            points of no known mixture, images without classes and without a feature network.
        DataError: the data are missing or broken.
    """
    if samples < 2 or seed < 0:
        raise InputError(
            f"evaluate needs samples >= 2 and seed >= 0. Received: {samples=}, {seed=}"
        )
    if isinstance(dataset, str):
        dataset = load(dataset, split="test", data_dir=data_dir)
    drawn = _draw(source, samples, seed, dataset.example_shape)
    about = {"samples": samples, "seed": seed}
    if not dataset.is_images:
        return {**about, **_point_scores(source, drawn, dataset, seed)}
    value_range = getattr(source, "value_range", dataset.value_range)
    train, test = _splits(dataset, data_dir)
    network = network_for(feature_network, train, test, data_dir)
    scores = _image_scores(drawn, value_range, train, test, network)
    if can_invert(source):
        real = _parts(test.with_value_range(value_range), TEST_IMAGES)
        scores["inverse"] = inversion_scores(source, drawn.samples, seed, real, value_range)
    return {**about, **scores}


def _draw(source: Source, samples: int, seed: int, shape: tuple[int, ...]) -> _Drawn:
    generators, num_generators = None, 1
    if hasattr(source, "sample_with_generators"):
        generated, generators = map(np.asarray, source.sample_with_generators(samples, seed=seed))
        num_generators = int(source.num_generators)
    elif hasattr(source, "sample"):
        generated = np.asarray(source.sample(samples, seed=seed))
    elif callable(source):
        generated = np.asarray(source(samples, seed))
    else:
        raise InputError(
            "evaluate needs a model with sample(n, seed=...) or a function of (n, seed). "
            f"Received: {type(source).__name__}"
        )
    if generated.shape != (samples, *shape) or generated.dtype.kind != "f":
        raise InputError(
            f"Samples must be floats of the shape {(samples, *shape)}, as the data are. "
            f"Received: {generated.dtype} of shape {generated.shape}"
        )
    broken = samples - int(np.isfinite(generated).reshape(samples, -1).all(axis=1).sum())
    if broken:
        raise InputError(
            f"Samples must be finite. Received: NaN or infinite values in {broken} of {samples}"
        )
    return _Drawn(generated, generators, num_generators)


def _point_scores(source: Source, drawn: _Drawn, dataset: Dataset, seed: int) -> dict[str, Any]:
    mixture = dataset.mixture
    if mixture is None:
        raise InputError(
            f"Points are scored against the mixture that they come from, which '{dataset.name}' "
            "does not have: give a data set with a mixture."
        )
    samples = len(drawn.samples)
    real, _ = mixture.sample(samples, _REAL_SEED + seed)
    scores = point_scores(drawn.samples, mixture)
    if drawn.generators is not None:
        means, std, _ = present_modes(mixture)
        scores |= mode_scores(drawn.samples, drawn.generators, means, std, drawn.num_generators)
    if can_invert(source):
        scores["inverse"] = inversion_scores(source, drawn.samples, seed, [real])
    return {**scores, "real": {"samples": samples, **point_scores(real, mixture)}}


def _splits(dataset: Dataset, data_dir: str | Path | None) -> tuple[Dataset, Dataset]:
    """Returns the training and the test split, of which `dataset` is one."""
    is_test = dataset.split == "test"
    height, width, _ = dataset.example_shape
    other = load(
        dataset.name,
        split="train" if is_test else "test",
        data_dir=data_dir,
        image_size=height if height == width else None,
        value_range=dataset.value_range,
        # Whoever has one split has seen this error or asked to skip.
        on_broken="skip",
    )
    return (other, dataset) if is_test else (dataset, other)


def network_for(
    given: FeatureNetwork | str | os.PathLike[str] | None,
    train: Dataset,
    test: Dataset,
    data_dir: str | Path | None = None,
) -> FeatureNetwork:
    """The network that `evaluate` measures images in; arguments and errors are as there."""
    if isinstance(given, FeatureNetwork):
        return given
    # Here, as training needs TensorFlow and arrays are measured without.
    from kgan.training import classifier

    if given is not None:
        return classifier.load_classifier(given).feature_network()
    split = classifier.labelled_split(train.name)
    if split != train.split:
        size = train.example_shape[0]
        train = load(train.name, split=split, data_dir=data_dir, image_size=size)
    if train.labels is None or train.labels.ndim != 1:
        raise InputError(
            f"Images are measured in the features of a network, and '{train.name}' has no classes "
            "to train one on: give one with --feature_network."
        )
    network = classifier.cached_classifier(train, test).feature_network()
    logging.info("Measuring in the features of %s.", network.name)
    return network


def _image_scores(
    drawn: _Drawn,
    value_range: tuple[float, float],
    train: Dataset,
    test: Dataset,
    network: FeatureNetwork,
) -> dict[str, Any]:
    fake, fake_logits = network.predict(drawn.samples, value_range)
    true, true_logits = _outputs(network, test, TEST_IMAGES)
    other, other_logits = _outputs(network, train, len(drawn.samples))
    real = RealFeatures(true)
    made, tested, trained = map(class_probabilities, (fake_logits, true_logits, other_logits))
    by_generator: dict[str, Any] = {}
    if drawn.generators is not None:
        by_generator = class_scores(made, drawn.generators, drawn.num_generators)
    return {
        "feature_network": network.name,
        **real.scores(fake),
        **_class_scores(made, trained),
        **_balance(made, tested),
        **by_generator,
        "real": {
            "samples": len(other),
            "test_samples": len(true),
            **real.scores(other),
            **_class_scores(tested, trained),
            **_balance(trained, tested),
        },
    }


def _class_scores(probabilities: np.ndarray, training: np.ndarray) -> dict[str, Any]:
    histogram = class_histogram(probabilities)
    return {
        "classifier_score": classifier_score(probabilities),
        "mode_score": mode_score(probabilities, training),
        "class_histogram": histogram.tolist(),
        "classes_covered": classes_covered(histogram),
    }


def _balance(probabilities: np.ndarray, real: np.ndarray) -> dict[str, float]:
    found = class_balance(class_histogram(probabilities), class_histogram(real))
    return {"balance_chi_square": found.chi_square, "balance_p_value": found.p_value}


def _outputs(network: FeatureNetwork, dataset: Dataset, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns features and logits of at most `most` images, always the same ones."""
    parts = (network.predict(part, dataset.value_range) for part in _parts(dataset, most))
    features, logits = zip(*parts, strict=True)
    return np.concatenate(features), np.concatenate(logits)


def _parts(dataset: Dataset, most: int) -> Iterator[np.ndarray]:
    """Yields at most `most` images as floats, always the same ones, in parts."""
    chosen = np.arange(len(dataset))
    if most < len(dataset):
        # At random: some sets are sorted by class.
        chosen = np.sort(np.random.default_rng(0).choice(len(dataset), most, replace=False))
    for start in range(0, len(chosen), _CHUNK):
        yield dataset.floats(chosen[start : start + _CHUNK])
