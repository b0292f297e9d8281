"""What an evaluation with several seeds found: its file, and its table on the terminal."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.errors import InputError, RunError
from kgan.files import write_json
from kgan.metrics import Repeated, RepeatedScore, formatting, over_seeds, words

# Of a file's name without its ending, and of the hash at the end of one that had to be cut.
_LONGEST, _DIGEST = 200, 10
_PATHS = ("data_dir", "feature_network")


def default_name(
    metrics: Sequence[str] | None,
    samples: int,
    first: int,
    seeds: int,
    settings: Mapping[str, Any],
) -> str:
    """A file's name that tells apart what was measured, and how.

    Args:
        metrics: those that were chosen.
        samples: of each seed.
        first: seed.
        seeds: how many.
        settings: of the data and the generator that were given, by name; of paths the last part,
            and a hash of where that is.
    """
    parts = ["+".join(metrics) if metrics else "default"]
    parts += [f"{name}-{_short(name, value)}" for name, value in settings.items()]
    last = first + seeds - 1
    parts += [f"{samples}-samples", f"seed{first}" if seeds == 1 else f"seeds{first}-{last}"]
    name = re.sub(r"[^\w.,+=-]", "_", "-".join(parts))
    if len(name) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: _LONGEST - _DIGEST - 1]}-{digest}"


def check_writable(path: Path) -> None:
    """Refuses a path that results cannot or must not be written to.

    Raises:
        InputError: a file is there that is no result of this application.
        RunError: its folder cannot be written.
    """
    if path.exists() and not _is_result(path):
        raise InputError(
            f"{path} is there and no result of apps.evaluate, and is left as it is. Give another "
            "--output or --name."
        )
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise RunError(f"{path} cannot be written. Give a file elsewhere with --output.")


def contents(about: Mapping[str, Any], evaluations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the file holds: `about`, every score over seeds, and each seed's evaluation whole."""
    found = {}
    for key, score in over_seeds(evaluations).items():
        found[key] = _plain(score.generated)
        if score.real is not None:
            found[key]["real"] = _plain(score.real)
    return {**about, "scores": found, "evaluations": list(evaluations)}


def write(path: Path, value: Mapping[str, Any]) -> None:
    """Writes the file, whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, value)
    except OSError as error:
        raise RunError(
            f"{path} cannot be written ({error.strerror}). Give a file elsewhere with --output."
        ) from error


def table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """A line for each score: mean ± deviation over seeds, the same of real data, samples."""
    first = evaluations[0]
    lines: list[tuple[str, ...]] = [("score", "generated", "real data", "samples", "real")]
    for key, score in over_seeds(evaluations).items():
        lines.append(_line(words.find(key, first), score, first))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in lines
    )


def _line(score: words.Score, repeated: RepeatedScore, found: Mapping[str, Any]) -> tuple[str, ...]:
    most = score.cap or math.inf
    total = found.get(score.total)
    label = f"{score.label}, of {formatting.number(total)}" if total else score.label
    made = repeated.generated.text(percent=score.percent)
    count = f"{int(min(found['samples'], most)):,}"
    if repeated.real is None:
        return label, made, formatting.NOTHING, count, formatting.NOTHING
    beside = {**found.get("real", {}), **found.get("inverse", {})}
    real = int(min(beside.get(score.counted) or beside["samples"], most))
    return label, made, repeated.real.text(percent=score.percent), count, f"{real:,}"


def _plain(score: Repeated) -> dict[str, Any]:
    """For the file: no mean of fewer seeds than other scores have."""
    mean, std = (None if score.missing or math.isnan(x) else x for x in (score.mean, score.std))
    return {"mean": mean, "std": std, "values": list(score.values)}


def _is_result(path: Path) -> bool:
    try:
        return {"scores", "evaluations"} <= json.loads(path.read_text()).keys()
    except (OSError, ValueError, AttributeError):
        return False


def _short(name: str, value: Any) -> str:
    # Here, as it loads Keras.
    from kgan.classifiers.pretrained import EFFICIENTNET_LITE0

    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    if name not in _PATHS or value == EFFICIENTNET_LITE0:
        return str(value)
    path = Path(value).expanduser().resolve()
    return f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:_DIGEST]}"
