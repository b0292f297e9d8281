"""Which files under a folder are images, of which split and class, and what is left out."""

from __future__ import annotations

import collections
import dataclasses
import functools
import mimetypes
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from kgan.data.splits import SPLITS, held_out
from kgan.errors import DataError
from kgan.files import shown

# Folders that programs leave behind; those that begin with a dot are hidden in any case.
HIDDEN = {"__MACOSX", "__pycache__", "@eaDir", "$RECYCLE.BIN", "lost+found"}
# What people call the parts of a set, in lower case. Where there is no test part, validation is it.
TRAIN = {"train", "training", "train_set", "training_set"}
TEST = {"test", "testing", "test_set", "testing_set"}
VALIDATION = {"val", "valid", "validation", "val_set", "validation_set"}
# Images beside class folders are strays if they are at most this part of those in the folders.
STRAYS = 0.1
# Pillow knows these, but does not decode them by itself.
NOT_DECODED = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}
MOST_NAMES = 10  # That a line lists.

_LeftOut = dict[str, list[str]]  # What, and the names of which.


class Part(NamedTuple):
    """A split's image files, sorted, and their classes' numbers `(files,)` int64, if any."""

    files: list[str]
    labels: np.ndarray | None


@dataclasses.dataclass(frozen=True)
class Layout:
    """What lies under a folder.

    Attributes:
        root: the folder in which the images or their class folders lie.
        parts: by split, "train" and "test".
        class_names: in the labels' order; None without classes.
        left_out: what is no image, or an image of no split or class, in words, and how many.
    """

    root: str
    parts: Mapping[str, Part]
    class_names: tuple[str, ...] | None
    left_out: tuple[tuple[str, int], ...]


@dataclasses.dataclass
class _Folder:
    path: str
    name: str
    images: list[str] = dataclasses.field(default_factory=list)
    folders: list[_Folder] = dataclasses.field(default_factory=list)

    def all_images(self) -> list[str]:
        return [*self.images, *(file for below in self.folders for file in below.all_images())]


def find(root: Path) -> Layout:
    """Looks through a folder.

    A folder that holds nothing but one other folder stands for that one. `train` beside `test` or
    `validation` are splits; else a deterministic tenth is the test split. Two or more folders with
    images are classes, and the few images beside them are left out. Links are followed.

    Raises:
        DataError: the folder is missing, or holds no image for a split.
    """
    if not root.is_dir():
        raise DataError(f"There is no folder {shown(root)}: give a folder of image files.")
    left_out: _LeftOut = collections.defaultdict(list)
    top = _scan(os.fspath(root), root.name, left_out, ())
    while not top.images and len(top.folders) == 1:
        (top,) = top.folders
    splits = _splits(top, left_out)
    names = _class_names(splits.values() if splits else [top])
    if splits:
        found = {split: _members(folder, names, left_out) for split, folder in splits.items()}
    else:
        whole = _members(top, names, left_out)
        if not whole:
            raise DataError(f"There is no image file under {shown(root)}: give some.")
        found = {split: [whole[i] for i in held_out(len(whole), split)] for split in SPLITS}
    return Layout(
        root=top.path,
        parts={split: _part(members, names) for split, members in found.items()},
        class_names=tuple(map(shown, names)) if names else None,
        left_out=_in_words(left_out),
    )


