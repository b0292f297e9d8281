"""Penalties on how fast a discriminator changes with its input."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.input_gradients import input_gradients
from kgan.backend.precision import floats
from kgan.errors import InputError, check_positive
from kgan.game import by_name
from kgan.losses import gradient_penalty
from kgan.signatures import check_arguments

PENALTIES = ("gradient", "one_sided", "dragan", "r1", "r2", "zero_centred_between")
FORMER_NAMES = {"zero_centred": "r1"}
"""Under which saved models and Python code may still ask for one."""
# Gulrajani et al.'s and Kodali et al.'s.
DEFAULT_WEIGHT = 10.0


@keras.saving.register_keras_serializable("kgan")
class Penalty:
    """A penalty and its weight: one of `GAN(..., penalties=[...])`.

    Args:
        kind: what `slope_penalty` says of it: `"gradient"`, `"one_sided"`, `"dragan"`, `"r1"`,
            `"r2"` or `"zero_centred_between"`.
        weight: what the mean over samples is multiplied by, over 0; gamma / 2 of R1 and R2.

    Raises:
        InputError: an unknown kind, or a weight that is not over 0.
    """

    def __init__(self, kind: str, weight: float = DEFAULT_WEIGHT):
        check_arguments(Penalty.__init__, locals())
        kind = FORMER_NAMES.get(kind, kind)
        if kind not in PENALTIES:
            raise InputError(f"A penalty must be one of {PENALTIES}. Received: {kind!r}")
        check_positive(weight=weight)
        self.kind, self.weight = kind, float(weight)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {"kind": self.kind, "weight": self.weight}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Penalty:
        """A penalty from `get_config()`."""
        return cls(**config)


@keras.saving.register_keras_serializable("kgan")
class R1(Penalty):
    """A slope of 0 at real samples (Mescheder et al. 2018, arXiv:1801.04406).

    Args:
        weight: gamma / 2, over 0.
    """

    def __init__(self, weight: float = DEFAULT_WEIGHT):
        super().__init__("r1", weight)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {"weight": self.weight}


@keras.saving.register_keras_serializable("kgan")
class R2(Penalty):
    """A slope of 0 at generated samples (Mescheder et al. 2018); with R1, R3GAN's.

    Args:
        weight: gamma / 2, over 0.
    """

    def __init__(self, weight: float = DEFAULT_WEIGHT):
        super().__init__("r2", weight)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {"weight": self.weight}


def resolve(
    penalties: Sequence[Penalty | str], penalty: str | None, penalty_weight: float | None
) -> dict[str, Penalty]:
    """The penalties of a game by the names that they are logged under.

    Args:
        penalties: penalties, or their names, each with its weight as in `"r1:0.1"`.
        penalty: one by its name, the other way to say it; `"gradient_penalty"` in the log.
        penalty_weight: of that one.

    Raises:
        InputError: an unknown penalty, a number out of its range, a weight of no penalty, the same
            penalty twice, or both ways at once.
    """
    if penalty is not None and penalty not in {*PENALTIES, *FORMER_NAMES}:
        raise InputError(f"penalty must be None or one of {PENALTIES}. Received: {penalty!r}")
    check_positive(penalty_weight=penalty_weight)
    if penalty is None and penalty_weight is not None:
        raise InputError(
            f"A penalty_weight needs a penalty, one of {PENALTIES}. Received: "
            f"penalty_weight={penalty_weight} and no penalty."
        )
    known = {kind: functools.partial(Penalty, kind) for kind in PENALTIES}
    found = by_name.resolve("penalties", penalties, known, Penalty)
    kinds = [one.kind for one in found]
    if penalty is not None and found:
        raise InputError(
            f"Give all penalties in one argument. Received: penalty={penalty!r} and penalties="
            f"{kinds}; leave penalty out, and name its own among the others."
        )
    if len(set(kinds)) < len(kinds):
        raise InputError(f"Each penalty can be given once. Received: penalties={kinds}")
    if penalty is not None:
        return {"gradient_penalty": Penalty(penalty, penalty_weight or DEFAULT_WEIGHT)}
    return {f"{one.kind}_penalty": one for one in found}


def slope_penalty(kind: str, function: Callable[[Any], Any], turn: Turn) -> Any:
    """Mean penalty on a function's gradient in this turn's samples, as the discriminator sees them.

    Args:
        kind: `"gradient"`: `(|slope| - 1)^2` between real and generated samples; `"one_sided"`:
            there, and of slopes over 1 alone; `"dragan"`: `(|slope| - 1)^2` around real samples;
            `"r1"`: `|slope|^2` at real samples; `"r2"`: the same at generated ones;
            `"zero_centred_between"`: between real and generated ones (0-GP, Thanh-Tung et al. 2019,
            arXiv:1902.03984).
        function: samples `(n, ...)` to one number a row. No row may bear on another's, as batch
            norm makes them do.
        turn: the discriminator's.

    Returns:
        A scalar.
    """
    kind = FORMER_NAMES.get(kind, kind)
    slopes = input_gradients(function, _places(kind, turn))
    if kind in ("r1", "r2", "zero_centred_between"):
        return ops.mean(gradient_penalty.squared_norms(slopes))
    return ops.mean(gradient_penalty.penalty(slopes, one_sided=kind == "one_sided"))


def _places(kind: str, turn: Turn) -> Any:
    """Where slopes are taken."""
    if kind == "r2":
        return turn.seen(turn.fake)
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
