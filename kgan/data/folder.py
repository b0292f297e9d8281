"""A folder of PNG and JPEG files as a data set."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from absl import logging
from PIL import Image, ImageOps

from kgan.data import storage
from kgan.data.dataset import Dataset
from kgan.data.splits import SPLITS, check_split, held_out
from kgan.errors import DataError, InputError

SUFFIXES = {".png", ".jpg", ".jpeg"}
GREY_MODES = {"1", "L", "I", "I;16", "I;16B"}
CHUNK = 256  # Files decoded at a time.

# All that Pillow was seen to raise for files with wrong bytes; SyntaxError is a broken PNG chunk.
BROKEN = (
    OSError, EOFError, SyntaxError, ValueError, zlib.error, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip

T = TypeVar("T")


def load_folder(
    name: str, root: Path, split: str, *, image_size: int | None = None, on_broken: str = "error"
) -> Dataset:
    """Reads all PNG and JPEG files under a folder, in sorted order.

    If the folder has sub-folders `train` and `test`, they are the splits; else a deterministic
    tenth of the files is the test split. If every file lies in a sub-folder, the sub-folders are
    the classes. Images are grey if all files are, else RGB; an alpha channel is dropped, and EXIF
    rotations are applied.

    Args:
        name: of the data set.
        root: the folder.
        split: "train" or "test".
        image_size: side of the square images: of each the largest centre square is resized
            (bilinear, antialiased). None keeps the files' size, which must be one for all then.
        on_broken: "error", or "skip" to leave out broken files with a warning that counts them.

    Raises:
        DataError: the folder is missing, has no image, or has a broken one (which it names).
        InputError: sizes differ and no image_size is given, or another split.
    """
    check_split(split)
    files, tops = _find(root, split)
    labels, class_names = _classes(tops)
    reader = _Reader(root, on_broken)
    heads = dict(reader.each(_head, tops))
    # From both splits: the shape must not change with the split.
    shape = _shape(heads, image_size)
    readable = [file for file in files if file in heads]

    def chunks() -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        for first in range(0, len(readable), CHUNK):
            part = readable[first : first + CHUNK]
            decoded = list(reader.each(lambda file: _decode(file, shape, image_size), part))
            if decoded:
                known = None if labels is None else np.array([labels[file] for file, _ in decoded])
                yield np.stack([image for _, image in decoded]), known

    examples, kept = storage.store(
        chunks(),
        count=len(readable),
        shape=shape,
        key=f"{root.name} {_fingerprint(root, files)} {split} {shape} {on_broken}",
    )
    reader.warn(files)
    return Dataset(
        name=name, split=split, examples=examples, labels=kept, class_names=class_names,
        source=f"image files in {root}",
    )  # fmt: skip


class _Reader:
    """Applies a function to files, in threads, and does with broken ones what the user wants."""

    def __init__(self, root: Path, on_broken: str):
        self.root, self.on_broken = root, on_broken
        self.broken: list[Path] = []

    def each(self, read: Callable[[Path], T], files: Iterable[Path]) -> Iterator[tuple[Path, T]]:
        """Yields (file, what `read` made of it) in order."""

        def attempt(file: Path) -> tuple[Path, T | None, Exception | None]:
            try:
                return file, read(file), None
            except BROKEN as error:
                return file, None, error

        with ThreadPoolExecutor() as pool:
            for file, value, error in pool.map(attempt, files):
                if error is None:
                    yield file, value  # type: ignore[misc]
                elif self.on_broken == "skip":
                    self.broken.append(file)
                else:
                    raise DataError(
                        f"The image file {file} is broken ({error}): repair or remove it, or skip "
                        "broken files with on_broken='skip'."
                    ) from error

    def warn(self, files: Sequence[Path]) -> None:
        """Logs how many of these files were skipped, and the first of them."""
        if broken := sorted(set(self.broken) & set(files)):
            logging.warning(
                "Skipped %d broken image files of %d under %s, the first: %s",
                len(broken), len(files), self.root, broken[0],
            )  # fmt: skip


def _find(root: Path, split: str) -> tuple[list[Path], dict[Path, Path]]:
    """Returns a split's files in sorted order, and of both splits' files the folder on top."""
    if not root.is_dir():
        raise DataError(f"There is no folder {root}: give a folder of PNG or JPEG files.")
    if all((root / part).is_dir() for part in SPLITS):
        parts = {part: _image_files(root / part) for part in SPLITS}
        tops = {file: root / part for part in SPLITS for file in parts[part]}
        files = parts[split]
    else:
        files = _image_files(root)
        tops = dict.fromkeys(files, root)
        if files:
            files = [files[i] for i in held_out(len(files), split)]
    if not files:
        raise DataError(f"There is no PNG or JPEG file for {split} under {root}: give some.")
    return files, tops


def _classes(tops: dict[Path, Path]) -> tuple[dict[Path, int] | None, tuple[str, ...] | None]:
    """Returns the files' labels and the classes' names; None for both if a file has no folder.

    Classes are counted over both splits: none may change its number with the split.
    """
    if any(file.parent == top for file, top in tops.items()):
        return None, None
    folders = {file: file.relative_to(top).parts[0] for file, top in tops.items()}
    names = tuple(sorted(set(folders.values())))
    number = {name: i for i, name in enumerate(names)}
    return {file: number[folder] for file, folder in folders.items()}, names


def _image_files(root: Path) -> list[Path]:
    """Returns the image files under a folder, without hidden ones, such as a Mac's ._a.png."""
    found = (file for file in root.rglob("*") if file.suffix.lower() in SUFFIXES)
    visible = (file for file in found if not file.name.startswith(".") and file.is_file())
    return sorted(visible, key=lambda file: file.relative_to(root).as_posix())


