"""The report of what is no run: somebody's generator, or samples."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from kgan import data, reporting
from kgan.commands.evaluations.subjects import Subject
from kgan.runs.artefacts.description import write_description
from kgan.runs.artefacts.evaluation import write_evaluation
from kgan.runs.artefacts.real_data import choose_real
from kgan.runs.artefacts.snapshot import SNAPSHOT_SEED, take_snapshot
from kgan.runs.environment import environment

_SHOWN = {"points": 2_500, "images": 64}


def write(
    path: Path, subject: Subject, dataset: data.Dataset, source: Any, evaluation: Mapping[str, Any]
) -> Path:
    """Writes the page: scores, and samples beside real data.

    Args:
        path: of the page.
        subject: what was measured.
        dataset: the real data.
        source: draws samples.
        evaluation: what `kgan.metrics.evaluate` gave, of one seed.

    Returns:
        `path`.

    Raises:
        RunError: it cannot be written.
    """
    value_range = getattr(source, "value_range", None)
    if dataset.is_images and value_range is not None:
        dataset = dataset.with_value_range(value_range)
    count = min(_SHOWN["images" if dataset.is_images else "points"], evaluation["samples"])
    drawer = SimpleNamespace(sample=source.sample)  # Of whom no more is asked.
    snapshot = take_snapshot(drawer, dataset, 0, count, np.arange(0))
    rows = np.random.default_rng(SNAPSHOT_SEED).permutation(len(dataset))[:count]
    title = subject.title[0].upper() + subject.title[1:]
    told = {"method": title, "dataset": subject.dataset}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, path.stem)
        (folder / "samples").mkdir(parents=True)
        write_description(folder, {**environment(), **told})
        choose_real(dataset, np.sort(rows)).write(folder / "samples")
        snapshot.write(folder / "samples")
        write_evaluation(folder, evaluation)
        return reporting.write_report(folder, path)
