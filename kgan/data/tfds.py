"""Image sets of TensorFlow Datasets: prepared on this machine, or downloaded.

TFDS is imported only where it is needed, since that takes a second, and never asked to download
before its server was reached: without a network it hangs for more than three minutes.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from kgan.data import storage
from kgan.data.catalog import ImageSet
from kgan.data.dataset import Dataset
from kgan.data.resize import crop_and_resize
from kgan.errors import DataError, InputError
from kgan.files import local_path

if TYPE_CHECKING:
    import tensorflow_datasets

DOWNLOAD_HOST = ("storage.googleapis.com", 443)
NAME = re.compile(r"(?P<base>[a-z0-9_]+)(/(?P<config>[\w.+-]+))?(:(?P<version>\d+\.\d+\.\d+))?")
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
READ_BATCH = 256


def data_root() -> Path:
    """Returns the folder in which TFDS keeps what it prepared."""
    return local_path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets", "TFDS_DATA_DIR")


def prepared_directory(name: str, root: Path) -> Path | None:
    """Returns the newest prepared version of a TFDS set under a root, or None.

    Args:
        name: `set`, `set/config`, either with `:version`.
        root: a TFDS data directory.
    """
    match = NAME.fullmatch(name)
    if match is None:
        return None
    folder = root / match["base"] / (match["config"] or "")
    versions = [
        (tuple(map(int, numbers.groups())), path)
        for path in (folder.iterdir() if folder.is_dir() else ())
        if (numbers := VERSION.fullmatch(path.name)) and (path / "dataset_info.json").is_file()
    ]
    wanted = [path for _, path in sorted(versions) if match["version"] in (None, path.name)]
    return wanted[-1] if wanted else None


def can_download(timeout: float = 2.5) -> bool:
    """Returns whether TFDS's server (or the proxy before it) answers, within `timeout` seconds."""
    host, port = DOWNLOAD_HOST
    if proxy := urllib.request.getproxies().get("https"):
        parts = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
        host, port = parts.hostname or host, parts.port or 8080
    answered = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout).close()
        except OSError:
            return
        answered.set()

    # In a thread of its own, since looking up a name obeys no timeout.
    probe = threading.Thread(target=connect, daemon=True)
    probe.start()
    probe.join(timeout)
    return answered.is_set()


def known_names() -> list[str]:
    """Returns the names of all sets that TFDS has code for; needs no network."""
    return _tfds().list_builders(with_community_datasets=False)


def open_prepared(directory: Path) -> tensorflow_datasets.core.DatasetBuilder:
    """Returns the builder of a prepared directory, whether or not TFDS has code for it."""
    try:
        return _tfds().builder_from_directory(directory)
    except Exception as error:  # TFDS lets through whatever parsing its files raises.
        raise DataError(
            f"TFDS cannot open {directory} ({error}): delete it and prepare the set again."
        ) from error


def download(name: str, root: Path) -> tensorflow_datasets.core.DatasetBuilder:
    """Downloads and prepares a set under a root, and returns its builder."""
    try:
        builder = _tfds().builder(name, data_dir=root)
        builder.download_and_prepare()
    except Exception as error:  # Every set of TFDS downloads with code, and errors, of its own.
        raise DataError(
            f"TFDS could not download and prepare '{name}' into {root} "
            f"({type(error).__name__}: {error}); try again, or give the data with data_dir."
        ) from error
    return builder


