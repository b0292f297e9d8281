"""The page that tells a run: report.html, self-contained, from what the run directory holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kgan.advice.remedy import remedy
from kgan.files import local_path
from kgan.metrics import formatting, words
from kgan.metrics.collapse import SINCE
from kgan.metrics.judgement import judgement
from kgan.reporting.figures import budget, encode
from kgan.reporting.figures.curves import curve_figure, loss_figure, usual_range
from kgan.reporting.figures.frames import fitted_grid
from kgan.reporting.figures.pictures import Picture, drawn
from kgan.reporting.figures.points import assign_modes, points_figure
from kgan.reporting.figures.shares import class_histogram_figure, mode_shares_figure
from kgan.reporting.pages.writing import write_page
from kgan.reporting.sections import scores
from kgan.reporting.sections.collapse import build_collapse, spans
from kgan.reporting.sections.dimensions import build_dimensions
from kgan.reporting.sections.generators import build_generators
from kgan.reporting.sections.interpolations import build_interpolations
from kgan.reporting.sections.inverse import build_inverse
from kgan.reporting.sections.neighbours import build_neighbours
from kgan.reporting.sections.player import build_player, value_range
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.artefacts.snapshot import Snapshot
from kgan.runs.run import Run
from kgan.signatures import checked

_FINAL_IMAGE_BYTES = 700_000
_MODE_COLUMNS = ("modes_covered", "modes_strict")
_NOT_CURVES = {"step", "seconds", "high_quality", "modes", *_MODE_COLUMNS}
_SAME_SCALE = 12.0
"""Losses whose ranges differ by no more than this factor share a panel."""


@checked
def write_report(run_dir: str | Path, path: str | Path | None = None) -> Path:
    """Writes report.html into a run directory, from whatever the run has written so far.

    The page needs nothing but itself: pictures, styles and the player's script are inside. Parts of
    the run that are missing (no evaluation yet, no snapshots) are left out, with a word about it.

    Args:
        run_dir: the directory, with at least config.json.
        path: of the page; by default report.html in the directory.

    Returns:
        The path of the page.

    Raises:
        RunError: if `run_dir` is no run directory, or the page cannot be written.
    """
    run = Run(run_dir)
    page = run.report_path if path is None else local_path(path, "path")
    return write_page(page, "report.html.j2", lambda: _contents(run), name="report")


def _contents(run: Run) -> dict[str, Any]:
    config, evaluation = run.description, run.evaluation or {}
    flags = config.get("flags") or {}
    made_with = {
        "git revision": config.get("git_revision"),
        "machine": config.get("machine"),
        **(config.get("versions") or {}),
    }
    return {
        "method": scores.method_name(config),
        "dataset": config.get("dataset", formatting.NOTHING),
        "seed": evaluation.get("seed", flags.get("seed", formatting.NOTHING)),
        "directory": run.path.resolve().name,
        "problems": run.problems,
        "evaluated": run.evaluation is not None,
        "judgement": judgement(evaluation),
        "remedy": remedy(config, evaluation),
        "cards": scores.cards(run),
        "facts": scores.facts(run),
        "score_rows": scores.score_rows(evaluation),
        "samples_scored": evaluation.get("samples") and formatting.number(evaluation["samples"]),
        "settings": scores.settings(flags),
        "model": scores.settings(config.get("model")),
        "made_with": scores.settings(made_with),
        "command": scores.command_line(config),
        "images": bool(run.snapshots) and run.snapshots[-1].samples.ndim == 4,
        "final": _final_samples(run),
        "dimensions": 2 if run.real is None else run.real.dimensions,
        "modes_known": run.real is not None and run.real.means is not None,
        "generators": build_generators(run),
        "inverse": build_inverse(run),
        "player": build_player(run),
        "interpolations": build_interpolations(run),
        "neighbours": build_neighbours(run),
        "ranking": build_dimensions(run),
        "classes": _classes(run),
        "collapse": build_collapse(run.events),
        "curves": _loss_curves(run) + _other_curves(run),
    }


def _final_samples(run: Run) -> list[Picture]:
    """The last samples large, beside what they are to be held against."""
    if not run.snapshots:
        return []
    last = run.snapshots[-1].samples
    # Of a generator that is not a run's nothing is known of steps.
    step = f", step {run.snapshots[-1].step:,}" if run.flags else ""
    if last.ndim == 2:
        return [_points(run.snapshots[-1], run.real, step), *_mode_shares(run)]
    pictures = [_images(last, run, f"Generated{step}")]
    if run.real is not None:
        spread = np.linspace(0, len(run.real.samples) - 1, 64).astype(int)
        pictures.append(_images(run.real.samples[np.unique(spread)], run, "Real data"))
    return pictures


def _images(images: np.ndarray, run: Run, title: str) -> Picture:
    png, _ = fitted_grid(images, value_range(run), budget.allowed(_FINAL_IMAGE_BYTES))
    return Picture(title, uri=encode.data_uri(png))


def _points(last: Snapshot, real: RealData | None, step: str) -> Picture:
    if real is None:
        return drawn(f"Generated points{step}", "points", points_figure(last.samples, title=""))
    modes = real.samples, real.means, real.std
    figure = points_figure(last.samples, *modes, among=last.near, title="")
    return drawn(f"Generated points over real ones{step}", "points", figure)


def _mode_shares(run: Run) -> list[Picture]:
    """From the evaluation's many samples, or else from those of the last snapshot."""
    real = run.real
    if real is None or real.modes is None or real.weights is None:
        return []
    shares = run.mode_shares
    if shares is None:
        last = run.snapshots[-1]
        shares = assign_modes(last.samples, *real.modes, last.near).shares
    figure = mode_shares_figure(shares, real.weights, title="")
    return [drawn("Share of the samples in each mode", "shares", figure)]


