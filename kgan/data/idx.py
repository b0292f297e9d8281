"""IDX files, the format of MNIST and its kin (http://yann.lecun.com/exdb/mnist/), also as .gz."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from kgan.data.dataset import Dataset
from kgan.data.levels import whole_levels
from kgan.data.splits import check_split
from kgan.errors import DataError
from kgan.files import shown
from kgan.signatures import checked

# The third byte of the file names the type; numbers are big-endian.
DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PREFIXES = {"train": "train", "test": "t10k"}


@checked
def read_idx(path: Path | str) -> np.ndarray:
    """Reads one IDX file, unpacking it if its name ends with .gz.

    Returns:
        The array, in the machine's byte order.

    Raises:
        DataError: the file is missing, is not an IDX file, is cut off or is damaged.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(path, f"cannot be read: {error}") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in DTYPES:
        raise _broken(path, f"is not an IDX file: it begins with {content[:4].hex(' ')}")
    rank = content[3]
    header = 4 + 4 * rank
    if len(content) < header:
        raise _broken(path, "is cut off within its header")
    shape = struct.unpack(f">{rank}I", content[4:header])
    dtype = np.dtype(DTYPES[content[2]])
    wanted = dtype.itemsize
    for extent in shape:
        wanted *= extent
    if len(content) - header != wanted:
        raise _broken(
            path, f"has {len(content) - header:,} bytes of data, but its header says {wanted:,}"
        )
    return np.frombuffer(content, dtype, offset=header).reshape(shape).astype(dtype.newbyteorder())


def find_idx(folder: Path, split: str) -> Path | None:
    """Returns the split's image file in a folder, or None if it holds none."""
    return _find(folder, split, "images-idx3-ubyte")


def load_idx(name: str, folder: Path, split: str) -> Dataset:
    """Reads the images and labels of a folder with the four files of an MNIST-like set.

    Args:
        name: of the data set.
        folder: with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same with `t10k`,
            each with or without .gz.
        split: "train" or "test".

    Raises:
        DataError: a file is missing or broken, or images and labels do not match.
    """
    check_split(split)
    image_file, label_file = find_idx(folder, split), _find(folder, split, "labels-idx1-ubyte")
    if image_file is None or label_file is None:
        kind = "images" if image_file is None else "labels"
        raise DataError(
            f"The folder {folder} has no {kind} of the {split} split of '{name}': expected a file "
            f"{PREFIXES[split]}-{kind}-idx{'3' if kind == 'images' else '1'}-ubyte or the same "
            "with .gz there."
        )
    images, labels = read_idx(image_file), read_idx(label_file)
    if images.ndim != 3 or images.dtype != np.uint8 or 0 in images.shape:
        raise _broken(
            image_file,
            f"must hold uint8 images (n, height, width), holds {images.dtype} {images.shape}",
        )
    if labels.shape != (len(images),) or labels.dtype != np.uint8:
        raise _broken(
            label_file,
            f"must hold {len(images):,} uint8 labels like {image_file.name}, holds "
            f"{labels.dtype} {labels.shape}",
        )
    return Dataset(
        name=name,
        split=split,
        examples=whole_levels(images, shown(image_file))[..., None],
        labels=labels.astype(np.int64),
        source=f"IDX files in {shown(folder)}",
    )


def _find(folder: Path, split: str, ending: str) -> Path | None:
    if split not in PREFIXES:
        return None
    stem = folder / f"{PREFIXES[split]}-{ending}"
    candidates = (stem, stem.with_name(stem.name + ".gz"))
    return next((file for file in candidates if file.is_file()), None)


def _broken(path: Path, what: str) -> DataError:
    return DataError(f"The IDX file {path} {what}; fetch the file again.")
