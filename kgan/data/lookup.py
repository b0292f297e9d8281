"""`kgan.data.load`: from a data set's name to the data."""

from __future__ import annotations

import dataclasses
import difflib
import os
from pathlib import Path
from typing import Any

from absl import logging

from kgan.data import catalog, tfds
from kgan.data.catalog import IMAGE_SETS, MIXTURE_SEEDS, MIXTURES, POINTS, STACKED, ImageSet
from kgan.data.dataset import Dataset
from kgan.data.folder import load_folder
from kgan.data.idx import find_idx, load_idx
from kgan.data.npz import load_npz
from kgan.data.resize import resize_all
from kgan.data.splits import SPLITS, check_split
from kgan.data.stacked import stack
from kgan.errors import DataError, InputError
from kgan.files import local_path
from kgan.signatures import checked

# Sets that an operating system's package installs: here Debian's dataset-fashion-mnist.
SYSTEM_COPIES = {"fashion_mnist": Path("/usr/share/datasets/fashion-mnist")}


def names() -> tuple[str, ...]:
    """Returns the names that kgan itself knows; any TFDS image set's name is one, too."""
    return (*MIXTURES, *IMAGE_SETS, *STACKED, "npz", "folder")


@checked
def load(
    name: str,
    *,
    split: str = "train",
    data_dir: str | Path | None = None,
    image_size: int | None = None,
    value_range: tuple[float, float] = (0.0, 1.0),
    strict: bool = False,
    **parameters: Any,
) -> Dataset:
    """Loads the data set of this name, and never another one.

    Args:
        name: one of `names()` or a TFDS image set, e.g. "oxford_flowers102" or "emnist/letters".
        split: "train" or "test"; for TFDS sets any split that TFDS knows, and for stl10 "labelled"
            (its 5,000 labelled training images; "train" has all 105,000, without labels).
        data_dir: where to look, and nowhere else: an .npz file, a folder of IDX files, or TFDS's
            data directory (into which a set is downloaded if it is not there). The file of "npz",
            the folder of "folder". By default TFDS's own directory is looked up, then the system's
            copy, then what keras.datasets has kept of mnist and fashion_mnist, then TFDS downloads.
        image_size: side of square images: the largest centre square, resized bilinearly. Images
            keep their size by default (CelebA: 64, as in Lucic et al., 2018).
        value_range: what 0 and 255 become for the networks, (0, 1) or (-1, 1).
        strict: of "folder": whether a broken image file is an error; else it is left out, and the
            log names it.
        **parameters: of "ring", "grid" and "mixture": see `kgan.data.synthetic`; of
            "embedded_grid": see `kgan.data.embedding`; and `points`, the number drawn, 100,000 by
            default.

    Raises:
        InputError: an unknown name, split or parameter, or one that the set does not take; a
            data_dir with a scheme, such as gs://.
        DataError: the data is missing, broken, or cannot be downloaded.
    """
    _check_size(image_size)
    if name in MIXTURES:
        if data_dir is not None or image_size is not None:
            raise InputError(
                f"'{name}' is drawn, not read, and takes no data_dir or image_size, received "
                f"{data_dir=}, {image_size=}."
            )
        dataset = _drawn(name, split, **parameters)
    elif parameters:
        raise InputError(f"'{name}' takes no parameters, received {', '.join(parameters)}.")
    else:
        folder = None if data_dir is None else local_path(data_dir, "data_dir")
        dataset = _images(name, split, folder, image_size, strict)
    logging.info("%s (%s): %s examples from %s", name, split, f"{len(dataset):,}", dataset.source)
    return dataset.with_value_range(value_range)


def _check_size(image_size: int | None) -> None:
    if image_size is not None and image_size < 1:
        raise InputError(f"`image_size` must be positive. Received: {image_size}")


def _drawn(name: str, split: str, *, points: int = POINTS, **parameters: Any) -> Dataset:
    check_split(split)
    if points < 1:
        raise InputError(f"points must be positive, received {points}.")
    mixture = catalog.mixture(name, parameters)
    examples, labels = mixture.sample(points, MIXTURE_SEEDS[split])
    return Dataset(
        name=name, split=split, examples=examples, labels=labels, mixture=mixture,
        source=f"a mixture of {len(mixture)} Gaussians",
    )  # fmt: skip


def _images(
    name: str, split: str, data_dir: Path | None, image_size: int | None, strict: bool
) -> Dataset:
    if name in ("npz", "folder"):
        if data_dir is None:
            what = "an .npz file" if name == "npz" else "a folder of image files"
            raise InputError(f"'{name}' needs data_dir, {what}, received none.")
        if name == "folder":
            return load_folder(name, data_dir, split, image_size=image_size, strict=strict)
        return _fitted(load_npz(name, data_dir, split), image_size)
    if name in STACKED:
        check_split(split)
        return stack(_images(STACKED[name], split, data_dir, image_size, strict), name)
    if data_dir is None:
        return _looked_up(name, split, image_size)
    return _given(name, split, data_dir, image_size)


