"""Reads a run directory into memory, as far as it has come."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgan.errors import RunError
from kgan.metrics.collapse import CollapseEvent
from kgan.reporting.arrays import class_labels, load_arrays
from kgan.reporting.ending_files import (
    Dimensions,
    Interpolations,
    Neighbours,
    read_dimensions,
    read_interpolations,
    read_neighbours,
)
from kgan.reporting.inverse_files import Inversion, read_inversion
from kgan.reporting.sections.collapse import read_events

MOST_SNAPSHOTS = 40


@dataclass(frozen=True)
class Snapshot:
    """Samples at one step.

    Attributes:
        step: steps taken before.
        samples: images (n, height, width, channels) or points (n, 2).
        embeddings: (m, d) of real data by the discriminator, for MD-GAN.
        labels: (m,) int, the mode or class of these real data.
        generators: (n,) int from 0, which generator of a mixture made each sample.
        by_generator: (K, m, height, width, channels), images of each generator of a mixture.
        near: (n,) bool, of points seen in a projection: which are near a mode in all dimensions.
    """

    step: int
    samples: np.ndarray
    embeddings: np.ndarray | None
    labels: np.ndarray | None
    generators: np.ndarray | None = None
    by_generator: np.ndarray | None = None
    near: np.ndarray | None = None


@dataclass(frozen=True)
class RealData:
    """Real examples to compare with.

    Attributes:
        samples: as in `Snapshot`.
        labels: (n,) int or None.
        means: (modes, 2) centres of 2-D data, or None.
        std: (modes,) or a number, with `means`.
        weights: (modes,) true weights, with `means`; the shares of `labels` where not stored.
        class_names: one for every class, or None.
        dimensions: of points; where they are more than 2, all points of the run are seen in the
            plane of the modes.
    """

    samples: np.ndarray
    labels: np.ndarray | None = None
    means: np.ndarray | None = None
    std: np.ndarray | None = None
    weights: np.ndarray | None = None
    class_names: tuple[str, ...] | None = None
    dimensions: int = 2


@dataclass(frozen=True)
class RunFiles:
    """What a run directory holds.

    Attributes:
        path: the directory.
        config: config.json.
        metrics: the columns of metrics.csv, NaN in empty cells; has "step" when it is not empty.
        snapshots: samples/step_*.npz in order of the steps; of more than 40 an even choice.
        real: samples/real.npz, if written.
        inversion: samples/inverse.npz, if written.
        interpolations: samples/interpolations.npz, if written.
        neighbours: samples/neighbours.npz, if written.
        dimensions: samples/dimensions.npz, if written.
        evaluation: evaluation.json, if written.
        problems: sentences about files that could not be read.
        collapse: what the log tells of mode collapse; None if nobody watched for it.
    """

    path: Path
    config: Mapping[str, Any]
    metrics: Mapping[str, np.ndarray]
    snapshots: tuple[Snapshot, ...]
    real: RealData | None
    inversion: Inversion | None
    interpolations: Interpolations | None
    neighbours: Neighbours | None
    dimensions: Dimensions | None
    evaluation: Mapping[str, Any] | None
    problems: tuple[str, ...]
    collapse: tuple[CollapseEvent, ...] | None = None


def _of_all_steps(
    evaluation: Mapping[str, Any], config: Mapping[str, Any], problems: list[str]
) -> Mapping[str, Any] | None:
    """The scores, but not those of a run that has been sent on since."""
    flags = config.get("flags")
    steps = flags.get("steps") if isinstance(flags, Mapping) else None
    taken = evaluation.get("steps") if isinstance(evaluation, Mapping) else None
    if not (isinstance(steps, int) and isinstance(taken, int) and taken < steps):
        return evaluation
    problems.append(f"evaluation.json is of step {taken:,}, and the run goes on to {steps:,}.")
    return None


def read_run(run_dir: str | Path) -> RunFiles:
    """Reads everything in `run_dir` that a report needs; what is missing or broken is left out.

    Raises:
        RunError: if there is no directory of that name, or no readable config.json in it.
    """
    path = Path(run_dir)
    problems: list[str] = []
    try:
        config = _read_json(path / "config.json")
    except (OSError, ValueError) as error:
        raise RunError(
            f"A report needs a run directory with a readable config.json. Received: {path} "
            f"({error}). Give the directory that training wrote (--output_dir)."
        ) from error
    evaluation = None
    if (path / "evaluation.json").exists():
        try:
            evaluation = _read_json(path / "evaluation.json")
        except (OSError, ValueError) as error:
            problems.append(f"evaluation.json could not be read: {error}.")
        else:
            evaluation = _of_all_steps(evaluation, config, problems)
    return RunFiles(
        path=path,
        config=config,
        metrics=read_metrics(path / "metrics.csv"),
        snapshots=_read_snapshots(path / "samples", problems),
        real=_read_real(path / "samples" / "real.npz", problems),
        inversion=read_inversion(path / "samples" / "inverse.npz", problems),
        interpolations=read_interpolations(path / "samples" / "interpolations.npz", problems),
        neighbours=read_neighbours(path / "samples" / "neighbours.npz", problems),
        dimensions=read_dimensions(path / "samples" / "dimensions.npz", problems),
        evaluation=evaluation,
        problems=tuple(problems),
        collapse=read_events(path / "metrics.csv"),
    )


def read_metrics(path: Path) -> dict[str, np.ndarray]:
    """The columns of a CSV file with a `step` column, as float64 arrays.

    Cells that are empty, missing or no number become NaN; rows without a step are left out; of
    rows with the same step (a run that was killed and resumed) the last counts.

    Returns:
        Columns in the file's order, rows in the order of the steps; {} without file or rows.
    """
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, restkey="", restval=""))
    by_step = {_number(row.get("step")): row for row in rows}
    steps = sorted(step for step in by_step if np.isfinite(step))
    if not steps:
        return {}
    names = [name for name in rows[0] if name]
    return {name: np.array([_number(by_step[step][name]) for step in steps]) for name in names}


def counted_shares(run: RunFiles) -> np.ndarray | None:
    """(modes,) the share of the evaluation's samples near each mode; None where it has none."""
    told = run.evaluation or {}
    counts, samples = told.get("mode_counts") or (), told.get("samples")
    if run.real is None or run.real.means is None or not samples:
        return None
    modes = len(run.real.means)
    # Modes of weight 0 are not counted.
    present = np.ones(modes, bool) if run.real.weights is None else run.real.weights > 0
    if len(counts) == present.sum():
        shares = np.zeros(modes)
        shares[present] = np.asarray(counts) / samples
        return shares
    return np.asarray(counts) / samples if len(counts) == modes else None


