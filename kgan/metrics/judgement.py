"""What an evaluation says about collapse, in a sentence: modes, shares, widths, strays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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


def judgement(evaluation: Mapping[str, Any]) -> str:
    """One sentence on an evaluation; "" where it has nothing that this is about.

    Args:
        evaluation: of `kgan.metrics.evaluate`.
    """
    found = list(_parts(evaluation, words.of_real_data(evaluation)))
    return f"{'; '.join(found)}." if found else ""


def _parts(evaluation: Mapping[str, Any], real: Mapping[str, Any]) -> Iterator[str]:
    points = "mode_counts" in evaluation
    counts = evaluation.get("mode_counts" if points else "class_histogram") or []
    total = evaluation.get("modes_total") or len(counts)
    covered = evaluation.get("modes_covered", evaluation.get("classes_covered"))
    if covered is not None and total:
        of_what = "modes" if "modes_total" in evaluation else "classes"
        lost = f", {number(total - covered)} lost" if covered < total else ""
        yield f"{number(covered)} of {number(total)} {of_what}{lost}{_shares(evaluation, counts)}"
    spread = evaluation.get(words.MODE_SPREAD)
    if spread is not None and abs(spread - 1) > AS_WIDE:
        yield f"{'tighter' if spread < 1 else 'wider'} than the data ({spread:.2f} of their spread)"
    near, real_near = evaluation.get("high_quality"), real.get("high_quality")
    if near is not None and real_near is not None and near < real_near - STRAY:
        yield f"{1 - near:.0%} of the samples near no mode (real data: {1 - real_near:.0%})"
    recall, real_recall = evaluation.get("recall"), real.get("recall")
    if recall is not None and real_recall and recall < VARIED * real_recall:
        yield f"less varied than the data (recall {recall:.2f}, real data {real_recall:.2f})"


def _shares(evaluation: Mapping[str, Any], counts: list[int]) -> str:
    statistic, counted = evaluation.get("balance_chi_square"), sum(counts)
    if statistic is None or not counted or len(counts) > 100:
        return ""
    if statistic / counted <= EVEN:
        return ", evenly"
    return f", unevenly (from {number(min(counts))} to {number(max(counts))} samples)"
