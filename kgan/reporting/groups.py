"""Runs side by side: which differ only by their seed, and in what the others differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics import formatting
from kgan.reporting.sections import scores
from kgan.runs.run import Run

# Where files are and what happens after training. --method is the method's, and has its own place.
_SAME_GAME = {"seed", "method", "output_dir", "data_dir", "resume", "export", "evaluate"}
_SAME_GAME |= {"watch_collapse"}
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Group:
    """Runs of the same configuration, one for each seed.

    Attributes:
        label: what tells it from the other groups, in words.
        runs: in the order of their seeds.
    """

    label: str
    runs: Sequence[Run]

    @property
    def seeds(self) -> str:
        """The seeds in words: "seed 0", "seeds 0 to 4", "seeds 0, 3"."""
        found = [seed(run) for run in self.runs]
        if len(found) == 1:
            return f"seed {found[0]}"
        whole = [value for value in found if isinstance(value, int)]
        if len(found) > 2 and whole == list(range(whole[0], whole[0] + len(found))):
            return f"seeds {whole[0]} to {whole[-1]}"
        return f"seeds {', '.join(map(str, found))}"

    @property
    def evaluations(self) -> list[Mapping[str, Any]]:
        """Contents of evaluation.json, of the runs that have it."""
        return [run.evaluation for run in self.runs if run.evaluation is not None]


def read_groups(run_dirs: Sequence[str | Path]) -> list[Group]:
    """Reads runs on one data set, and groups those that differ only by their seed.

    Two runs with the same seed and flags are told apart by their git revision, or else by their
    directories.

    Args:
        run_dirs: the directories; one that is named twice counts once.

    Returns:
        Groups in the order of their first runs.

    Raises:
        RunError: if one is no run directory.
        InputError: fewer than two runs, or runs on different data.
    """
    paths = list({Path(path).resolve(): Path(path) for path in run_dirs}.values())
    if len(paths) < 2:
        told = ", ".join(map(str, paths)) or "none"
        raise InputError(f"A comparison needs at least two run directories. Received: {told}")
    runs = [Run(path) for path in paths]
    for run in runs[1:]:
        _check_same_data(runs[0], run)
    parts = [
        smallest for part in _parted(runs, _configuration) for smallest in _one_of_each_seed(part)
    ]
    labels = _labels(parts)
    return [
        Group(label, sorted(part, key=lambda run: str(seed(run)).zfill(12)))
        for label, part in zip(labels, parts, strict=True)
    ]


def seed(run: Run) -> Any:
    """The run's seed; a dash where it is not told."""
    return run.flags.get("seed", formatting.NOTHING)


def different_flags(groups: Sequence[Group]) -> list[tuple[str, list[str]]]:
    """Flags whose values differ between groups: the name, and a text for each group.

    Git revision, machine and versions are among them where they differ.
    """
    return [
        (name, [scores.format_setting(value) for value in values])
        for name, values in _values([group.runs[0] for group in groups]).items()
        if len({_text(value) for value in values}) > 1
    ]


def same_flags(groups: Sequence[Group]) -> list[tuple[str, str]]:
    """Flags that all groups share: the name and a text."""
    return [
        (name, scores.format_setting(values[0]))
        for name, values in _values([group.runs[0] for group in groups]).items()
        if len({_text(value) for value in values}) == 1
    ]


