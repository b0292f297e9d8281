"""Trains the classifier of a data set, whose features and predictions its examples are measured by.

A trained classifier is two files: see `kgan.classifiers.files`. The cache holds one for
each data set and kind of classifier; sets are told apart by name, shape and contents.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from absl import logging
from scipy.spatial.distance import pdist

from kgan.backend import finite
from kgan.classifiers.features import FeatureNetwork
from kgan.classifiers.files import (
    TrainedClassifier,
    cache_path,
    load_classifier,
    save_classifier,
    writable_path,
)
from kgan.classifiers.pretrained import (
    EFFICIENTNET_LITE0,
    INSTALL,
    efficientnet_lite0_features,
    is_installed,
)
from kgan.data import Dataset, StackedImages
from kgan.data.attributes import attribute_classes
from kgan.data.catalog import IMAGE_SETS
from kgan.errors import DataError, InputError, NonFiniteLossError, RunError
from kgan.files import alone
from kgan.networks.classifiers import image_classifier, point_classifier
from kgan.signatures import checked

__all__ = [
    "BATCH_SIZE",
    "NETWORKS",
    "TrainedClassifier",
    "cache_path",
    "cached_classifier",
    "labelled_split",
    "load_classifier",
    "load_feature_network",
    "save_classifier",
    "train_classifier",
    "unlabelled_network",
    "writable_path",
]

NETWORKS = ("small", "inception_v4")
BATCH_SIZE = 128
_STEPS = 1_875  # 4 epochs of 60,000 images.
_POINT_STEPS = 1_000  # On points; then their predictions are within 2% of the true posterior.
_MOST_EPOCHS = 40
_LEARNING_RATE = 3e-3
_POINT_LEARNING_RATE = 1e-2
_WARM_UP = 0.1  # Share of the steps.
_POOR = 0.8  # Test accuracies below this are worth a warning.
_TEST_BATCH = 500
_INCEPTION_SIDE = 75  # Smaller images are enlarged to the least that Inception-V4 takes.


def labelled_split(name: str) -> str:
    """Returns the split of a data set whose training images have labels: "train" but for STL-10."""
    known = IMAGE_SETS.get(name)
    return "labelled" if known is not None and "labelled" in known.splits else "train"


@checked
def train_classifier(
    train: Dataset,
    test: Dataset,
    *,
    network: str = "small",
    attributes: Sequence[str] = (),
    any_attribute: bool = False,
    noise: float | None = None,
    label_smoothing: float = 0.0,
    epochs: int | None = None,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
) -> TrainedClassifier:
    """Trains a network of `kgan.networks` on a data set's labels.

    Adam with a warm-up to 3e-3 (0.01 for points) and a cosine decay to 0. The same seed gives the
    same weights on the same machine. Test accuracies under 80%, or no better than always saying the
    commonest class, are warned of: scores by such a network mean little.

    Noise and smoothed labels make a classifier that is less certain, whose predictions so have the
    gradients that MIM-GAN needs. On points of a Gaussian mixture, the best classifier under noise
    is the posterior of the same mixture with its modes widened by the noise.

    Args:
        train: labelled images or points, one class each; or attributes, of which some are chosen.
        test: the same of its test split.
        network: `"small"`: `kgan.networks.classifiers`' for images or for points. `"inception_v4"`:
            MIM-GAN's, for images.
        attributes: what the classes are made of: see `kgan.data.attributes.attribute_classes`.
        any_attribute: whether there are two classes, with any of them and with none, and not one
            for each combination.
        noise: standard deviation of Gaussian noise on the training examples, images being in
            [0, 1]; None for 0 for images and, for points, a third of the least distance between the
            means of two classes.
        label_smoothing: share of a training label, in [0, 1), that is given to all classes evenly.
        epochs: passes over the training examples; None for about 1,875 steps (1,000 for points), at
            least one pass and at most 40.
        batch_size: examples a step; fewer where the data has fewer.
        seed: of the initial weights, the noise and the batches, >= 0.

    Raises:
        InputError: no labels, fewer than 2 classes, an unknown attribute or network, a network that
            does not take such examples, or a number out of its range.
        NonFiniteLossError: the loss became NaN or infinite.
    """
    if attributes:
        train, test = (
            attribute_classes(part, attributes, any_attribute=any_attribute)
            for part in (train, test)
        )
    classes = _classes(train, test)
    if noise is None:
        noise = 0.0 if train.is_images else _least_distance(train) / 3
    _check(network, noise, label_smoothing, seed)
    plan = _Plan(network, noise, label_smoothing, seed, *_length(train, batch_size, epochs))
    return _trained(_network(network, train, classes, seed), train, test, plan)


class _Plan(NamedTuple):
    """How a classifier is trained, as its record has it."""

    network: str
    noise: float
    label_smoothing: float
    seed: int
    epochs: int
    batch_size: int
    steps: int


def _length(train: Dataset, batch_size: int, epochs: int | None) -> tuple[int, int, int]:
    """Epochs, batch size and steps."""
    batch_size = min(_positive("batch_size", batch_size), len(train))
    if epochs is None:
        wanted = _STEPS if train.is_images else _POINT_STEPS
        epochs = min(max(round(wanted * batch_size / len(train)), 1), _MOST_EPOCHS)
    return epochs, batch_size, math.ceil(_positive("epochs", epochs) * len(train) / batch_size)


def _trained(model: keras.Model, train: Dataset, test: Dataset, plan: _Plan) -> TrainedClassifier:
    classes = model.output_shape[-1]
    logging.info(
        "Training the classifier of '%s': %s %s of %d classes, %d steps.",
        train.name, f"{len(train):,}", _kind(train), classes, plan.steps,
    )  # fmt: skip
    began = time.monotonic()
    _fit(model, train.with_value_range((0, 1)), plan)
    record = {
        "dataset": train.name,
        "image_shape": list(train.example_shape),
        "classes": classes,
        "class_names": None if train.class_names is None else list(train.class_names),
        "accuracy": _accuracy(model, test.with_value_range((0, 1))),
        **plan._asdict(),
        "seconds": round(time.monotonic() - began, 1),
        "train_source": train.source,
        "test_source": test.source,
    }
    # Without the optimizer, which would go into every file that the classifier is part of.
    trained = TrainedClassifier(keras.Model(model.input, model.output, name=model.name), record)
    logging.info("Test accuracy %.2f%%, %.0f s.", 100 * trained.accuracy, record["seconds"])
    _warn_if_poor(trained, test)
    return trained


def cached_classifier(train: Dataset, test: Dataset, **kind: Any) -> TrainedClassifier:
    """The classifier in the cache, or else a new one, which is kept there.

    A broken file in the cache, and a cache that cannot be written, are only warned of. The
    classifier of stacked images is that of the set whose examples are stacked, applied to each
    channel, and only that one is kept: see `kgan.networks.classifiers.stacked_classifier`.

    Args:
        train: labelled images or points, as `train_classifier` takes them.
        test: the same of its test split.
        **kind: network, attributes, any_attribute, noise, label_smoothing and seed of
            `train_classifier`.

    Raises:
        InputError: see `train_classifier`.
    """
    if isinstance(train.examples, StackedImages) and isinstance(test.examples, StackedImages):
        single = cached_classifier(train.examples.base, test.examples.base, **kind)
        return single.on_channels(train)
    path = cache_path(train, **kind)
    with _alone(path):  # Runs side by side are to be measured by the same one, trained once.
        if path.exists():
            try:
                return load_classifier(path)
            except DataError as error:
                logging.warning("%s It is trained again.", error)
        trained = train_classifier(train, test, **kind)
        try:
            save_classifier(trained, path)
        except RunError as error:
            logging.warning("%s The classifier is not kept.", error)
    return trained


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process holds the file's lock; a cache that takes no lock has none."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(alone(path))
        yield


def load_feature_network(path: str | os.PathLike[str], dataset: Dataset) -> FeatureNetwork:
    """The feature network of a classifier's file, for the images of a data set.

    Stacked images are measured channel by channel, where the classifier is one of single channels.

    Args:
        path: of the file; or "efficientnet_lite0", see `kgan.classifiers.pretrained`.
        dataset: whose images it is to take.

    Raises:
        InputError: "efficientnet_lite0" is not installed, or does not take such images.
        DataError: see `load_classifier`.
    """
    if path == EFFICIENTNET_LITE0:
        return efficientnet_lite0_features(dataset.example_shape)
    trained = load_classifier(path)
    stacked = isinstance(dataset.examples, StackedImages)
    if stacked and trained.model.input_shape[-1] == 1:
        trained = trained.on_channels(dataset)
    return trained.feature_network()


def unlabelled_network(dataset: Dataset, otherwise: str = "") -> FeatureNetwork:
    """The feature network of images that have no classes: EfficientNet-Lite0.

    Args:
        dataset: the images.
        otherwise: what else the error says can be done, such as ", or `evaluate=False`".

    Raises:
        InputError: it is not installed, or does not take such images.
    """
    if not is_installed():
        raise InputError(
            f"Images are measured in the features of a network, and '{dataset.name}' has no "
            f"classes to train one on: install one that needs none ({INSTALL}), or give one with "
            f"`feature_network`{otherwise}."
        )
    return efficientnet_lite0_features(dataset.example_shape)


def _network(network: str, train: Dataset, classes: int, seed: int) -> keras.Model:
    shape = train.example_shape
    if network == "inception_v4":
        if not train.is_images:
            raise InputError(f"inception_v4 classifies images. Received: the points '{train.name}'")
        from kgan.networks.inception import inception_v4

        small = min(shape[:2]) < _INCEPTION_SIDE
        return inception_v4(shape, classes, resize=_INCEPTION_SIDE if small else None, seed=seed)
    if train.is_images:
        return image_classifier(shape, classes, seed=seed)
    points = train.examples[:]
    return point_classifier(
        shape[0],
        classes,
        center=points.mean(axis=0, dtype=np.float64),
        scale=float(points.std(axis=0, dtype=np.float64).max()) or 1.0,
        seed=seed,
    )


def _fit(model: keras.Model, train: Dataset, plan: _Plan) -> None:
    warm_up = int(_WARM_UP * plan.steps)
    top = _LEARNING_RATE if train.is_images else _POINT_LEARNING_RATE
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, plan.steps - warm_up, warmup_target=top, warmup_steps=warm_up
    )
    batches = train.batches(plan.batch_size, seed=plan.seed, labels=True)
    if plan.noise:
        batches = batches.enumerate().map(_noisy(plan.noise, plan.seed))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if plan.label_smoothing:
        classes = model.output_shape[-1]
        batches = batches.map(lambda examples, labels: (examples, tf.one_hot(labels, classes)))
        loss = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=plan.label_smoothing
        )
    model.compile(keras.optimizers.Adam(rate), loss)
    history = model.fit(batches, steps_per_epoch=plan.steps, shuffle=False, verbose=0)
    final = history.history["loss"][-1]
    if not np.isfinite(final):
        raise NonFiniteLossError(f"The classifier did not learn: its loss was {final} in the end.")
    finite.require_finite(model, "a classifier")


def _noisy(noise: float, seed: int) -> Any:
    """Adds noise that is a function of the seed and the batch's number."""

    def add(number: tf.Tensor, batch: tuple[tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        examples, labels = batch
        normal = tf.random.stateless_normal(tf.shape(examples), tf.stack([seed, number]))
        return examples + noise * normal, labels

    return add


def _accuracy(model: keras.Model, test: Dataset) -> float:
    right, labels = 0, np.asarray(test.labels)
    for start in range(0, len(test), _TEST_BATCH):
        some = slice(start, start + _TEST_BATCH)
        logits = np.asarray(model.predict_on_batch(test.floats(some)))
        right += int((logits.argmax(axis=1) == labels[some]).sum())
    return right / len(test)


def _warn_if_poor(trained: TrainedClassifier, test: Dataset) -> None:
    commonest = np.bincount(np.asarray(test.labels)).max() / len(test)
    if trained.accuracy < _POOR or trained.accuracy <= commonest:
        logging.warning(
            "The classifier of '%s' is right in %.1f%% of the test %s only, and %.1f%% have the "
            "commonest class: scores by it tell little.",
            test.name, 100 * trained.accuracy, _kind(test), 100 * commonest,
        )  # fmt: skip


def _least_distance(points: Dataset) -> float:
    """Distance of the two classes whose means are nearest; 0 where only one has points."""
    labels = np.asarray(points.labels)
    means = [points.examples[labels == label].mean(axis=0) for label in np.unique(labels)]
    return float(min(pdist(means), default=0.0))


def _kind(dataset: Dataset) -> str:
    return "images" if dataset.is_images else "points"


def _classes(train: Dataset, test: Dataset) -> int:
    """Returns the number of classes; raises InputError where there is nothing to classify."""
    if isinstance(train.examples, StackedImages):
        base = train.examples.base.name
        raise InputError(
            f"The classifier of '{train.name}' is that of '{base}' on each channel: train that "
            f"one, with `dataset={base}`, or none, as it is trained where it is needed."
        )
    if train.example_shape != test.example_shape:
        raise InputError(
            "Training and test examples must have one shape. "
            f"Received: {train.example_shape} and {test.example_shape}"
        )
    for dataset in (train, test):
        if dataset.labels is None or dataset.labels.ndim != 1:
            what = "no labels: name a feature network that you have"
            if dataset.labels is not None:
                what = "many labels: choose attributes, whose combinations are classes"
            raise InputError(
                f"A classifier needs examples with one class each, but '{dataset.name}' "
                f"({dataset.split}) has {what}."
            )
    return max(train.num_classes or 0, test.num_classes or 0)


def _check(network: str, noise: float, label_smoothing: float, seed: int) -> None:
    if network not in NETWORKS:
        raise InputError(f"network must be one of {NETWORKS}. Received: {network!r}")
    if not 0 <= noise < math.inf:
        raise InputError(f"noise must be at least 0 and finite. Received: {noise}")
    if not 0 <= label_smoothing < 1:
        raise InputError(f"label_smoothing must lie in [0, 1). Received: {label_smoothing}")
    if seed < 0:
        raise InputError(f"seed must be at least 0. Received: {seed}")


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise InputError(f"{name} must be at least 1. Received: {value}")
    return value
