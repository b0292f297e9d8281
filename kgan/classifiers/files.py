"""A trained classifier's two files, `<name>.keras` and `<name>.json` with its record; the cache."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kgan.classifiers.features import FeatureNetwork
from kgan.data import Dataset
from kgan.data.attributes import attribute_classes
from kgan.data.storage import cache_folder
from kgan.errors import DataError, InputError, RunError
from kgan.files import alone, check_ours, local_path, replacing, write_json
from kgan.networks.classifiers import stacked_classifier


@dataclasses.dataclass(frozen=True)
class TrainedClassifier:
    """A classifier and where it comes from.

    Attributes:
        model: Keras model from images in [0, 1], or points, to logits, with a layer named
            "features".
        record: what the JSON file holds: dataset, image_shape (of one example), classes,
            class_names (a list, or None where they have none), network, accuracy (0..1, on the test
            split), noise, label_smoothing, seed, epochs, batch_size, steps, seconds, train_source,
            test_source. Files of older versions lack class_names, network, noise, label_smoothing.
    """

    model: keras.Model
    record: dict[str, Any]

    @property
    def accuracy(self) -> float:
        """Share of the test examples, 0..1, that get their own class."""
        return self.record["accuracy"]

    def feature_network(self) -> FeatureNetwork:
        """The same as a feature network, named "<dataset>_classifier-<accuracy in %>-<digest>"."""
        dataset = self.record["dataset"].replace("/", "_")
        return FeatureNetwork.from_classifier(
            self.model, f"{dataset}_classifier-{100 * self.accuracy:.2f}"
        )

    def on_channels(self, dataset: Dataset) -> TrainedClassifier:
        """The classifier of a stacked set's modes, this one being of the set that is stacked.

        See `kgan.networks.classifiers.stacked_classifier`. The accuracy is that of all channels
        together: the channels are independent.
        """
        channels = dataset.example_shape[-1]
        names = dataset.class_names
        changes = {
            "dataset": dataset.name,
            "image_shape": list(dataset.example_shape),
            "classes": dataset.num_classes,
            "class_names": None if names is None else list(names),
            "accuracy": self.accuracy**channels,
        }
        return TrainedClassifier(
            stacked_classifier(self.model, channels), {**self.record, **changes}
        )


def cache_path(
    train: Dataset,
    *,
    network: str = "small",
    attributes: Sequence[str] = (),
    any_attribute: bool = False,
    noise: float | None = None,
    label_smoothing: float = 0.0,
    seed: int = 0,
) -> Path:
    """Where the cache has the classifier of these training examples.

    In `$KGAN_CACHE`, `$XDG_CACHE_HOME/kgan` or `~/.cache/kgan`. The name ends in 8 hexadecimal
    digits of the labels and of 1,000 examples, so that two sets called "npz" are not mistaken, and
    in what is not the default. For the arguments see
    `kgan.classifiers.training.train_classifier`.

    Raises:
        InputError: attributes that the data set has not.
    """
    if attributes:
        train = attribute_classes(train, attributes, any_attribute=any_attribute)
    some = np.linspace(0, len(train) - 1, min(len(train), 1_000)).astype(int)
    digest = hashlib.sha256(np.ascontiguousarray(train.examples[some]).tobytes())
    digest.update(b"" if train.labels is None else np.ascontiguousarray(train.labels).tobytes())
    parts = [train.name.replace("/", "_"), "x".join(map(str, train.example_shape))]
    parts += [digest.hexdigest()[:8]]
    parts += [network] if network != "small" else []
    parts += [f"noise{noise:g}"] if noise is not None else []
    parts += [f"smoothing{label_smoothing:g}"] if label_smoothing else []
    parts += [f"seed{seed}"] if seed else []
    return cache_folder() / "classifiers" / f"{'-'.join(parts)}.keras"


def save_classifier(trained: TrainedClassifier, path: str | os.PathLike[str]) -> None:
    """Writes a classifier and its record; of processes that do so at once the last one's stay.

    Args:
        trained: what to keep.
        path: of the model, ending in .keras; its folder is made.

    Raises:
        InputError: a path that does not end in .keras, or where something else is.
        RunError: it cannot be written there.
    """
    path = writable_path(path)
    try:
        with alone(path.parent):  # Two files that must belong together.
            with replacing(path) as temporary:
                trained.model.save(temporary)
                digest = _digest(temporary)
            write_json(path.with_suffix(".json"), {**trained.record, "sha256": digest})
    except OSError as error:
        raise _unwritable(path, error) from error


def writable_path(path: str | os.PathLike[str]) -> Path:
    """Returns the path when a classifier can be written there; makes its folder.

    Raises:
        InputError: a path that does not end in .keras, or where something else is.
        RunError: it cannot be written there.
    """
    path = local_path(path, "output")
    if path.suffix != ".keras":
        raise InputError(f"A classifier's file name must end in .keras. Received: {path}")
    _check_ours(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _check_ours(path: Path) -> None:
    """Refuse to replace what is no classifier of kgan's; in the cache nothing else is.

    Raises:
        InputError: the model's file or the record's is another.
    """
    record = path.with_suffix(".json")
    if path.is_relative_to(cache_folder()) or not (path.exists() or record.exists()):
        return
    check_ours(record, '"accuracy"', "classifier's record")
    if not record.exists():
        raise InputError(
            f"{path} is there and is no classifier of kgan's, without {record.name}, so it is left "
            "as it is: give another path with `output`."
        )


def load_classifier(path: str | os.PathLike[str]) -> TrainedClassifier:
    """Reads what `save_classifier` wrote.

    Raises:
        DataError: there is none, its files do not belong together, or they are broken.
    """
    path = local_path(path, "classifier")
    if not path.is_file():
        raise DataError(
            f"There is no classifier at {path}: train one with kgan.classifiers.training, or the "
            "command `kgan classifier`."
        )
    try:
        record = json.loads(path.with_suffix(".json").read_text())
        if record.pop("sha256") != _digest(path):
            raise DataError(f"The classifier {path} and its .json file do not belong together.")
        return TrainedClassifier(keras.models.load_model(path, compile=False), record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"The classifier {path} is broken ({error}).") from error


def _unwritable(path: Path, error: OSError) -> RunError:
    return RunError(
        f"The classifier cannot be written to {path} ({error.strerror or error}): choose another "
        "place with `output`, or another cache with KGAN_CACHE."
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
