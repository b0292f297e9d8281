"""evaluation.json: the scores of the trained model, and of real data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgan.files import write_json
from kgan.metrics import words

FILE = "evaluation.json"


def write_evaluation(folder: Path, evaluation: Mapping[str, Any]) -> None:
    """Write evaluation.json.

    Args:
        folder: the run's.
        evaluation: `method`, `dataset`, `steps`, what `kgan.metrics.evaluate` gave, with `real` the
            same scores of real data, and what training took.
    """
    write_json(folder / FILE, evaluation)


def read_evaluation(folder: Path, steps: Any, problems: list[str]) -> dict[str, Any] | None:
    """The contents of evaluation.json.

    Args:
        folder: the run's.
        steps: that the run goes on to; older scores are not its.
        problems: gets a sentence where the file is there and not read.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError(f"{FILE} holds no JSON object")
    except (OSError, ValueError) as error:
        problems.append(f"{FILE} could not be read: {error}.")
        return None
    taken = found.get("steps")
    if isinstance(steps, int) and isinstance(taken, int) and taken < steps:
        problems.append(f"{FILE} is of step {taken:,}, and the run goes on to {steps:,}.")
        return None
    return words.of_today(found)
