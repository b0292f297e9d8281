"""Trains the classifier of a data set, whose features and predictions its images are measured by.

A trained classifier is two files: `<name>.keras`, and `<name>.json` with its record. The cache
holds one for each data set, told apart by name, image shape and contents.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from absl import logging

from kgan.data import Dataset
from kgan.data.catalog import IMAGE_SETS
from kgan.errors import DataError, InputError, NonFiniteLossError, RunError
from kgan.files import replacing
from kgan.metrics.features import FeatureNetwork
from kgan.networks.classifiers import image_classifier

BATCH_SIZE = 128
_STEPS = 1_875  # 4 epochs of 60,000 images.
_MOST_EPOCHS = 40
_LEARNING_RATE = 3e-3
_WARM_UP = 0.1  # Share of the steps.
_POOR = 0.8  # Test accuracies below this are worth a warning.
_TEST_BATCH = 500


@dataclasses.dataclass(frozen=True)
class TrainedClassifier:
    """A classifier and where it comes from.

    Attributes:
        model: Keras model from images in [0, 1] to logits, with a layer named "features".
        record: what the JSON file holds: dataset, image_shape, classes, accuracy (0..1, on the
            test split), seed, epochs, batch_size, steps, seconds, train_source, test_source.
    """

    model: keras.Model
    record: dict[str, Any]

    @property
    def accuracy(self) -> float:
        """Share of the test images, 0..1, that get their own class."""
        return self.record["accuracy"]

    def feature_network(self) -> FeatureNetwork:
        """The same as a feature network, named "<dataset>_classifier-<accuracy in %>-<digest>"."""
        dataset = self.record["dataset"].replace("/", "_")
        return FeatureNetwork.from_classifier(
            self.model, f"{dataset}_classifier-{100 * self.accuracy:.2f}"
        )


def labelled_split(name: str) -> str:
    """Returns the split of a data set whose training images have labels: "train" but for STL-10."""
    known = IMAGE_SETS.get(name)
    return "labelled" if known is not None and "labelled" in known.splits else "train"


def train_classifier(
    train: Dataset,
    test: Dataset,
    *,
    epochs: int | None = None,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
) -> TrainedClassifier:
    """Trains `kgan.networks.classifiers.image_classifier` on a data set's labels.

    Adam with a warm-up to 3e-3 and a cosine decay to 0. The same seed gives the same weights on the
    same machine. Test accuracies under 80% are warned of: scores by such a network mean little.

    Args:
        train: labelled images, one class each.
        test: the same of its test split.
        epochs: passes over the training images; None for about 1,875 steps, at least one pass
            and at most 40.
        batch_size: images a step; fewer where the data has fewer.
        seed: of the initial weights and the batches, >= 0.

    Raises:
        InputError: no labels, points, fewer than 2 classes, epochs or batch_size below 1, seed
            below 0.
        NonFiniteLossError: the loss became NaN or infinite.
    """
    classes = _classes(train, test)
    if seed < 0:
        raise InputError(f"seed must be at least 0. Received: {seed}")
    batch_size = min(_positive("batch_size", batch_size), len(train))
    if epochs is None:
        epochs = min(max(round(_STEPS * batch_size / len(train)), 1), _MOST_EPOCHS)
    steps = math.ceil(_positive("epochs", epochs) * len(train) / batch_size)
    model = image_classifier(train.example_shape, classes, seed=seed)
    logging.info(
        "Training the classifier of '%s': %s images of %d classes, %d steps.",
        train.name, f"{len(train):,}", classes, steps,
    )  # fmt: skip
    began = time.monotonic()
    _fit(model, train.with_value_range((0, 1)), steps, batch_size, seed)
    record = {
        "dataset": train.name,
        "image_shape": list(train.example_shape),
        "classes": classes,
        "accuracy": _accuracy(model, test.with_value_range((0, 1))),
        "seed": seed,
        "epochs": epochs,
        "batch_size": batch_size,
        "steps": steps,
        "seconds": round(time.monotonic() - began, 1),
        "train_source": train.source,
        "test_source": test.source,
    }
    trained = TrainedClassifier(model, record)
    logging.info("Test accuracy %.2f%%, %.0f s.", 100 * trained.accuracy, record["seconds"])
    if trained.accuracy < _POOR:
        logging.warning(
            "The classifier of '%s' is right in %.1f%% of the test images only: scores by it tell "
            "little.",
            train.name, 100 * trained.accuracy,
        )  # fmt: skip
    return trained


def cached_classifier(train: Dataset, test: Dataset) -> TrainedClassifier:
    """The classifier in the cache, or else a new one by the default settings, which is kept there.

    A broken file in the cache, and a cache that cannot be written, are only warned of.

    Args:
        train: labelled images, one class each.
        test: the same of its test split.

    Raises:
        InputError: no labels, points, fewer than 2 classes.
    """
    path = cache_path(train)
    if path.exists():
        try:
            return load_classifier(path)
        except DataError as error:
            logging.warning("%s It is trained again.", error)
    trained = train_classifier(train, test)
    try:
        save_classifier(trained, path)
    except RunError as error:
        logging.warning("%s The classifier is not kept.", error)
    return trained


def cache_path(train: Dataset) -> Path:
    """Where the cache has the classifier of these training images.

    In `$KGAN_CACHE`, `$XDG_CACHE_HOME/kgan` or `~/.cache/kgan`. The name ends in 8 hexadecimal
    digits of the labels and of 1,000 images, so that two sets called "npz" are not mistaken.
    """
    root = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "kgan")
    root = Path(os.environ.get("KGAN_CACHE") or root)
    some = np.linspace(0, len(train) - 1, min(len(train), 1_000)).astype(int)
    digest = hashlib.sha256(np.ascontiguousarray(train.examples[some]).tobytes())
    digest.update(b"" if train.labels is None else np.ascontiguousarray(train.labels).tobytes())
    shape = "x".join(map(str, train.example_shape))
    name = f"{train.name.replace('/', '_')}-{shape}-{digest.hexdigest()[:8]}.keras"
    return root.expanduser() / "classifiers" / name


def save_classifier(trained: TrainedClassifier, path: str | os.PathLike[str]) -> None:
    """Writes a classifier and its record, each at once or not at all.

    Args:
        trained: what to keep.
        path: of the model, ending in .keras; its folder is made.

    Raises:
        InputError: a path that does not end in .keras.
        RunError: it cannot be written there.
    """
    path = writable_path(path)
    try:
        with replacing(path) as temporary:
            trained.model.save(temporary)
            record = {**trained.record, "sha256": _digest(temporary)}
        with replacing(path.with_suffix(".json")) as temporary:
            temporary.write_text(json.dumps(record, indent=2) + "\n")
    except OSError as error:
        raise _unwritable(path, error) from error


def writable_path(path: str | os.PathLike[str]) -> Path:
    """Returns the path when a classifier can be written there; makes its folder.

    Raises:
        InputError: a path that does not end in .keras.
        RunError: it cannot be written there.
    """
    path = Path(path).expanduser()
    if path.suffix != ".keras":
        raise InputError(f"A classifier's file name must end in .keras. Received: {path}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path.with_suffix(".probe")) as temporary:
            temporary.touch()
    except OSError as error:
        raise _unwritable(path, error) from error
    path.with_suffix(".probe").unlink(missing_ok=True)
    return path


def load_classifier(path: str | os.PathLike[str]) -> TrainedClassifier:
    """Reads what `save_classifier` wrote.

    Raises:
        DataError: there is none, its files do not belong together, or they are broken.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise DataError(f"There is no classifier at {path}: train one with apps.classifier.")
    try:
        record = json.loads(path.with_suffix(".json").read_text())
        if record.pop("sha256") != _digest(path):
            raise DataError(f"The classifier {path} and its .json file do not belong together.")
        return TrainedClassifier(keras.models.load_model(path, compile=False), record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"The classifier {path} is broken ({error}).") from error