@functools.cache
def formats() -> tuple[str, ...]:
    """The formats that Pillow decodes; it asks them in this order whose a file is."""
    Image.init()
    # Who has no mark to be told by is not asked, but for TGA, which people use: at the end.
    marked = [
        name for name, (_, mark) in Image.OPEN.items() if mark and name not in NOT_DECODED | {"TGA"}
    ]
    common = [name for name in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF") if name in marked]
    return (*common, *(name for name in marked if name not in common), "TGA")


@functools.cache
def _suffixes() -> frozenset[str]:
    decoded = set(formats())
    # A JPEG of several pictures, which its plugin tells from others.
    decoded |= {"MPO"}
    return frozenset(s for s, name in Image.registered_extensions().items() if name in decoded)


@functools.cache
def _other_suffixes() -> frozenset[str]:
    """Suffixes of files that are known to be something else, and need not be opened."""
    return frozenset(mimetypes.MimeTypes().types_map[True]) - _suffixes()


def _scan(path: str, name: str, left_out: _LeftOut, above: Sequence[tuple[int, int]]) -> _Folder:
    """Returns a folder's tree without branches that hold no image.

    Paths are strings: thousands of `Path` objects take as long as reading small images.

    Args:
        path: of the folder.
        name: of the folder.
        left_out: takes what is no image.
        above: device and number of the folders that it lies in: a link back to one ends there.
    """
    folder = _Folder(path, name)
    try:
        status = Path(path).stat()
        with os.scandir(path) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        left_out["folders that cannot be opened"].append(name)
        return folder
    here = (status.st_dev, status.st_ino)
    if here in above:
        left_out["links to a folder that they lie in"].append(name)
        return folder
    for entry in inside:
        suffix = _suffix(entry.name)
        if entry.name.startswith(".") or entry.name in HIDDEN:
            left_out["hidden"].append(entry.name)
        elif entry.is_dir():
            below = _scan(entry.path, entry.name, left_out, (*above, here))
            if below.images or below.folders:
                folder.folders.append(below)
        elif _is_image(entry, suffix):
            folder.images.append(entry.path)
        else:
            left_out[suffix or "without a suffix"].append("")
    return folder


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return shown(dot + suffix.lower()) if stem else ""


def _is_image(entry: os.DirEntry[str], suffix: str) -> bool:
    """Whether a file is an image by its name, or by its first bytes where the name says nothing."""
    if suffix in _suffixes():
        # A link to nothing is a broken image; a pipe must not be opened.
        return entry.is_file() or not Path(entry.path).exists()
    if suffix in _other_suffixes() or not entry.is_file():
        return False
    try:
        with Image.open(entry.path, formats=formats()[:-1]):  # Anything could be TGA.
            return True
    except Exception:  # Plugins raise all sorts of errors for files that are not theirs.
        return False


def _splits(top: _Folder, left_out: _LeftOut) -> dict[str, _Folder] | None:
    """Returns the folders of the splits, or None where there are none."""
    train, test, validation = (
        [folder for folder in top.folders if folder.name.lower() in words]
        for words in (TRAIN, TEST, VALIDATION)
    )
    if not train or not (test or validation):
        return None
    chosen = {"train": train, "test": test or validation}
    for folder in top.folders:
        if folder not in [*chosen["train"], *chosen["test"]]:
            left_out[f"in {shown(folder.name)}"] += [""] * len(folder.all_images())
    _leave_out(top.images, "beside the splits' folders", left_out)
    return {split: _joined(folders) for split, folders in chosen.items()}


def _joined(folders: Sequence[_Folder]) -> _Folder:
    images = [file for folder in folders for file in folder.images]
    below = [inner for folder in folders for inner in folder.folders]
    return _Folder("", "", images, below)


def _class_names(parts: Iterable[_Folder]) -> list[str]:
    """Returns the sorted names of the class folders; none if there are fewer than two.

    Classes are counted over both splits: none may change its number with the split.
    """
    names = sorted({below.name for part in parts if _has_classes(part) for below in part.folders})
    return names if len(names) > 1 else []


def _has_classes(part: _Folder) -> bool:
    within = sum(len(below.all_images()) for below in part.folders)
    return within > 0 and len(part.images) <= STRAYS * within


def _members(
    part: _Folder, names: Sequence[str], left_out: _LeftOut
) -> list[tuple[str, int | None]]:
    """Returns a part's (file, class or None), sorted."""
    if not (names and _has_classes(part)):
        return [(file, None) for file in sorted(part.all_images())]
    _leave_out(part.images, "beside the class folders", left_out)
    number = {name: i for i, name in enumerate(names)}
    return sorted(
        (file, number[below.name]) for below in part.folders for file in below.all_images()
    )


def _leave_out(files: Sequence[str], what: str, left_out: _LeftOut) -> None:
    if files:
        left_out[what] += [Path(file).name for file in files]


def _part(members: Sequence[tuple[str, int | None]], names: Sequence[str]) -> Part:
    labels = [label for _, label in members if label is not None]
    return Part(
        [file for file, _ in members],
        np.array(labels, np.int64) if names and len(labels) == len(members) else None,
    )


def listed(names: Sequence[str]) -> str:
    """Some names for people: the first ten, and how many more there are."""
    more = len(names) - MOST_NAMES
    some = ", ".join(map(shown, names[:MOST_NAMES]))
    return f"{some} and {more:,} more" if more > 0 else some


def _in_words(left_out: _LeftOut) -> tuple[tuple[str, int], ...]:
    words = []
    for what, names in sorted(left_out.items(), key=lambda item: -len(item[1])):
        which = listed(sorted(set(filter(None, names))))
        words.append((what + (f" ({which})" if which else ""), len(names)))
    return tuple(words)
