"""A folder of image files as a data set."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from absl import logging

from kgan.data import image_files, image_pixels, storage
from kgan.data.dataset import Dataset
from kgan.data.image_files import Layout
from kgan.data.image_pixels import Form, WiderError
from kgan.data.splits import SPLITS, check_split
from kgan.errors import DataError, InputError, KganError
from kgan.files import shown

GROUP = 32  # Files that a thread reads at a time.
THREADS = min(4, os.cpu_count() or 1)  # Pillow decodes one at a time; resizing runs beside.

T = TypeVar("T")


def load_folder(
    name: str, root: Path, split: str, *, image_size: int | None = None, strict: bool = False
) -> Dataset:
    """Reads all image files under a folder, in sorted order; logs how many, and what it left out.

    All that Pillow decodes is read, whatever the file is called. Images are grey if all are, else
    RGB. Transparent parts become white; EXIF rotations are applied; of animated files the first
    frame is taken; values of 9 to 16 bits are scaled by the bits of the set's largest. What splits
    and classes are is told in `kgan.data.image_files.find`.

    Args:
        name: of the data set.
        root: the folder.
        split: "train" or "test".
        image_size: side of the square images: of each the largest centre square is resized
            (bilinear, antialiased). None keeps the files' size, which must be one for all then.
        strict: whether a broken file is an error; else it is left out, and the log names it.

    Raises:
        DataError: the folder is missing, has no readable image, or has a broken one and `strict`.
        InputError: sizes differ and no `image_size` is given, or another split.
    """
    check_split(split)
    layout = image_files.find(root)
    files = layout.parts[split].files
    if not files:
        raise DataError(f"There is no image file for {split} under {shown(root)}: give some.")
    (other,) = (layout.parts[part].files for part in SPLITS if part != split)
    with _Reader(image_size, strict) as reader:
        form = reader.begin([*files, *other])
        while True:
            try:
                examples, labels = _stored(reader, form, layout, split, other)
                break
            except WiderError as error:
                form = error.form
    _tell(layout, split, reader, form, examples)
    return Dataset(
        name=name, split=split, examples=examples, labels=labels,
        class_names=None if labels is None else layout.class_names,
        source=f"image files in {shown(layout.root)}",
    )  # fmt: skip


def _stored(
    reader: _Reader, form: Form, layout: Layout, split: str, other: Sequence[str]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Reads a split, or takes it from the cache; returns images and labels.

    Raises:
        WiderError: files of this or the `other` split do not fit the form.
    """
    files, labels = layout.parts[split].files, layout.parts[split].labels

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        for images, places in reader.images(files, form):
            yield images, None if labels is None else labels[places]
        # Within: what fails here is not kept.
        reader.check(other, form)

    shape = (*reader.size, form.channels)
    return storage.store(
        batches(),
        count=len(files),
        shape=shape,
        key=f"{_fingerprint(layout.root, [*files, *other])} {split} {shape} {form.bits} "
        f"{reader.strict}",
    )


class _Group(NamedTuple):
    """What came of some files: images `(k, *shape)`, their places among the files, and notes."""

    images: np.ndarray
    places: np.ndarray
    broken: dict[str, str]
    seen: Counter[str]


