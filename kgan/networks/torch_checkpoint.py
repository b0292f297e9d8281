"""Tensors of a PyTorch checkpoint, read without PyTorch and without running what is in the file.

A checkpoint is made of pickles, which can call anything. Here they can make dictionaries and
tensors of float32 and int64, and nothing else. Read is the format of PyTorch before 1.6, in which
the published weights that kgan uses are written: four pickles (a magic number, the format's
version, the machine's sizes, the object) and one of the storages' keys, then each storage's length
and contents.
"""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from kgan.errors import DataError
from kgan.files import shown

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
# Names, not types: a pickle can do nothing with them.
_DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}
_LENGTH = 8  # Bytes of a storage's length.


def read_tensors(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Reads a state dict: a dictionary of tensors by name.

    Args:
        path: of the checkpoint, as PyTorch before 1.6 has saved it.

    Raises:
        DataError: the file is missing, cut off or broken, of another format, or holds anything but
            tensors of float32 and int64. Nothing in it was run.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            return _read(file)
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read ({error.strerror or error}).") from error
    # A pickle that was tampered with can fail anywhere.
    except Exception as error:
        raise DataError(
            f"{shown(path)} is no checkpoint of tensors of PyTorch before 1.6, or a broken one "
            f"({error or type(error).__name__}): nothing of it was used."
        ) from error


class _Storage(NamedTuple):
    """What tensors look at: a key, for its numbers stand at the file's end."""

    key: str
    dtype: str
    length: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    """In place of `torch._utils._rebuild_tensor_v2`; the rest is about gradients."""
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    """Makes tensors and dictionaries; what a file names besides is an error."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no tensor")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _, length, view = pid
        if kind != "storage" or dtype not in _DTYPES.values() or view is not None:
            raise pickle.UnpicklingError(f"it refers to {pid}")
        return _Storage(key, dtype, length)


def _read(file: BinaryIO) -> dict[str, np.ndarray]:
    magic, version, sizes, state, keys = (_Unpickler(file).load() for _ in range(5))
    if (magic, version) != (_MAGIC, _VERSION) or not sizes["little_endian"]:
        raise ValueError("another format")
    if not isinstance(state, dict) or not all(isinstance(x, _Tensor) for x in state.values()):
        raise ValueError("it is no dictionary of tensors")
    storages = {tensor.storage.key: tensor.storage for tensor in state.values()}
    if len(keys) != len(storages):
        raise ValueError("its storages do not fit its tensors")
    contents = {key: _contents(file, storages[key]) for key in keys}
    if file.read(1):
        raise ValueError("it goes on after its end")
    return {str(name): _array(x, contents[x.storage.key]) for name, x in state.items()}


def _contents(file: BinaryIO, storage: _Storage) -> np.ndarray:
    if int.from_bytes(file.read(_LENGTH), "little") != storage.length:
        raise ValueError("a storage has another length than its tensors")
    size = storage.length * np.dtype(storage.dtype).itemsize
    read = file.read(size)
    if len(read) != size:
        raise ValueError("it is cut off")
    return np.frombuffer(read, storage.dtype)


def _array(tensor: _Tensor, contents: np.ndarray) -> np.ndarray:
    """The numbers that a tensor looks at, refused where it looks beyond its storage."""
    _, offset, shape, strides = tensor
    pairs = list(zip(shape, strides, strict=True))
    if offset < 0 or any(n < 1 or step < 0 for n, step in pairs):
        raise ValueError("a tensor has no such shape")
    if offset + sum((n - 1) * step for n, step in pairs) >= len(contents):
        raise ValueError("a tensor reaches beyond its storage")
    steps = [step * contents.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(contents[offset:], shape, steps).copy()
