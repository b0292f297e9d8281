"""config.json: what a run was asked to do, and what it ran on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgan.errors import RunError
from kgan.files import write_json

FILE = "config.json"
FORMAT = 2
"""Of a run's directory; files of version 0.1 say none and are read too."""


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Write config.json.

    Args:
        folder: the run's.
        description: `method`, `dataset`, `flags` (`Config.flags`), `model` (its class, preset and
            numbers of weights by player), and what `kgan.runs.environment` tells.
    """
    write_json(folder / FILE, {"format": FORMAT, **description})


def read_description(folder: Path) -> dict[str, Any]:
    """The contents of config.json.

    Raises:
        RunError: there is no such file, it cannot be read, or a newer kgan has written it.
    """
    path = folder / FILE
    if not folder.is_dir():
        raise RunError(f"There is no run at {folder}: give the directory that training wrote.")
    if not path.is_file():
        raise RunError(
            f"{folder} is no run of kgan: it has no {FILE}. Give the directory that training wrote."
        )
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it holds no JSON object")
        newer = int(found.get("format", 1)) > FORMAT
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path} is no configuration of a run: {error}.") from error
    if newer:
        raise RunError(
            f"{folder} is a run of a newer kgan: its format is {found['format']}, and this version "
            f"reads up to {FORMAT}. Update kgan to open it."
        )
    return found
