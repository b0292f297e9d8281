"""Penalties on how fast a discriminator changes with its input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.input_gradients import input_gradients
from kgan.backend.precision import floats
from kgan.losses import gradient_penalty

PENALTIES = ("gradient", "one_sided", "dragan", "r1", "zero_centred_between")
FORMER_NAMES = {"zero_centred": "r1"}
"""Under which saved models and Python code may still ask for one."""
# Gulrajani et al.'s and Kodali et al.'s.
DEFAULT_WEIGHT = 10.0


def slope_penalty(kind: str, function: Callable[[Any], Any], turn: Turn) -> Any:
    """Mean penalty on a function's gradient in this turn's samples, as the discriminator sees them.

    Args:
        kind: `"gradient"`: `(|slope| - 1)^2` between real and generated samples; `"one_sided"`:
            there, and of slopes over 1 alone; `"dragan"`: `(|slope| - 1)^2` around real samples;
            `"r1"`: `|slope|^2` at real samples; `"zero_centred_between"`: the same between real and
            generated ones (0-GP, Thanh-Tung et al. 2019, arXiv:1902.03984).
        function: samples `(n, ...)` to one number a row. No row may bear on another's, as batch
            norm makes them do.
        turn: the discriminator's.

    Returns:
        A scalar.
    """
    kind = FORMER_NAMES.get(kind, kind)
    slopes = input_gradients(function, _places(kind, turn))
    if kind in ("r1", "zero_centred_between"):
        return ops.mean(gradient_penalty.squared_norms(slopes))
    return ops.mean(gradient_penalty.penalty(slopes, one_sided=kind == "one_sided"))


def _places(kind: str, turn: Turn) -> Any:
    """Where slopes are taken."""
    real = turn.seen(turn.real)
    if kind == "r1":
        return real
    if kind == "dragan":
        spread = ops.std(floats(engine.over_replicas(real)))
        directions, lengths = (_shares(s, turn) for s in (ops.shape(real), ops.shape(real)[:1]))
        return gradient_penalty.perturbed(real, spread, directions, lengths)
    fake = turn.seen(turn.fake)
    return gradient_penalty.interpolates(real, fake, _shares(ops.shape(fake)[:1], turn))


def _shares(shape: Any, turn: Turn) -> Any:
    """U[0, 1], the same whether one replica draws them or several their parts."""
    return (turn.noise(shape, "uniform") + 1.0) / 2.0
