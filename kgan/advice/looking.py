"""What can be said of data before anything is trained on them. Free of TensorFlow."""

from __future__ import annotations

import dataclasses
import importlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgan.data import image_files, image_pixels, npz
from kgan.data.catalog import IMAGE_SETS, MIXTURES, POINTS, STACKED, mixture
from kgan.data.image_pixels import Form, WiderError
from kgan.errors import DataError, InputError
from kgan.files import local_path, shown
from kgan.metrics.formatting import number
from kgan.metrics.judgement import EVEN
from kgan.runs.config import data_options

_FILES = 200  # Whose sizes are looked at.
_SIZES = (32, 64, 128)  # That images of several sizes may be brought to.
_DIVISOR = 4  # Of the sides of images, in the networks of most presets.


@dataclasses.dataclass(frozen=True)
class Data:
    """A data set as far as it is known.

    Attributes:
        dataset: name for `--dataset`.
        flags: of the command line, that say the rest.
        shape: of an example; None if that is not known.
        count: of training examples; None if that is not known.
        classes: modes, or classes; None without, or if that is not known.
        shares: the smallest and the largest one's part of the data; None if that is not known.
        imbalance: chi-square over the number of examples, against equal shares.
        measurable: whether a run can be evaluated as it is.
        array: name of the array of points in the file; "" where they are no file's.
        remarks: what a person should know of the data.
    """

    dataset: str
    flags: Mapping[str, Any]
    shape: Sequence[int] | None
    count: int | None = None
    classes: int | None = None
    shares: tuple[float, float] | None = None
    imbalance: float | None = None
    measurable: bool = True
    array: str = ""
    remarks: Sequence[str] = ()

    @property
    def is_points(self) -> bool:
        """Whether the examples are points; else they are images."""
        return self.shape is not None and len(self.shape) == 1

    @property
    def uneven(self) -> bool:
        """Whether some modes or classes are much rarer than others."""
        return self.imbalance is not None and self.imbalance > EVEN

    def text(self) -> str:
        """It all, in words."""
        kind = "points" if self.is_points else "images"
        what = "mode" if self.dataset in MIXTURES else "class"
        size = "" if self.shape is None else f" of {size_text(self.shape)}"
        counted = kind if self.count is None else f"{self.count:,} {kind}"
        if self.classes is None:
            groups = "" if self.count is None else ", no classes"
        else:
            groups = f", {self.classes:,} {what}{'es' if what == 'class' else 's'}"
        if self.shares is not None:
            low, high = (f"{100 * share:.3g}%" for share in self.shares)
            groups += f" of {low} to {high} each" if self.uneven else ", evenly"
        return f"{self.dataset}: {counted}{size}{groups}"


def look(dataset: str, flags: Mapping[str, Any]) -> Data:
    """What a data set is; named sets of images are not opened.

    Args:
        dataset: name for `kgan.data.load`.
        flags: by the names of the command line, those of the data that were given.

    Raises:
        InputError: an unknown name, or a flag that the set does not take.
        DataError: data that are missing or broken.
    """
    options = data_options(flags)
    strict, size = options.pop("strict", False), options.get("image_size")
    if size is not None and size < 1:
        raise InputError(f"`image_size` must be positive. Received: {size}")
    if dataset in MIXTURES:
        return _mixture(dataset, flags, options)
    if unknown := options.keys() - {"data_dir", "image_size"}:
        raise InputError(f"'{dataset}' takes no parameters, received {', '.join(sorted(unknown))}.")
    if dataset not in ("folder", "npz"):
        return _named(dataset, flags, size)
    if "data_dir" not in options:
        what = "an .npz file" if dataset == "npz" else "a folder of image files"
        raise InputError(f"'{dataset}' needs `data_dir`, {what}, received none.")
    path = local_path(options["data_dir"], "data_dir")
    if dataset == "folder":
        return _folder(path, flags, size, strict)
    return _npz(path, flags, size)


def _mixture(dataset: str, flags: Mapping[str, Any], options: Mapping[str, Any]) -> Data:
    found = mixture(dataset, options)
    return Data(dataset, flags, (found.dimensions,), POINTS, len(found), **_balance(found.weights))


def _named(dataset: str, flags: Mapping[str, Any], size: int | None) -> Data:
    """An image set by its name, as the catalog has it."""
    base = STACKED.get(dataset, dataset)
    if base not in IMAGE_SETS:
        # TensorFlow Datasets knows whether there is one.
        importlib.import_module("kgan.data.lookup").check_known(base)
        return Data(dataset, flags, None)
    known = IMAGE_SETS[base]
    side = size or known.size
    shape = known.shape if side is None else (side, side, (known.shape or (0, 0, 3))[2])
    classes = None if known.class_names is None else len(known.class_names)
    if dataset in STACKED:
        shape = None if shape is None else (*shape[:2], 3 * shape[2])
        classes = None if classes is None else classes**3
    return Data(dataset, flags, shape, None, classes)


