"""On what and when the runs of a table ran, and what its rows differ in."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from kgan.studies.records import Record
from kgan.studies.results import Outcome


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """On what and when the runs ran; where that differs, what is of which rows."""
    records = [record for outcome in outcomes for record in outcome.records.values()]
    if not records:
        return []
    days = [datetime.date.fromisoformat(record.evaluated) for record in records]
    found: dict[str, dict[str, list[str]]] = {}
    for outcome in outcomes:
        for record in outcome.records.values():
            for name, value in _environment(record).items():
                rows = found.setdefault(name, {}).setdefault(value, [])
                label = f"{outcome.row.label} on {outcome.row.dataset}"
                rows += [] if label in rows else [label]
    same = [f"{name} {next(iter(values))}" for name, values in found.items() if len(values) == 1]
    differing = [
        f"The runs differ in {name}: {_by_value(values)}"
        for name, values in found.items()
        if len(values) > 1
    ]
    proofs = dict.fromkeys(record.proof for record in records if record.proof)
    return [
        f"Runs of {_span(days)}: {', '.join(same)}",
        *differing,
        *(f"Taken over from other code: {proof}" for proof in proofs),
        *(
            f"Images of {dataset} are compared in the features of {', '.join(names)}"
            for dataset, names in feature_networks(outcomes).items()
        ),
        "Training time: mean over seeds, without start and evaluation; runs may have shared the "
        "machine",
    ]


def _by_value(rows: Mapping[str, Sequence[str]]) -> str:
    """Values, and which rows have each; the most frequent one last, without its rows."""
    *rest, most = sorted(rows, key=lambda value: len(rows[value]))
    told = [f"{value} ({', '.join(rows[value])})" for value in rest]
    return "; ".join([*told, f"{most} (the others)"])


def _environment(record: Record) -> dict[str, str]:
    """What may differ from row to row, in words."""
    environment = record.environment
    conditions = environment.get("conditions") or {}
    found = {
        "processor": conditions.get("processor"),
        "machine": environment.get("machine"),
        "threads": conditions.get("threads"),
        "oneDNN": conditions.get("onednn"),
        "revision": environment.get("git_revision"),
        **(environment.get("versions") or {}),
    }
    return {name: str(value or "not recorded") for name, value in found.items()}


def _span(days: Sequence[datetime.date]) -> str:
    first, last = min(days).isoformat(), max(days).isoformat()
    return first if first == last else f"{first} to {last}"


def feature_networks(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """By data set, the networks in whose features its images were compared."""
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        names = found.setdefault(outcome.row.dataset, [])
        names += [name for name in outcome.every("feature_network") if name not in names]
    return {dataset: names for dataset, names in found.items() if names}