def read(
    builder: tensorflow_datasets.core.DatasetBuilder,
    name: str,
    split: str,
    *,
    image_set: ImageSet,
    image_size: int | None = None,
) -> Dataset:
    """Reads a split of a prepared set once, as uint8, into memory or kgan's image cache.

    The split `test` of a set that has none is its `validation`, or else the last tenth of `train`.

    Args:
        builder: of the prepared set.
        name: what the user calls it.
        split: a TFDS split, such as "train" or "train[:50%]+test".
        image_set: what is to be done with its images.
        image_size: side of the square images, instead of the image set's own.

    Raises:
        InputError: no such split, no images, or images of many sizes without an image_size.
        DataError: the prepared files are broken.
    """
    features = builder.info.features
    size = image_size or image_set.size
    shape = _shape(name, features, size)
    expression = _split(builder, split, image_set)
    examples = _examples(builder, name, expression, image_set, size)
    images, labels = storage.store(
        _batches(examples, builder),
        count=int(examples.cardinality()),
        shape=shape,
        key=f"{builder.info.full_name} {expression} {shape} {image_set.crop} {builder.data_path}",
    )
    # TFDS gives unlabelled examples the label -1.
    if labels is not None and (labels < 0).any():
        labels = None
    return Dataset(
        name=name, split=split, examples=images, labels=labels,
        class_names=_class_names(features, image_set) if labels is not None else None,
        source=f"TFDS {builder.info.full_name} ({expression}) in {builder.data_path}",
    )  # fmt: skip


def _shape(
    name: str, features: tensorflow_datasets.features.FeaturesDict, size: int | None
) -> tuple[int, int, int]:
    image = features["image"] if "image" in features else None  # noqa: SIM401  # Has no get().
    if image is None or image.np_dtype != np.uint8 or len(image.shape) != 3:
        raise InputError(
            f"'{name}' is no set of 8-bit images in TFDS: it has the features "
            f"{', '.join(features)}; choose an image set."
        )
    height, width, channels = image.shape
    if size is None and None in (height, width):
        raise InputError(
            f"The images of '{name}' have many sizes: give the size to bring them to with "
            "image_size."
        )
    return (size or height, size or width, channels or 3)


def _split(
    builder: tensorflow_datasets.core.DatasetBuilder, split: str, image_set: ImageSet
) -> str:
    present = builder.info.splits
    if split == "test" and "test" not in present:
        return "validation" if "validation" in present else "train[90%:]"
    if split == "train" and not {"test", "validation"} & set(present):
        return "train[:90%]"
    return image_set.splits.get(split, split)


def _examples(
    builder: tensorflow_datasets.core.DatasetBuilder,
    name: str,
    expression: str,
    image_set: ImageSet,
    size: int | None,
) -> tf.data.Dataset:
    """Returns the stored examples in order, as dicts of "image" and, where known, "label"."""
    try:
        stored = builder.as_dataset(split=expression, shuffle_files=False)
    except ValueError as error:
        raise InputError(
            f"'{name}' has no split {expression!r}: choose among {', '.join(builder.info.splits)}."
        ) from error
    label_key = image_set.label_key

    def keep(example: dict) -> dict[str, tf.Tensor]:
        image = example["image"]
        if size is not None and image.shape[:2] != (size, size):
            image = crop_and_resize(image, size, crop=image_set.crop, antialias=image_set.antialias)
        kept = {"image": image}
        label = example.get(label_key)
        if isinstance(label, dict):  # Attributes, in the order of their names.
            label = tf.stack([tf.cast(label[key], tf.int64) for key in sorted(label)])
        if label is not None and label.dtype.is_integer:
            kept["label"] = label
        return kept

    return stored.map(keep, num_parallel_calls=tf.data.AUTOTUNE)


def _batches(
    examples: tf.data.Dataset, builder: tensorflow_datasets.core.DatasetBuilder
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    try:
        for batch in examples.batch(READ_BATCH).prefetch(2).as_numpy_iterator():
            yield batch["image"], batch.get("label")
    except tf.errors.OpError as error:
        raise DataError(
            f"The files that TFDS prepared in {builder.data_path} are broken ({error.message}): "
            "delete that folder and prepare the set again."
        ) from error


def _class_names(
    features: tensorflow_datasets.features.FeaturesDict, image_set: ImageSet
) -> tuple[str, ...] | None:
    label = features[image_set.label_key]
    if isinstance(label, _tfds().features.FeaturesDict):
        return tuple(sorted(label))
    return tuple(label.names) if isinstance(label, _tfds().features.ClassLabel) else None


def _tfds() -> ModuleType:
    try:
        import tensorflow_datasets
    except ImportError as error:
        raise DataError(
            f"tensorflow_datasets cannot be imported ({error}): install it with "
            "'pip install tensorflow-datasets importlib_resources', or give the data with data_dir."
        ) from error
    return tensorflow_datasets