def evenly(count: int, most: int) -> list[int]:
    """Up to `most` of the indices below `count`, the first and the last among them."""
    if not count:
        return []
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()


def _number(cell: str | None) -> float:
    try:
        return float(cell or "nan")
    except ValueError:
        return float("nan")


def _read_json(path: Path) -> Mapping[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} holds no JSON object")
    return content


def _read_arrays(path: Path, problems: list[str]) -> Mapping[str, np.ndarray] | None:
    """The arrays of an npz file with `samples` in it; None, and a problem, if there are none."""
    arrays = load_arrays(path, problems)
    if arrays is None:
        return None
    shape = arrays["samples"].shape if "samples" in arrays else ()
    if not (shape and shape[0] and (len(shape) == 4 or (len(shape) == 2 and shape[1] == 2))):
        problems.append(f"samples/{path.name} holds neither images nor points: shape {shape}.")
        return None
    return arrays


def _read_snapshots(folder: Path, problems: list[str]) -> tuple[Snapshot, ...]:
    paths = {}
    for path in folder.glob("step_*.npz"):
        digits = path.stem.removeprefix("step_")
        if digits.isdigit():
            paths[int(digits)] = path
    steps = sorted(paths)
    snapshots = []
    for step in [steps[index] for index in evenly(len(steps), MOST_SNAPSHOTS)]:
        arrays = _read_arrays(paths[step], problems)
        if arrays is not None:
            found = arrays["samples"], arrays.get("embeddings"), class_labels(arrays)
            made_by = _generators(arrays, paths[step].name, problems)
            near = arrays.get("near")
            if near is not None and near.shape != arrays["samples"].shape[:1]:
                near = None
            snapshots.append(Snapshot(step, *found, *made_by, near))
    return tuple(snapshots)


def _generators(
    arrays: Mapping[str, np.ndarray], name: str, problems: list[str]
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """`generators` and `by_generator`, None where absent; and a problem where they do not fit."""
    samples, makers, rows = (arrays.get(key) for key in ("samples", "generators", "by_generator"))
    assert samples is not None
    if makers is not None:
        fits = makers.shape == samples.shape[:1] and makers.dtype.kind in "iu"
        if not fits or makers.min() < 0:
            problems.append(f"samples/{name}: its generators do not fit its samples.")
            makers = None
    if rows is not None and (
        rows.ndim != 5 or rows.shape[2:] != samples.shape[1:] or not rows.size
    ):
        problems.append(f"samples/{name}: its images by generator do not fit its samples.")
        rows = None
    return makers, rows


def _read_real(path: Path, problems: list[str]) -> RealData | None:
    arrays = _read_arrays(path, problems) if path.exists() else None
    if arrays is None:
        return None
    labels, means, weights = class_labels(arrays), arrays.get("means"), arrays.get("weights")
    if weights is None and means is not None and labels is not None:
        weights = np.bincount(labels, minlength=len(means)) / max(len(labels), 1)
    names = arrays.get("class_names")
    return RealData(
        samples=arrays["samples"],
        labels=labels,
        means=means,
        std=arrays.get("std"),
        weights=weights,
        class_names=None if names is None else tuple(str(name) for name in names),
        dimensions=int(arrays.get("dimensions", 2)),
    )
