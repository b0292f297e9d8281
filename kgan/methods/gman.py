"""Generative Multi-Adversarial Network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_one_of, check_positive
from kgan.game.players import warn_of_squashed
from kgan.game.two_player import TwoPlayerModel
from kgan.losses import gman
from kgan.methods.method import Method
from kgan.methods.presets import banks, images, points

LOSSES = ("minimax", "non_saturating")


@keras.saving.register_keras_serializable("kgan")
class GMAN(TwoPlayerModel):
    """GMAN: one generator against several discriminators, the harsher ones of more weight.

    Each discriminator plays its own game against the generator, which minimises a mean of their
    values V_i with the weights `softmax(lambda V)`. In GMAN*, `learn_hardness`, lambda is the
    generator's own: it minimises `F - c lambda`, so that it makes its task harder as it can.

    Source: Durugkar, Gemp, Mahadevan, ICLR 2017, https://arxiv.org/abs/1611.01673.

    The authors' code shares a batch out among the discriminators, weighs by what they say of
    generated samples alone, and has no reward for a large lambda; here all see the whole batch, and
    the values are the paper's.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to logits `(batch, N)`, one of each discriminator, such as a
            `DiscriminatorBank`.
        loss: of each discriminator for the generator: `"minimax"`, the game's value, or
            `"non_saturating"`, the code's modified objective.
        average: over the discriminators: `"arithmetic"`, `"geometric"` or `"harmonic"`.
        hardness: lambda, at least 0; where it is learnt over 0, and what it starts from.
        learn_hardness: whether the generator learns it: GMAN*.
        hardness_reward: c, over 0.
        **kwargs: see `TwoPlayerModel`.

    Raises:
        InputError: another loss or average, a number out of its range, or a discriminator whose
            outputs are no logits `(batch, N)`.
    """

    answers_logits = True

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        loss: str = "minimax",
        average: str = "arithmetic",
        hardness: float = 1.0,
        learn_hardness: bool = False,
        hardness_reward: float = 1e-3,
        **kwargs: Any,
    ):
        check_one_of(LOSSES, loss=loss)
        check_one_of(gman.MEANS, average=average)
        check_not_negative(hardness=hardness)
        check_positive(hardness_reward=hardness_reward)
        if learn_hardness and not hardness > 0:
            raise InputError(f"A hardness that is learnt must start over 0. Received: {hardness}")
        learnt = _Hardness(hardness, name="hardness") if learn_hardness else None
        super().__init__(
            generator,
            discriminator,
            generator_networks=() if learnt is None else (learnt,),
            generator_metrics=("hardness", "largest_weight"),
            **kwargs,
        )
        if len(self.discriminator_shape) != 1:
            raise InputError(
                "The discriminator must give (batch, N) logits, one of each discriminator. "
                f"Received: one to {self.discriminator_shape}"
            )
        warn_of_squashed(getattr(discriminator, "network", discriminator))
        self.learnt_hardness = learnt
        self.adversarial_loss, self.average = loss, average
        self.hardness = float(hardness)
        self.learn_hardness = bool(learn_hardness)
        self.hardness_reward = float(hardness_reward)

    def discriminator_loss(self, turn: Turn) -> Any:
        """The sum of the discriminators' losses, none of which moves another."""
        real, fake = (self.embedding(x, turn) for x in (turn.real, turn.fake))
        return ops.sum(gman.discriminator_losses(real, fake))

    def generator_loss(self, turn: Turn) -> Any:
        """F of the discriminators' values, less the reward of a hardness that is learnt."""
        fake = self.embedding(turn.fake, turn)
        if self.adversarial_loss == "minimax":
            losses = -gman.discriminator_losses(self.embedding(turn.real, turn), fake)
        else:
            losses = gman.non_saturating_losses(fake)
        losses = engine.mean_over_replicas(losses)  # F is no mean over rows.
        learnt = self.learnt_hardness
        hardness = floats(self.hardness) if learnt is None else learnt.value()
        loss = gman.combined(losses, hardness, self.average)
        if learnt is not None:
            loss = loss - self.hardness_reward * hardness
        largest = ops.max(gman.weights(losses, hardness))
        return loss, {"hardness": hardness, "largest_weight": largest}

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`probability (n,)` of being real, the mean of the discriminators' `(n, N)`."""
        logits = floats(self.discriminator(samples, training=False))
        found = ops.sigmoid(logits)
        return {"probability": ops.mean(found, axis=-1), "discriminator_probabilities": found}


class _Hardness(layers.Layer):
    """Lambda, the softplus of a weight."""

    def __init__(self, start: float, **kwargs: Any):
        super().__init__(dtype=keras.config.floatx(), **kwargs)
        raw = start + math.log(-math.expm1(-start))  # The inverse of softplus.
        self.raw = self.add_weight(
            name="raw", shape=(), initializer=keras.initializers.Constant(raw)
        )
        self.built = True

    def value(self) -> Any:
        """A scalar over 0."""
        return ops.softplus(ops.convert_to_tensor(self.raw))


# Presets --------------------------------------------------------------------------------

_ARGUMENTS: Mapping[str, Any] = {"latent_distribution": "uniform"}
_SEVERAL: Mapping[str, Any] = {"discriminators": 5}
_IMAGES = images.presets(
    banks.discriminators(images.networks("batch")),
    _ARGUMENTS,
    without=images.NAMED,
    network_arguments=_SEVERAL,
)
_POINTS = points.presets(
    _ARGUMENTS, banks.discriminators(points.networks), network_arguments=_SEVERAL
)

METHOD = Method(
    name="gman",
    title="GMAN",
    model=GMAN,
    idea="several discriminators, the harsher ones of more weight",
    source="Durugkar et al. 2017",
    link="https://arxiv.org/abs/1611.01673",
    application="gan",
    cost=3.0,
    code="iDurugkar/GMAN",
    presets={**_IMAGES, **_POINTS},
)
