"""After a run that collapsed: the change that is likeliest to help, by what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kgan.advice.choosing import Candidate, command, is_same, nearest, ranked
from kgan.advice.evidence import Bench
from kgan.advice.evidence import benches as measured
from kgan.advice.looking import Data, look
from kgan.data.catalog import MIXTURES
from kgan.methods import catalog
from kgan.metrics.formatting import number
from kgan.metrics.judgement import Kept, imbalance, kept
from kgan.metrics.repeats import Repeated
from kgan.runs.config import DATA_FLAGS

_BETTER = 2
"""How many times as even shares must have been to be told."""


class Remedy(NamedTuple):
    """A sentence with its evidence, and a command."""

    sentence: str
    command: str


def remedy(
    description: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    benches: Mapping[str, Bench] | None = None,
) -> Remedy | None:
    """What is likeliest to help a run.

    Args:
        description: contents of config.json.
        evaluation: contents of evaluation.json.
        benches: by name, what was measured; by default all that the package has.

    Returns:
        None for a run that keeps all modes or classes, evenly, for a model of a user's own, and
        where nothing better was measured.
    """
    flags, found = description.get("flags"), kept(evaluation)
    if description.get("method") not in catalog.methods() or not isinstance(flags, Mapping):
        return None
    uneven = imbalance(evaluation)
    if found is None or (found.covered >= found.total and uneven is None):
        return None
    data = _data(str(description.get("dataset")), flags, found)
    near = nearest(data, measured() if benches is None else benches)
    for candidate in ranked(near, labelled=data.dataset not in ("folder", "npz")):
        if candidate.row.key == description.get("key"):
            return None  # Nothing that was measured is better than what was run.
        told = _better(candidate, found, uneven)
        if told:
            break
    else:
        return None
    row, bench = candidate.row, candidate.bench
    own = row.method == description["method"] and not row.flags.keys() - {"method"}
    setting = " with its preset's values" if own else ""
    where = "" if is_same(data, bench) else f" on {bench.title}, the nearest that was measured"
    steps = evaluation.get("steps")
    after = f" after {steps:,}" if isinstance(steps, int) else ""
    sentence = (
        f"Likeliest to help: {candidate.name}{setting}, which {told[0]} after {bench.steps:,} "
        f"steps{where}; this run has {told[1]}{after}."
    )
    more = {k: flags[k] for k in ("feature_network",) if flags.get(k)}
    asked = max(bench.steps, steps if isinstance(steps, int) else 0)
    return Remedy(sentence, command(candidate, data, asked, **more))


def _data(dataset: str, flags: Mapping[str, Any], found: Kept) -> Data:
    """What the run was trained on, without looking at files."""
    given = {name: flags[name] for name in DATA_FLAGS if flags.get(name) not in (None, False)}
    if dataset in MIXTURES:
        return look(dataset, given)
    return Data(dataset, given, None, None, round(found.total))


def _better(candidate: Candidate, found: Kept, uneven: float | None) -> tuple[str, str] | None:
    """What the row had and what the run has, in words; None where the row was not better."""
    row, bench = candidate.row, candidate.bench
    if found.covered < found.total:
        if candidate.share <= found.covered / found.total:
            return None
        has = f"{number(found.covered)} of {number(found.total)}"
        return f"kept {bench.covered(row)}", has
    if uneven is None or candidate.share < 1 or not row.imbalance:
        return None
    theirs = Repeated.of(row.imbalance)
    if _BETTER * theirs.mean > uneven:
        return None
    seeds = "one seed" if row.seeds == 1 else f"{row.seeds} seeds"
    return (
        f"kept all {bench.what} more evenly (imbalance {theirs.text()}, {seeds})",
        f"an imbalance of {uneven:.2g}",
    )
