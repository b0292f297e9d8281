"""Realness as a distribution (Xiangli et al. 2020, "Real or Not Real, that is the Question").

The discriminator gives `(batch, n)` logits of a distribution D(x) over n outcomes. It draws D of
real samples to an anchor distribution A1 and of generated ones to A0; the best D is
`(p_data A1 + p_generator A0) / (p_data + p_generator)` (Theorem 1).

Source: https://arxiv.org/abs/2002.05512; anchors as in the authors' code. Losses are minimised.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_one_of

OBJECTIVES = (1, 2, 3)
# Of the Gaussian anchor, outcomes lying in [-1, 1]: the authors' histogram of 1,000 normal draws
# spans about three standard deviations to each side.
_STDDEV = 1 / 3


def anchors(outcomes: int, skew: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The anchors A0 of generated and A1 of real samples.

    A0 is a Gaussian shape and A1 a uniform one, on outcomes spread over [-1, 1]; they are moved
    apart, A0 down and A1 up, and what leaves the range is gathered at its end.

    Args:
        outcomes: their number n, at least 2.
        skew: how far each is moved, at least 0; 1 in the authors' code.

    Returns:
        Two float64 arrays `(n,)` of sum 1.

    Raises:
        InputError: if there are fewer than 2 outcomes, the skew is negative, or the anchors are
            the same.
    """
    if outcomes < 2:
        raise InputError(f"Realness needs at least 2 outcomes. Received: {outcomes}")
    check_not_negative(skew=skew)
    supports = np.linspace(-1.0, 1.0, outcomes)
    bell = np.exp(-0.5 * (supports / _STDDEV) ** 2)
    fake = _moved(bell / bell.sum(), -skew)
    real = _moved(np.full(outcomes, 1 / outcomes), skew)
    if np.allclose(fake, real):
        raise InputError(
            f"The anchors must differ. Received: {outcomes} outcomes with skew={skew}; give more."
        )
    return fake, real


def _moved(probabilities: np.ndarray, shift: float) -> np.ndarray:
    """Probabilities of outcomes over [-1, 1], moved by `shift` and split between neighbours."""
    last = len(probabilities) - 1
    places = (np.clip(np.linspace(-1.0, 1.0, last + 1) + shift, -1.0, 1.0) + 1) / 2 * last
    lower = np.minimum(np.floor(places), last - 1).astype(int)
    found = np.zeros(last + 1)
    np.add.at(found, lower, probabilities * (lower + 1 - places))
    np.add.at(found, lower + 1, probabilities * (places - lower))
    return found


def discriminator_loss(
    real_logits: Any, fake_logits: Any, fake_anchor: np.ndarray, real_anchor: np.ndarray
) -> Any:
    """`E KL(A1 || D(x)) + E KL(A0 || D(G(z)))`, Eq. (4).

    At the best D and equal distributions it is `2 JSD(A0, A1)`.
    """
    return _from_anchor(real_anchor, real_logits) + _from_anchor(fake_anchor, fake_logits)


def check_objective(objective: int, flee: bool) -> None:
    """Raise InputError if there is no such objective of the generator, or nothing left of it."""
    check_one_of(OBJECTIVES, objective=objective)
    if objective == 1 and not flee:
        raise InputError("Objective 1 is to flee the fake anchor. Received: flee=False")


def generator_loss(
    real_logits: Any,
    fake_logits: Any,
    fake_anchor: np.ndarray,
    real_anchor: np.ndarray,
    objective: int = 2,
    *,
    flee: bool = True,
) -> Any:
    """The generator's objectives of section 3.3.

    Args:
        real_logits: `(batch, n)` of real samples, which objective 2 alone looks at.
        fake_logits: `(batch, n)` of generated ones.
        fake_anchor: A0.
        real_anchor: A1.
        objective: 1 flees A0: `-E KL(A0 || D(G(z)))`; 2 draws each to a real sample's distribution
            besides: `+ E KL(D(x) || D(G(z)))`; 3 to the real anchor: `+ E KL(A1 || D(G(z)))`.
        flee: with the first term, as printed; the first published code leaves it out of 2 and 3.

    Raises:
        InputError: if there is no such objective, or nothing is left of it.
    """
    check_objective(objective, flee)
    away = -_from_anchor(fake_anchor, fake_logits) if flee else 0.0
    if objective == 1:
        return away
    if objective == 3:
        return away + _from_anchor(real_anchor, fake_logits)
    real, fake = (ops.log_softmax(floats(x), axis=-1) for x in (real_logits, fake_logits))
    return away + ops.mean(ops.sum(ops.exp(real) * (real - fake), axis=-1))


def position(logits: Any, fake_anchor: np.ndarray, real_anchor: np.ndarray) -> Any:
    """Where D(x), projected, lies on the line from A0 (0) to A1 (1): `(batch,)` float32.

    Args:
        logits: `(batch, n)`.
        fake_anchor: A0.
        real_anchor: A1.
    """
    way = real_anchor - fake_anchor
    distributions = ops.softmax(floats(logits), axis=-1)
    return ops.sum((distributions - _constant(fake_anchor)) * _constant(way / (way @ way)), -1)


def real_probability(logits: Any, fake_anchor: np.ndarray, real_anchor: np.ndarray) -> Any:
    """`position` in [0, 1].

    At the best D it is `p_data / (p_data + p_generator)`.

    Args:
        logits: `(batch, n)`.
        fake_anchor: A0.
        real_anchor: A1.

    Returns:
        `(batch,)` float32.
    """
    return ops.clip(position(logits, fake_anchor, real_anchor), 0.0, 1.0)


def _from_anchor(anchor: np.ndarray, logits: Any) -> Any:
    """Mean of `KL(anchor || softmax(logits))`."""
    some = anchor[anchor > 0]
    minus_entropy = float(np.sum(some * np.log(some)))
    logs = ops.log_softmax(floats(logits), axis=-1)
    return minus_entropy - ops.mean(ops.sum(_constant(anchor) * logs, axis=-1))


def _constant(values: np.ndarray) -> Any:
    return ops.convert_to_tensor(values, keras.config.floatx())