def _folder(path: Path, flags: Mapping[str, Any], size: int | None, strict: bool) -> Data:
    """Files are counted; of some the heads are read."""
    layout = image_files.find(path)
    files, labels = layout.parts["train"]
    if not files:
        raise DataError(f"There is no image file for train under {shown(path)}: give some.")
    sizes, channels = _heads(files[:: max(1, len(files) // _FILES)])
    if not sizes:
        raise DataError(f"The image files under {shown(path)} are broken: give readable ones.")
    remarks = []
    smallest = min(min(sides) for sides in sizes)
    if size is None and (len(sizes) > 1 or any(side % _DIVISOR for side in min(sizes))):
        size = max((s for s in _SIZES if s <= smallest), default=_SIZES[0])
        flags = {**flags, "image_size": size}
        several = f"from {size_text(min(sizes))} to {size_text(max(sizes))}"
        sides = several if len(sizes) > 1 else f"of {size_text(min(sizes))}"
        remarks.append(f"The files are {sides}: --image_size={size} makes squares of all.")
    height, width = (size, size) if size else min(sizes)
    return Data(
        "folder",
        flags,
        (height, width, channels),
        len(files),
        None if labels is None else len(layout.class_names or ()),
        measurable=labels is not None,
        remarks=remarks,
        **({} if labels is None else _balance(_shares(labels))),
    )


def _heads(files: Sequence[str]) -> tuple[set[tuple[int, int]], int]:
    """The (height, width) of files that are whole, and how many channels they need."""
    sizes, form = set(), Form()
    for file in files:
        try:
            try:
                sizes.add(image_pixels.size(file, form))
            except WiderError as error:
                form = error.form
                sizes.add(image_pixels.size(file, form))
        except Exception:  # Pillow's plugins raise errors of all kinds.
            continue
    return sizes, form.channels


def _npz(path: Path, flags: Mapping[str, Any], size: int | None) -> Data:
    points = _points(path, flags)
    if points is not None:
        return points
    dataset = npz.load_npz("npz", path, "train")
    height, width, channels = dataset.example_shape
    labels = dataset.labels
    remarks = []
    if size is None and (height % _DIVISOR or width % _DIVISOR):
        size = max(_DIVISOR, min(height, width) // _DIVISOR * _DIVISOR)
        flags = {**flags, "image_size": size}
        remarks.append(f"Sides must be divisible by {_DIVISOR}: --image_size={size} makes them so.")
    return Data(
        "npz",
        flags,
        (size or height, size or width, channels),
        len(dataset),
        dataset.num_classes,
        measurable=labels is not None,
        remarks=remarks,
        **({} if labels is None else _balance(_shares(labels))),
    )


def _points(path: Path, flags: Mapping[str, Any]) -> Data | None:
    """Points (n, d) in an archive, with their labels; None where it holds no such array."""
    shapes = _array_shapes(path)
    names = [images.format("train") for images in npz.IMAGES] + list(npz.WHOLE) + ["points"]
    name = next((name for name in names if len(shapes.get(name, ())) == 2), None)
    if name is None:
        return None
    count, width = shapes[name]
    with np.load(path, allow_pickle=False) as archive:
        points = archive[name]
        label_names = ["y_train", "train_labels"] if "train" in name else list(npz.LABELS)
        label = next((n for n in label_names if shapes.get(n) in ((count,), (count, 1))), None)
        labels = None if label is None else archive[label].reshape(-1)
    if points.dtype.kind not in "fiub" or 0 in points.shape or not np.isfinite(points).all():
        raise DataError(
            f"The file {shown(path)} must hold finite numbers in {name}, holds {points.dtype} of "
            f"shape {points.shape}; give a sound .npz file."
        )
    remarks, widest = [], float(np.abs(points).max())
    if not 1 <= widest <= 20:
        remarks.append(
            f"The largest coordinate is {number(widest)}, the bench's about 4: scale yours to "
            "that first."
        )
    shares = None
    if labels is not None:
        _, counts = np.unique(labels, return_counts=True)
        shares = counts / count
    return Data(
        "npz",
        flags,
        (width,),
        count,
        None if shares is None else len(shares),
        measurable=False,
        array=name,
        remarks=remarks,
        **({} if shares is None else _balance(shares)),
    )


def _array_shapes(path: Path) -> Mapping[str, tuple[int, ...]]:
    """By name, of the arrays of an archive; none of a file that is no sound one."""
    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for inside in archive.namelist():
                with archive.open(inside) as file:
                    version = np.lib.format.read_magic(file)
                    read = np.lib.format.read_array_header_1_0
                    if version > (1, 0):
                        read = np.lib.format.read_array_header_2_0
                    found[inside.removesuffix(".npy")] = read(file)[0]
    except (OSError, ValueError, zipfile.BadZipFile):
        return {}  # `load_npz` says what is wrong.
    return found


def _shares(labels: np.ndarray) -> np.ndarray:
    counts = np.bincount(labels)
    return counts[counts > 0] / len(labels)


def _balance(shares: np.ndarray) -> dict[str, Any]:
    """Attributes of `Data` that say how even shares are."""
    return {
        "shares": (float(shares.min()), float(shares.max())),
        "imbalance": float(len(shares) * ((shares - 1 / len(shares)) ** 2).sum()),
    }


def size_text(shape: Sequence[int]) -> str:
    """A shape in words: "2 dimensions", "28x28x1"."""
    return f"{shape[0]} dimensions" if len(shape) == 1 else "x".join(map(str, shape))
