"""Where the presets' values come from, in words: what differs from papers in a table, and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kgan.methods import catalog
from kgan.methods.provenance import KINDS, Provenance, counts, of_method, provenance, revision
from kgan.studies.results import Outcome
from kgan.studies.table import aligned


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """What values are not what a method's paper or code has, a sentence for each reason.

    Values that the rows' own flags set are theirs, and left out.
    """
    presets: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        preset = _preset(outcome)
        for one in provenance(preset) if preset else ():
            if one.differs and one.name not in _flags(outcome):
                names = presets.setdefault((beside(one), one.why), [])
                names += [] if preset in names else [preset]
    by_reason: dict[tuple[str, str], list[str]] = {}
    for (value, why), names in presets.items():
        by_reason.setdefault((why, ", ".join(names)), []).append(value)
    lines = [
        f"{names}: {'; '.join(values)}{why and f'. Why: {why}'}."
        for (why, names), values in by_reason.items()
    ]
    if any(map(_preset, outcomes)):
        lines.append(
            "Where papers and their code are silent, values are ours: `kgan provenance "
            "--preset=NAME` says why of each."
        )
    return lines


def coverage() -> str:
    """By method, how many values of its presets are of which kind, and its published code."""
    lines = [["method", *KINDS, "published code"]]
    for name, entry in catalog.methods().items():
        found = of_method(name).values()
        kinds = counts(one for values in found for one in values)
        code = f"{entry.code} {revision(name)}" if entry.code else "none that we found"
        lines.append([name, *map(str, kinds.values()), code])
    return aligned(lines)


def listed(preset: str) -> str:
    """The values of a preset, each with its source.

    Raises:
        InputError: if there is none of that name.
    """
    lines = [["value", "", "from", "where, or why"]]
    for one in provenance(preset):
        told = one.where if one.kind != "ours" else one.why
        others = [f"{shown(s.value)} ({s.where})" for s in one.stated if s.value != one.value]
        said = f"; elsewhere {', '.join(others)}" if others else ""
        lines.append([one.name, shown(one.value), one.kind, told + said])
    return aligned(lines)


def beside(one: Provenance) -> str:
    """A value beside what papers and code have."""
    others = [f"{shown(s.value)} ({s.where})" for s in one.stated if s.value != one.value]
    own = f"{shown(one.value)} ({one.where})" if one.where else shown(one.value)
    return f"`{one.name}` is {own}, not {' or '.join(dict.fromkeys(others))}"


def shown(value: Any) -> str:
    """A value in words."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int) or (isinstance(value, float) and value == int(value)):
        return f"{int(value):,}"
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _preset(outcome: Outcome) -> str:
    """Name of the preset of a row's method for its data set; empty for what is no method's."""
    flags = _flags(outcome)
    entry = catalog.methods().get(flags.get("method", outcome.row.method))
    if entry is None:
        return ""
    if "preset" in flags:
        return str(flags["preset"])
    dataset = outcome.row.dataset
    return f"{entry.name}_{dataset if dataset in entry.presets else 'images'}"


def _flags(outcome: Outcome) -> Mapping[str, Any]:
    return outcome.runs[0].flags if outcome.runs else outcome.row.flags