class _Reader:
    """Reads files in threads, and does with broken ones what the user wants.

    Attributes:
        size: (height, width) of all images.
        broken: of the files that were left out, what is wrong.
        seen: how many files of the split are "deep", "transparent", "animated".
    """

    def __init__(self, image_size: int | None, strict: bool):
        self.image_size, self.strict = image_size, strict
        self.size = (0, 0) if image_size is None else (image_size, image_size)
        self.broken: dict[str, str] = {}
        self.seen: Counter[str] = Counter()
        self._first = ""
        self._pool = ThreadPoolExecutor(THREADS)

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, files: Sequence[str]) -> Form:
        """Returns the form of the first readable file, whose size is that of all others."""
        form = Form()
        for file in files:
            try:
                size = image_pixels.size(file, Form(channels=3))
                try:
                    image_pixels.size(file, form)
                except WiderError as error:
                    form = error.form
            except Exception as error:
                self._refuse(file, error)
                continue
            if self.image_size is None:
                self._first, self.size = file, size
            return form
        raise DataError(
            f"All {len(files):,} image files are broken, {shown(files[0])} among them: give a "
            "folder with readable ones."
        )

    def images(self, files: Sequence[str], form: Form) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields images `(k, *size, channels)` of files, and their places among these, in order."""
        self.broken.clear()
        self.seen.clear()

        def read(first: int) -> _Group:
            return self._decoded(files[first : first + GROUP], first, form)

        for group in self._in_threads(read, range(0, len(files), GROUP)):
            self.broken |= group.broken
            self.seen += group.seen
            if len(group.images):
                yield group.images, group.places

    def check(self, files: Sequence[str], form: Form) -> None:
        """Raises for the files of the other split what would keep them from the same form.

        They are opened only where they could: one image with colours decides already, and any
        size will do where all are resized.
        """
        deep = bool(self.seen["deep"])
        if form.channels == 3 and not deep and self.image_size is not None:
            return

        def look(first: int) -> None:
            for file in files[first : first + GROUP]:
                try:
                    self._check_size(file, image_pixels.size(file, form, deep))
                except (KganError, WiderError):
                    raise
                except Exception as error:
                    self._refuse(file, error)

        for _ in self._in_threads(look, range(0, len(files), GROUP)):
            pass

    def _decoded(self, files: Sequence[str], first: int, form: Form) -> _Group:
        images = np.empty((len(files), *self.size, form.channels), np.uint8)
        places: list[int] = []
        broken: dict[str, str] = {}
        seen: Counter[str] = Counter()
        for place, file in enumerate(files, first):
            try:
                image, notes = image_pixels.decode(file, form, self.image_size)
                self._check_size(file, (image.height, image.width))
                images[len(places)] = np.asarray(image).reshape(images.shape[1:])
            except (KganError, WiderError):
                raise
            except Exception as error:  # Pillow's plugins raise errors of all kinds.
                self._refuse(file, error)
                broken[file] = str(error) or type(error).__name__
                continue
            places.append(place)
            seen.update(notes)
        return _Group(images[: len(places)], np.array(places, np.int64), broken, seen)

    def _check_size(self, file: str, size: tuple[int, int]) -> None:
        if self.image_size is None and size != self.size:
            raise InputError(
                f"The images' sizes differ: {shown(self._first)} is {self.size[1]}x{self.size[0]}, "
                f"{shown(file)} is {size[1]}x{size[0]}; give the size to bring them to with "
                "`image_size`."
            )

    def _refuse(self, file: str, error: Exception) -> None:
        if isinstance(error, MemoryError):
            raise error
        if self.strict:
            raise DataError(
                f"The image file {shown(file)} is broken ({error}): repair or remove it, or leave "
                "broken files out with `strict=False`."
            ) from error

    def _in_threads(self, work: Callable[[int], T], firsts: range) -> Iterator[T]:
        """Yields what `work` returns, in order; few results wait at a time, as they are large."""
        waiting: deque[Future[T]] = deque()
        for first in firsts:
            waiting.append(self._pool.submit(work, first))
            if len(waiting) > 2 * THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _tell(layout: Layout, split: str, reader: _Reader, form: Form, examples: np.ndarray) -> None:
    """Logs how many images were taken, how many files were left out, and why."""
    files, labels = layout.parts[split]
    what = [f"{shown(layout.root)}: {len(examples):,} images taken for {split}"]
    what.append("no classes" if labels is None else f"{len(layout.class_names or ()):,} classes")
    seen = reader.seen
    if seen["transparent"]:
        what.append(f"{seen['transparent']:,} with transparent parts laid on white")
    if seen["animated"]:
        what.append(f"of {seen['animated']:,} animated ones the first frame")
    if seen["deep"]:
        what.append(f"{seen['deep']:,} of more than 8 bits, {form.bits} of which are used")
    if examples[:GROUP].max() == 1:
        what.append("of which the first have no value over 1 of 255: masks must be scaled before")
    broken = len(files) - len(examples)
    left_out = [f"{total:,} {kind}" for kind, total in layout.left_out]
    total = sum(total for _, total in layout.left_out) + broken
    if broken:
        names = [file.removeprefix(layout.root + os.sep) for file in sorted(reader.broken)]
        left_out.insert(
            0, f"{broken:,} broken" + (f" ({image_files.listed(names)})" if names else "")
        )
    line = ", ".join(what) + (f"; {total:,} files left out: {', '.join(left_out)}" if total else "")
    important = broken or any(not kind.startswith("hidden") for kind, _ in layout.left_out)
    (logging.warning if important else logging.info)("%s.", line)


def _fingerprint(root: str, files: Sequence[str]) -> str:
    """Returns a digest that changes with any file's place, size or time."""
    digest = hashlib.sha256(os.fsencode(Path(root).resolve()))
    for file in files:
        try:
            status = os.stat(file)  # noqa: PTH116  # A Path for each would take longer.
        except OSError:  # A link to nothing.
            continue
        place = os.fsencode(file[len(root) :])
        digest.update(b"%s|%d|%d\n" % (place, status.st_size, status.st_mtime_ns))
    return digest.hexdigest()[:16]
