"""What went wrong while a run trained, read off its metrics.csv."""

from __future__ import annotations

from pathlib import Path

from kgan.metrics.collapse import SINCE, CollapseEvent, replay
from kgan.runs.artefacts.metrics_log import rows_by_step


def read_events(path: Path) -> tuple[CollapseEvent, ...] | None:
    """The events that a metrics.csv tells of; None if nobody watched for them."""
    rows = [row for row in rows_by_step(path) if row["step"].isdigit()]
    if not rows or not any(name.startswith(SINCE) for name in rows[0]):
        return None
    return tuple(replay(rows).events)
