"""Games by name: what two players make of one value for each sample.

Each is a discriminator's loss and a generator's, pure functions of the values `(batch,)` that the
discriminator gives real and generated samples. `kgan.GAN` plays any of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from keras import ops

from kgan.losses import adversarial, hinge, least_squares, relativistic, wasserstein


@dataclasses.dataclass(frozen=True)
class Game:
    """The two losses of a game.

    Attributes:
        discriminator_loss: of real and generated values.
        generator_loss: of the generated values; of both where the game `compares`.
        compares: whether a value counts relative to the other side's, so that both players look
            at both sides, and at the batch of all replicas.
        describe: values `(batch,)` to the named outputs that evaluation and serving see.
        unbounded: whether values may be any number, so that a discriminator must not bound them.
        smooths: whether the real label may be below 1: a cross-entropy's.
        logits: whether values over 0 say that a sample is real, and others that it is not.
    """

    discriminator_loss: Callable[[Any, Any], Any]
    generator_loss: Callable[..., Any]
    compares: bool = False
    describe: Callable[[Any], dict[str, Any]] = lambda values: {"value": values}
    unbounded: bool = True
    logits: bool = False
    smooths: bool = False


def _log_odds(values: Any) -> dict[str, Any]:
    return {"logits": values, "probability": ops.sigmoid(values)}


def _labels(values: Any) -> dict[str, Any]:
    """LSGAN's best value is a probability itself."""
    return {"value": values, "probability": ops.clip(values, 0.0, 1.0)}


GAMES: dict[str, Game] = {
    "non_saturating": Game(
        adversarial.discriminator_loss,
        adversarial.non_saturating_generator_loss,
        describe=_log_odds,
        logits=True,
        smooths=True,
    ),
    "minimax": Game(
        adversarial.discriminator_loss,
        adversarial.minimax_generator_loss,
        describe=_log_odds,
        logits=True,
        smooths=True,
    ),
    "least_squares": Game(
        least_squares.discriminator_loss,
        least_squares.generator_loss,
        describe=_labels,
        unbounded=False,
    ),
    "hinge": Game(hinge.discriminator_loss, hinge.generator_loss, logits=True),
    "wasserstein": Game(wasserstein.critic_loss, wasserstein.generator_loss),
    "relativistic_average": Game(
        relativistic.discriminator_loss, relativistic.generator_loss, compares=True
    ),
    "relativistic_pairing": Game(
        relativistic.paired_discriminator_loss, relativistic.paired_generator_loss, compares=True
    ),
}
