"""card.json: what a trained model is, and the hash of each file beside it. Free of TensorFlow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgan.errors import DataError
from kgan.files import write_json

FILE = "card.json"
FORMAT = 1
_CHUNK = 2**20


def read(folder: Path) -> dict[str, Any]:
    """The contents of a folder's card.json.

    Raises:
        DataError: there is none, it cannot be read, or a newer kgan has written it.
    """
    path = folder / FILE
    if not path.is_file():
        raise DataError(
            f"{folder} holds no trained model of kgan: it has no {FILE}. Give a folder that "
            "`save_to_preset` or `kgan zoo` has written."
        )
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        files = found["files"]
        whole = isinstance(found["class"], str) and all(
            isinstance(name, str) and isinstance(file["sha256"], str)
            for name, file in files.items()
        )
        if not whole:
            raise ValueError("it names no class, or files without their hashes")
        newer = int(found["format"]) > FORMAT
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path} is no card of a model ({error}): make the model again.") from error
    if newer:
        raise DataError(
            f"{path} is a newer kgan's: its format is {found['format']}, and this version reads up "
            f"to {FORMAT}. Update kgan to open it."
        )
    return found


def write(folder: Path, card: Mapping[str, Any]) -> None:
    """Write card.json of a folder whose other files are all there; the same one stays."""
    files = {
        path.relative_to(folder).as_posix(): {"sha256": digest(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / FILE
    }
    told = {"format": FORMAT, **card, "files": files}
    if not (folder / FILE).is_file() or read(folder) != told:
        write_json(folder / FILE, told)


def check(folder: Path, card: Mapping[str, Any], name: str) -> Path:
    """The path of a file that is as the card says.

    Raises:
        DataError: it is missing, or another.
    """
    path = folder / name
    wanted = card["files"].get(name, {}).get("sha256")
    found = digest(path) if path.is_file() else None
    if wanted is None or found != wanted:
        what = "is missing" if found is None else f"has the SHA-256 {found}"
        raise DataError(
            f"{path} is not the file that {FILE} tells of: it {what}, and should have "
            f"{wanted}. Get the folder again, or make it anew by `kgan zoo`."
        )
    return path


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
