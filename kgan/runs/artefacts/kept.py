"""Arrays that a run keeps in a file, which a kill or a full disk may have cut short."""

from __future__ import annotations

import dataclasses
import zipfile
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from typing_extensions import Self

from kgan.files import replacing

DO_NOT_FIT = ": its arrays do not fit each other"
_PLAIN = {"int": int, "str": str}


class Kept:
    """Base of the data classes whose fields are the arrays of a file in a run's samples/.

    Fields that are None are left out of the file. Fields of int and str are read as such; `labels`
    of many attributes an example, which are no classes, as None.
    """

    FILE: ClassVar[str]

    @property
    def file_name(self) -> str:
        """Of the file."""
        return self.FILE

    def write(self, folder: Path) -> None:
        """Write the file into `folder`, whole or not at all."""
        with replacing(folder / self.file_name) as temporary:
            np.savez_compressed(temporary, **self._arrays())

    @classmethod
    def read(cls, folder: Path, problems: list[str]) -> Self | None:
        """The contents of the file in `folder`.

        Returns:
            None without a file, and, with a sentence in `problems`, where it is broken.
        """
        return cls._load(folder / cls.FILE, problems)

    def flaw(self) -> str:
        """What is wrong with the arrays, to follow the file's name; "" if nothing is."""
        return ""

    def _arrays(self) -> dict[str, Any]:
        named = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def _load(cls, path: Path, problems: list[str], **known: Any) -> Self | None:
        """The same of a file of any name; `known` are fields that are not in it."""
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
            problems.append(f"samples/{path.name} is broken or cut short, and was left out.")
            return None
        try:
            found = cls(**known, **cls._fields(arrays))
            flaw = found.flaw()
        except (TypeError, AttributeError):  # Arrays that are missing.
            flaw = DO_NOT_FIT
        if not flaw:
            return found
        problems.append(f"samples/{path.name}{flaw}.")
        return None

    @classmethod
    def _fields(cls, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """The arguments of the class that are in a file.

        Raises:
            TypeError: one that is no whole number, or no text, where it should be.
        """
        found: dict[str, Any] = {}
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            array = arrays.get(field.name)
            if array is None or (field.name == "labels" and array.ndim != 1):
                continue
            kind = _PLAIN.get(str(field.type))
            found[field.name] = array if kind is None else array.tolist()
            if kind is not None and not isinstance(found[field.name], kind):
                raise TypeError(f"{field.name} must be {field.type}. Received: {array}")
        return found