def _fit(model: keras.Model, train: Dataset, steps: int, batch_size: int, seed: int) -> None:
    warm_up = int(_WARM_UP * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm_up, warmup_target=_LEARNING_RATE, warmup_steps=warm_up
    )
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    batches = train.batches(batch_size, seed=seed, labels=True)
    history = model.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
    loss = history.history["loss"][-1]
    if not np.isfinite(loss):
        raise NonFiniteLossError(f"The classifier's loss became {loss} within {steps} steps.")


def _accuracy(model: keras.Model, test: Dataset) -> float:
    right, labels = 0, np.asarray(test.labels)
    for start in range(0, len(test), _TEST_BATCH):
        some = slice(start, start + _TEST_BATCH)
        logits = np.asarray(model.predict_on_batch(test.floats(some)))
        right += int((logits.argmax(axis=1) == labels[some]).sum())
    return right / len(test)


def _classes(train: Dataset, test: Dataset) -> int:
    """Returns the number of classes; raises InputError where there is nothing to classify."""
    for dataset in (train, test):
        if not dataset.is_images or dataset.labels is None or dataset.labels.ndim != 1:
            raise InputError(
                f"A classifier needs images with one class each, but '{dataset.name}' "
                f"({dataset.split}) has none: name a feature network that you have."
            )
    return max(train.num_classes or 0, test.num_classes or 0)


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise InputError(f"{name} must be at least 1. Received: {value}")
    return value


def _unwritable(path: Path, error: OSError) -> RunError:
    return RunError(
        f"The classifier cannot be written to {path} ({error.strerror or error}): choose another "
        "place with --output, or another cache with KGAN_CACHE."
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
