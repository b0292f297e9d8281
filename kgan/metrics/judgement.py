"""What an evaluation says about collapse, in a sentence: modes, shares, widths, strays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kgan.metrics import words
from kgan.metrics.formatting import number

EVEN = 0.02
"""Imbalance (chi-square over samples) up to which shares are called even: real data's lie below."""
AS_WIDE = 0.1
"""By how much a spread within modes may differ from the data's and be called as wide."""
STRAY = 0.05
"""By how much fewer samples near a mode than real data have are told."""
VARIED = 0.7
"""Share of real data's recall below which samples are called less varied."""


_MOST_SHARES = 100  # More modes than that have too few samples each for their shares to be even.


class Kept(NamedTuple):
    """How many modes, or classes, are covered, of how many."""

    covered: float
    total: float
    what: str


def kept(evaluation: Mapping[str, Any]) -> Kept | None:
    """The modes or classes that an evaluation counted; None where it has no such count."""
    total = evaluation.get("modes_total") or len(_counts(evaluation))
    covered = evaluation.get("modes_covered", evaluation.get("classes_covered"))
    if covered is None or not total:
        return None
    return Kept(covered, total, "modes" if "modes_total" in evaluation else "classes")


def imbalance(evaluation: Mapping[str, Any]) -> float | None:
    """Chi-square over samples, where shares are not even; None where they are, or are not known."""
    found = _unevenness(evaluation)
    return found if found is not None and found > EVEN else None


def _unevenness(evaluation: Mapping[str, Any]) -> float | None:
    """Chi-square over samples; None where shares are not known, or there are too many modes."""
    counts, statistic = _counts(evaluation), evaluation.get("balance_chi_square")
    if statistic is None or not sum(counts) or len(counts) > _MOST_SHARES:
        return None
    return statistic / sum(counts)


def judgement(evaluation: Mapping[str, Any]) -> str:
    """One sentence on an evaluation; "" where it has nothing that this is about.

    Args:
        evaluation: of `kgan.metrics.evaluate`.
    """
    found = list(_parts(evaluation, words.of_real_data(evaluation)))
    return f"{'; '.join(found)}." if found else ""


def _parts(evaluation: Mapping[str, Any], real: Mapping[str, Any]) -> Iterator[str]:
    found = kept(evaluation)
    if found is not None:
        covered, total, what = found
        lost = f", {number(total - covered)} lost" if covered < total else ""
        yield f"{number(covered)} of {number(total)} {what}{lost}{_shares(evaluation)}"
    spread = evaluation.get(words.MODE_SPREAD)
    if spread is not None and abs(spread - 1) > AS_WIDE:
        yield f"{'tighter' if spread < 1 else 'wider'} than the data ({spread:.2f} of their spread)"
    near, real_near = evaluation.get("high_quality"), real.get("high_quality")
    if near is not None and real_near is not None and near < real_near - STRAY:
        yield f"{1 - near:.0%} of the samples near no mode (real data: {1 - real_near:.0%})"
    recall, real_recall = evaluation.get("recall"), real.get("recall")
    if recall is not None and real_recall and recall < VARIED * real_recall:
        yield f"less varied than the data (recall {recall:.2f}, real data {real_recall:.2f})"


def _counts(evaluation: Mapping[str, Any]) -> list[int]:
    points = "mode_counts" in evaluation
    return evaluation.get("mode_counts" if points else "class_histogram") or []


def _shares(evaluation: Mapping[str, Any]) -> str:
    found = _unevenness(evaluation)
    if found is None:
        return ""
    if found <= EVEN:
        return ", evenly"
    counts = _counts(evaluation)
    return f", unevenly (from {number(min(counts))} to {number(max(counts))} samples)"