def _classes(run: Run) -> Picture | None:
    names = None if run.real is None else run.real.class_names
    histograms = scores.class_histograms(run.evaluation, names)
    if histograms is None:
        return None
    figure = class_histogram_figure(*histograms, title="")
    return drawn("Share of the samples in each class", "classes", figure)


def _loss_curves(run: Run) -> list[Picture]:
    """A wide panel for every group of losses of about the same scale."""
    metrics = run.metrics
    names = [name for name in metrics if "loss" in name and not name.startswith(SINCE)]
    losses = {name: metrics[name] for name in names}
    ranges = {name: _range(column) for name, column in losses.items()}
    groups: list[list[str]] = []
    for name in losses:
        for group in groups:
            sizes = [ranges[other] for other in group] + [ranges[name]]
            if max(sizes) <= _SAME_SCALE * min(sizes):
                group.append(name)
                break
        else:
            groups.append([name])
    pictures = []
    for index, group in enumerate(groups):
        columns = {"step": metrics["step"]}
        columns |= {words.spelled(name): metrics[name] for name in group}
        title = words.spelled(group[0]) if len(group) == 1 else "Losses"
        figure = loss_figure(columns, title="", marks=spans(run.events, group))
        pictures.append(drawn(title, f"losses-{index}", figure, wide=True))
    return pictures


def _other_curves(run: Run) -> list[Picture]:
    """A panel for the modes, one for the quality, and one for every other scalar."""
    metrics = run.metrics
    panels: list[tuple[str, dict[str, np.ndarray], dict[str, Any]]] = []
    modes = {words.find(name).name: metrics[name] for name in _MODE_COLUMNS if name in metrics}
    if modes:
        total = scores.modes_total(run)
        reference = None if total is None else (float(total), f"all {total} modes")
        marks = spans(run.events, _MODE_COLUMNS)
        kind = {"smooth": False, "reference": reference, "marks": marks}
        panels.append(("Modes found", modes, kind))
    if "high_quality" in metrics:
        projected = run.real is not None and run.real.dimensions > 2
        quality = words.find("high_quality", {"off_plane": None} if projected else None)
        kind = {"smooth": False, "percent": True}
        panels.append((quality.label, {quality.name: metrics["high_quality"]}, kind))
    beside = {_beside(name, metrics)[0] for name in metrics}
    for name, column in metrics.items():
        if name in _NOT_CURVES | beside or "loss" in name or name.startswith(SINCE):
            continue
        columns = {name: column}
        other, label = _beside(name, metrics)
        if other:
            columns = {"measured": column, label: metrics[other]}
        panels.append((words.find(name).name, columns, {"marks": spans(run.events, [name])}))
    pictures = []
    for index, (title, columns, options) in enumerate(panels):
        # Two in a row; one that would stand alone takes the whole row.
        wide = index == len(panels) - 1 and index % 2 == 0
        size = (11.0, 2.7) if wide else (5.4, 2.7)
        figure = curve_figure({"step": metrics["step"], **columns}, title="", size=size, **options)
        pictures.append(drawn(title, f"curve-{index}", figure, wide=wide))
    return pictures


def _beside(name: str, metrics: Mapping[str, Any]) -> tuple[str, str]:
    """The column that a column is to be held against, and what it is; "" for none."""
    known = {f"real_{name}": "of real data", f"{name}_floor": "of a perfect batch"}
    return next(((column, told) for column, told in known.items() if column in metrics), ("", ""))


def _range(column: np.ndarray) -> float:
    return 1e-9 + (float(np.ptp(usual_range(column))) if np.isfinite(column).any() else 0.0)
