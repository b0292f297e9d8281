"""Plug-in terms of a game: `GAN(..., terms=[...])`."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kgan.backend.engine import Turn
from kgan.errors import InputError
from kgan.game import by_name
from kgan.game.feature_matching import FeatureMatching
from kgan.game.historical_averaging import HistoricalAveraging
from kgan.game.mode_seeking import ModeSeeking
from kgan.game.regularizer import Regularizer

TERMS: Mapping[str, Callable[..., Regularizer]] = {
    "mode_seeking": ModeSeeking,
    "feature_matching": FeatureMatching,
    "feature_matching_alone": functools.partial(FeatureMatching, alone=True),
    "historical_averaging": HistoricalAveraging,
}
"""Terms that need no arguments but a weight, by the names that `terms` takes too."""


def resolve(terms: Sequence[Regularizer | str]) -> tuple[Regularizer, ...]:
    """The terms that a sequence of them, or of their names with weights, stands for.

    Raises:
        InputError: an unknown name, or a weight that cannot be.
    """
    return by_name.resolve("terms", terms, TERMS, Regularizer)


def build(terms: Sequence[Regularizer], model: Any) -> None:
    """Build terms for a model whose networks are built.

    Raises:
        InputError: a term that does not go with the model, or two that log the same.
    """
    for one in terms:
        one.build_for(model)
    why = model.no_discriminator_terms
    if why and any(one.metric_names("discriminator") for one in terms):
        raise InputError(
            f"{type(model).__name__} takes terms of the generator alone: {why}. Received: "
            f"{', '.join(metric_names(terms, 'discriminator'))}; leave out what logs them."
        )
    names = Counter(n for player in model.players for n in metric_names(terms, player))
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise InputError(
            f"A model takes each kind of term once. Received: two that log {', '.join(twice)}"
        )


def metric_names(terms: Sequence[Regularizer], player: str) -> list[str]:
    """Names of the scalars that the terms of `player` return."""
    return [name for one in terms for name in one.metric_names(player)]


def added(
    terms: Sequence[Regularizer], player: str, turn: Turn, model: Any, loss: Any, metrics: Any
) -> tuple[Any, dict[str, Any]]:
    """The loss of `player` and its metrics, with those of all terms."""
    if any(one.replaces(player) for one in terms):
        loss = 0.0
    for one in terms:
        term, more = one.term(player, turn, model)
        loss, metrics = loss + term, {**metrics, **more}
    return loss, metrics