def _head(file: Path) -> tuple[tuple[int, int], bool]:
    """Returns (height, width) and whether the image is grey, without decoding it."""
    with Image.open(file, formats=("PNG", "JPEG")) as image:
        width, height = image.size
        if image.getexif().get(0x0112, 1) >= 5:  # Orientations 5 to 8 swap the sides.
            width, height = height, width
        return (height, width), image.mode in GREY_MODES


def _shape(
    heads: dict[Path, tuple[tuple[int, int], bool]], image_size: int | None
) -> tuple[int, int, int]:
    """Returns the shape that all images are brought to."""
    if not heads:
        raise DataError("All image files are broken: give a folder with readable ones.")
    channels = 1 if all(grey for _, grey in heads.values()) else 3
    if image_size is not None:
        return image_size, image_size, channels
    first_file, (first_size, _) = next(iter(heads.items()))
    for file, (size, _) in heads.items():
        if size != first_size:
            raise InputError(
                f"The images' sizes differ: {first_file} is {first_size[1]}x{first_size[0]}, "
                f"{file} is {size[1]}x{size[0]}; give the size to bring them to with image_size."
            )
    return *first_size, channels


def _decode(file: Path, shape: tuple[int, int, int], image_size: int | None) -> np.ndarray:
    """Returns the uint8 image of this shape."""
    with Image.open(file, formats=("PNG", "JPEG")) as opened:
        opened.load()
        image = ImageOps.exif_transpose(opened)
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow would clip them to 255.
        image = Image.fromarray((np.asarray(image) // 256).astype(np.uint8))
    image = image.convert("L" if shape[2] == 1 else "RGB")
    if image_size is not None:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        square = image.crop((left, top, left + side, top + side))
        # Pillow's bilinear filter is always antialiased.
        image = square.resize((image_size, image_size), Image.Resampling.BILINEAR)
    return np.asarray(image, np.uint8).reshape(shape)


def _fingerprint(root: Path, files: list[Path]) -> str:
    """Returns a digest that changes with any file's place, size or time."""
    digest = hashlib.sha256(str(root.resolve()).encode())
    for file in files:
        status = file.stat()
        digest.update(f"{file.relative_to(root)}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