def _given(name: str, split: str, data_dir: Path, image_size: int | None) -> Dataset:
    """Reads a named set from the place that the user gave."""
    if not data_dir.exists():
        raise DataError(f"There is no data_dir {data_dir} to take '{name}' from: check the path.")
    if data_dir.is_file():
        return _fitted(_identified(_named_npz(name, data_dir, split)), image_size)
    if any(find_idx(data_dir, part) for part in SPLITS):
        return _fitted(_identified(load_idx(name, data_dir, split)), image_size)
    return _from_tfds(name, split, data_dir, image_size, None)


def _looked_up(name: str, split: str, image_size: int | None) -> Dataset:
    """Reads a named set from TFDS's directory, the system's or Keras' copy, or TFDS's download."""
    root, system = tfds.data_root(), SYSTEM_COPIES.get(name)
    if system and not tfds.prepared_directory(name, root) and find_idx(system, "train"):
        return _fitted(_identified(load_idx(name, system, split)), image_size)
    kept = keras_datasets()
    if tfds.prepared_directory(name, root) is None:
        if name == "mnist" and (kept / "mnist.npz").is_file():
            return _fitted(_identified(_named_npz(name, kept / "mnist.npz", split)), image_size)
        if name == "fashion_mnist" and find_idx(kept / "fashion-mnist", "train"):
            found = load_idx(name, kept / "fashion-mnist", split)
            return _fitted(_identified(found), image_size)
    return _from_tfds(name, split, root, image_size, system)


def keras_datasets() -> Path:
    """Returns the folder in which `keras.datasets` keeps what it downloaded."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"


def _named_npz(name: str, path: Path, split: str) -> Dataset:
    """Reads a named set, whose labels are the known classes' numbers."""
    known = IMAGE_SETS.get(name, ImageSet()).class_names
    return load_npz(name, path, split, renumber=known is None)


def _from_tfds(
    name: str, split: str, root: Path, image_size: int | None, system: Path | None
) -> Dataset:
    """Reads a set from a TFDS directory, after a download if need be.

    `system` is the place that was looked up in vain, for the error message.
    """
    image_set = IMAGE_SETS.get(name, ImageSet())
    directory = tfds.prepared_directory(name, root)
    if directory is not None:
        builder = tfds.open_prepared(directory)
    else:
        check_known(name)
        if not tfds.can_download():
            raise DataError(_nowhere(name, root, system))
        logging.info("Downloading '%s' with TFDS into %s.", name, root)
        builder = tfds.download(name, root)
    return tfds.read(builder, name, split, image_set=image_set, image_size=image_size)


def check_known(name: str) -> None:
    """Raises InputError for a name of an image set that neither kgan nor TFDS knows."""
    if name in IMAGE_SETS:
        return
    everywhere = tfds.known_names()
    match = tfds.NAME.fullmatch(name)
    if match and match["base"] in everywhere:
        return
    close = difflib.get_close_matches(name, {*names(), *everywhere}, n=3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise InputError(
        f"There is no data set '{name}'.{hint} Known are {', '.join(names())}, and the image sets "
        "of TFDS (https://www.tensorflow.org/datasets/catalog)."
    )


def _nowhere(name: str, root: Path, system: Path | None) -> str:
    looked = [f"TFDS's directory {root}"] + ([f"the system's copy {system}"] if system else [])
    if name in ("mnist", "fashion_mnist"):
        looked.append(f"Keras' {keras_datasets()}")
    package = "install Debian's package dataset-fashion-mnist, " if system else ""
    return (
        f"'{name}' is not on this machine (looked in {' and '.join(looked)}), and TFDS's server "
        f"{tfds.DOWNLOAD_HOST[0]} cannot be reached to download it: connect to the network, "
        f"{package}or give an .npz file, a folder of IDX files or a TFDS directory with data_dir."
    )


def _identified(dataset: Dataset) -> Dataset:
    """Adds the classes' names; refuses a file that cannot be the named set."""
    known = IMAGE_SETS.get(dataset.name, ImageSet())
    if known.shape not in (None, dataset.example_shape):
        raise DataError(
            f"{dataset.source} cannot be '{dataset.name}': its images have the shape "
            f"{dataset.example_shape}, not {known.shape}; name the set that it is, or 'npz'."
        )
    return dataclasses.replace(dataset, class_names=known.class_names or dataset.class_names)


def _fitted(dataset: Dataset, image_size: int | None) -> Dataset:
    if image_size is None:
        return dataset
    return dataclasses.replace(dataset, examples=resize_all(dataset.examples[:], image_size))
