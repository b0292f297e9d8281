"""Names that flags had in former versions: their runs go on, and their results keep their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# By method: former names and today's, and flags that are newer, with what holds without them.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "mimgan": {
        "network": "classifier_network",
        "attributes": "classifier_attributes",
        "noise": "classifier_noise",
        "label_smoothing": "classifier_label_smoothing",
    }
}
_NEWER: Mapping[str, Mapping[str, Any]] = {"mimgan": {"classifier_any_attribute": False}}


def of_today(method: str, flags: Mapping[str, Any]) -> dict[str, Any]:
    """Flags as a run kept them, under the names that they have today."""
    renamed = _RENAMED.get(method, {})
    there = renamed.keys() & flags.keys()
    found = {renamed.get(name, name): value for name, value in flags.items()}
    return {**_NEWER.get(method, {}), **found} if there else found


def as_keyed(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as keys of results have them: under the first names, without newer defaults."""
    before = {today: first for first, today in _RENAMED.get(method, {}).items()}
    newer = _NEWER.get(method, {})
    return {
        before.get(name, name): value
        for name, value in arguments.items()
        if name not in newer or value != newer[name]
    }