def _values(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """By name, the setting of every run: flags first, then what it was made with."""
    names = sorted({name for run in runs for name in run.flags} - _SAME_GAME, key=str)
    found = {name: [run.flags.get(name) for run in runs] for name in names}
    for name in ("git_revision", "machine", "versions"):
        told = [run.description.get(name) for run in runs]
        if name == "versions":
            told = [", ".join(f"{k} {v}" for k, v in (some or {}).items()) for some in told]
        found[name.replace("_", " ")] = told
    return found


def _configuration(run: Run) -> str:
    flags = {name: value for name, value in run.flags.items() if name not in _SAME_GAME}
    return _text([run.description.get("method"), flags])


def _parted(runs: Sequence[Run], key: Callable[[Run], str]) -> list[list[Run]]:
    """The runs with the same key together, in the order of their first ones."""
    parts: dict[str, list[Run]] = {}
    for run in runs:
        parts.setdefault(key(run), []).append(run)
    return list(parts.values())


def _one_of_each_seed(runs: Sequence[Run]) -> list[list[Run]]:
    """Parts in which no seed is there twice."""
    parts = [list(runs)]
    keys: list[Callable[[Run], str]] = [
        lambda run: _text(run.description.get("git_revision")),
        lambda run: str(run.path.resolve()),
    ]
    for key in keys:
        if all(len({_text(seed(run)) for run in part}) == len(part) for part in parts):
            return parts
        parts = _parted(runs, key)
    return parts


def _labels(parts: Sequence[Sequence[Run]]) -> list[str]:
    """The method, with the flags in which it differs from others of the same method."""
    firsts = [part[0] for part in parts]
    labels = []
    for run in firsts:
        method = run.description.get("method")
        same = [other for other in firsts if other.description.get("method") == method]
        told = [
            f"{name}={scores.format_setting(values[same.index(run)])}"
            for name, values in _values(same).items()
            if name in run.flags and len({_text(value) for value in values}) > 1
        ]
        labels.append(" ".join([scores.method_name(run.description), *told]))
    return [
        label
        if labels.count(label) == 1 and len(label) <= _LONGEST_NAME
        else f"{scores.method_name(run.description)} ({_directory(run)})"
        for label, run in zip(labels, firsts, strict=True)
    ]


def _directory(run: Run) -> str:
    """The directory's name, with its parent's: `.../before/run` and `.../after/run` differ."""
    return "/".join(run.path.resolve().parts[-2:])


def _check_same_data(first: Run, other: Run) -> None:
    """Refuses runs whose scores say nothing about each other."""
    names = [str(run.description.get("dataset", formatting.NOTHING)) for run in (first, other)]
    if names[0] == names[1]:
        if first.real is None or other.real is None or _same_real(first, other):
            return
        names = [
            f"{name} of {_shape(run)}" for name, run in zip(names, (first, other), strict=True)
        ]
    raise InputError(
        "Runs can only be compared on the same data. Received: "
        f"{names[0]} in {first.path}, {names[1]} in {other.path}"
    )


def _same_real(first: Run, other: Run) -> bool:
    """Whether the modes are the same, or the images' shape and origin."""
    assert first.real is not None and other.real is not None
    if first.real.means is None or other.real.means is None:
        own = first.description.get("dataset") in ("npz", "folder")
        folders = {str(run.flags.get("data_dir")) for run in (first, other)}
        same = first.real.samples.shape[1:] == other.real.samples.shape[1:]
        return same and not (own and len(folders) > 1)
    if first.real.means.shape != other.real.means.shape:
        return False
    if first.real.dimensions != other.real.dimensions:
        return False
    alike = np.allclose(first.real.means, other.real.means)
    if first.real.std is not None and other.real.std is not None:
        alike = alike and np.allclose(first.real.std, other.real.std)
    if first.real.weights is not None and other.real.weights is not None:
        # Those that were not stored are the shares of some thousand points.
        alike = alike and np.allclose(first.real.weights, other.real.weights, atol=0.02)
    return bool(alike)


def _shape(run: Run) -> str:
    """What makes a data set of this name another one, in words."""
    assert run.real is not None
    if run.real.means is not None:
        std = np.unique(np.asarray(run.real.std, np.float64).round(6))
        widths = " to ".join(f"{value:g}" for value in np.unique(std[[0, -1]]))
        told = f"{len(run.real.means)} modes with std {widths}"
        if run.real.weights is None:
            return told
        weights = np.asarray(run.real.weights, np.float64)
        return f"{told}, weights {weights.min():.3g} to {weights.max():.3g}"
    size = " x ".join(map(str, run.real.samples.shape[1:]))
    folder = run.flags.get("data_dir")
    return f"{size}, {folder}" if folder else size


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
