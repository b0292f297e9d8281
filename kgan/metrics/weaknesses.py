"""What a model does badly, in sentences that follow from its scores by rule. No TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kgan.metrics import words
from kgan.metrics.formatting import number

TOO_TIGHT, TOO_WIDE = 0.8, 1.25
"""Spreads within modes, over the data's, beyond which they are told: sooner than a warning is."""
WORSE = 0.05
"""By what part a score is worse than another model's where it is told: one seed tells no less."""
_SHARE = 0.02  # Of samples or of a share of 1, that real data may have more.
_UNLIKELY = 0.01  # Of a p-value.
_HALF = 0.5  # A generator: counts by what is drawn are never whole.

Scores = Mapping[str, Any]


def weaknesses(scores: Scores, plain: Scores | None = None, name: str = "GAN") -> list[str]:
    """Sentences, the gravest first; none where no rule has found anything.

    Args:
        scores: of an evaluation, `real` with the same of real data in it.
        plain: of the plain GAN on the same data; None where there are none.
        name: what that is called.
    """
    found = [told for rule in _RULES for told in rule(scores, words.of_real_data(scores))]
    return found + ([] if plain is None else list(_beside(scores, plain, name)))


def _lost(scores: Scores, real: Scores) -> Iterator[str]:
    covered, total = _of("modes_covered", scores), _of("modes_total", scores)
    if covered < total:
        yield f"It has lost {number(total - covered)} of {number(total)} modes."
    classes, all_classes = _of("classes_covered", scores), _of("classes_covered", real)
    if classes < all_classes:
        yield f"It has lost {number(all_classes - classes)} of {number(all_classes)} classes."
    strict, covered = _of("modes_strict", scores), min(_of("modes_covered", scores), total)
    if strict < covered:
        yield f"{number(covered - strict)} more of its modes have hardly any sample."


def _off(scores: Scores, real: Scores) -> Iterator[str]:
    quality, wanted = _of("high_quality", scores), _of("high_quality", real)
    if quality < wanted - _SHARE:
        yield (
            f"{1 - quality:.1%} of its samples are far from every mode; of real data "
            f"{1 - wanted:.1%}."
        )


def _spread(scores: Scores, real: Scores) -> Iterator[str]:
    spread = _of(words.MODE_SPREAD, scores)
    if spread < TOO_TIGHT or spread > TOO_WIDE:
        kind = "tight" if spread < 1 else "wide"
        yield (
            f"Its samples are too {kind} within their modes or classes: they spread {spread:.2f} "
            "times as far as the data."
        )


def _unbalanced(scores: Scores, real: Scores) -> Iterator[str]:
    p, square = _of("balance_p_value", scores), _of("balance_chi_square", scores)
    if p < _UNLIKELY:
        yield (
            "Its modes or classes are not as frequent as the data's: chi-square "
            f"{number(round(square, 1))}, of real data {_shown('balance_chi_square', real)}."
        )


def _missing(scores: Scores, real: Scores) -> Iterator[str]:
    for key, told in (
        ("recall", "much of the data's variety is missing"),
        ("coverage", "much of the data has no sample near it"),
        ("precision", "many samples lie where the data have nothing"),
    ):
        if _of(key, scores) < (1 - 2 * WORSE) * _of(key, real):
            label = words.find(key).name
            values = f"{_shown(key, scores)}, of real data {_shown(key, real)}"
            yield f"{label} is {values}: {told}."


def _bank(scores: Scores, real: Scores) -> Iterator[str]:
    count, own = _of("generators", scores), _of("own_mode_generators", scores)
    if own < count:
        yield f"{number(count - own)} of its {number(count)} generators have no mode of their own."
    distinct = _of("distinct_generators", scores)
    if distinct < count - _HALF:
        alike = number(round(count - distinct))
        yield f"About {alike} of its {number(count)} generators make what others make."


def _beside(scores: Scores, plain: Scores, name: str) -> Iterator[str]:
    """What another model does better, of the scores that say which direction is good."""
    real = words.of_real_data(scores)
    worse = []
    for key in words.shown(scores):
        score = words.find(key, scores)
        if not score.better or score.by_model or score.key.startswith("inverse_"):
            continue
        mine, other = (_distance(score.better, key, some, real) for some in (scores, plain))
        if mine > other + WORSE * max(abs(_of(key, plain)), abs(other)):
            worse.append(f"{score.name} ({score.text(plain)}, here {score.text(scores)})")
    if worse:
        yield f"The {name} of the zoo is better in: {', '.join(worse)}."


def _distance(better: str, key: str, scores: Scores, real: Scores) -> float:
    """How far a score is from good: less is better; NaN, which is over nothing, where unknown."""
    value = _of(key, scores)
    if better == "higher":
        return -value
    return value if better == "lower" else abs(value - _of(key, real))


def _of(key: str, scores: Scores) -> float:
    """A score as a number; NaN, of which no comparison is true, where there is none."""
    value: Any = scores.get(key)
    return float(value) if words.is_number(value) else math.nan


def _shown(key: str, scores: Scores) -> str:
    return words.find(key, scores).text(scores)


_RULES: tuple[Callable[[Scores, Scores], Iterator[str]], ...] = (
    _lost,
    _off,
    _spread,
    _missing,
    _unbalanced,
    _bank,
)
