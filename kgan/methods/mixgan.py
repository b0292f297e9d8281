"""MIX+GAN and MIX+WGAN: mixtures of generators and of discriminators."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_one_of, check_positive
from kgan.game import packing
from kgan.game.bank import GeneratorBank
from kgan.game.learnt_mixture import LearntMixtureModel, MixtureWeights
from kgan.game.players import Phase, Player, warn_of_squashed
from kgan.layers.clip import clip_in_game
from kgan.losses import adversarial, mixgan, mixture, wasserstein
from kgan.methods.method import Method
from kgan.methods.presets import banks, images, points
from kgan.networks import lucic_discriminator, lucic_generator

LOSSES = ("non_saturating", "minimax", "wasserstein")


@keras.saving.register_keras_serializable("kgan")
class MIXGAN(LearntMixtureModel):
    """MIX+GAN: each of T generators plays each of T discriminators, by weights that are learnt.

    The payoff is the sum over all pairs of `w_i v_j F(G_i, D_j)`, where the generators learn their
    weights w and the discriminators theirs, v, each a softmax. A term `-(1/T) sum log w_i` of both
    players' losses keeps weights from going to 0.

    Source: Arora, Ge, Liang, Ma, Zhang, ICML 2017, https://arxiv.org/abs/1703.00573, section 5.
    With `loss="wasserstein"`, `weight_clip` and several moves of the discriminators it is MIX+WGAN.

    The generators' weights are the bank's mixture weights: sampling, evaluation and serving use
    them. Each generator makes as many samples in training.

    Args:
        generator: a bank of generators, in the paper with nothing shared.
        discriminator: samples to values `(batch, T)`, one of each discriminator, such as a
            `DiscriminatorBank`.
        loss: the game: `"non_saturating"`, `"minimax"`, or `"wasserstein"`.
        entropy_weight: of the term of the weights in both losses, at least 0.
        discriminator_steps: the discriminators' moves for one of the generators, each on its own
            part of the batch.
        weight_clip: the discriminators' weights are clipped to `[-weight_clip, weight_clip]` after
            each of their moves; over 0. Those of the mixture are not.
        fresh_noise: draw new latents for the generators' move.
        **kwargs: see `MixtureModel`.

    Raises:
        InputError: another loss, a number out of its range, or a discriminator whose outputs are
            no values `(batch, T)`.
    """

    answers_logits = True
    prior: MixtureWeights

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        *,
        loss: str = "non_saturating",
        entropy_weight: float = 0.1,
        discriminator_steps: int = 1,
        weight_clip: float | None = None,
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_one_of(LOSSES, loss=loss)
        check_not_negative(entropy_weight=entropy_weight)
        check_positive(weight_clip=weight_clip)
        # What is no bank is refused below.
        count = generator.generators if isinstance(generator, GeneratorBank) else 1
        prior = MixtureWeights(count, name="prior")
        votes = MixtureWeights(_width(discriminator), name="votes")
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator, votes], ("smallest_vote",)),
                Player("generator", [generator, prior], ("smallest_weight",)),
            ),
            phases=(
                Phase("discriminator", repeats=discriminator_steps),
                Phase("generator", fresh_noise=fresh_noise),
            ),
            **kwargs,
        )
        packing.build(discriminator, self)
        self.discriminator, self.votes, self.prior = discriminator, votes, prior
        prior.start_from(self.mixture_weights)
        self.adversarial_loss = loss
        self.answers_logits = loss != "wasserstein"
        self.entropy_weight = float(entropy_weight)
        self.discriminator_steps = int(discriminator_steps)
        self.weight_clip = weight_clip
        self.fresh_noise = bool(fresh_noise)
        warn_of_squashed(getattr(discriminator, "network", discriminator))
        if weight_clip is not None:
            clip_in_game(discriminator.trainable_variables, weight_clip)

    def discriminator_loss(self, turn: Turn) -> Any:
        """The payoffs by both weights, and the term of the discriminators' own."""
        real, fake = (self.embedding(x, turn) for x in (turn.real, turn.fake))
        play = (
            wasserstein.critic_loss
            if self.adversarial_loss == "wasserstein"
            else adversarial.discriminator_loss
        )
        votes = self.votes.values()
        losses = [play(real[:, j], fake[:, j], self._mean) for j in range(votes.shape[0])]
        loss = ops.sum(votes * ops.stack(losses))
        held = mixgan.weight_entropy(self.votes.logits)
        return loss + self.entropy_weight * held, {"smallest_vote": ops.min(votes)}

    def generator_loss(self, turn: Turn) -> Any:
        """What the generators make of all discriminators, and the term of their own weights."""
        fake = self.embedding(turn.fake, turn)
        play = (
            wasserstein.generator_loss
            if self.adversarial_loss == "wasserstein"
            else adversarial.GENERATOR_LOSSES[self.adversarial_loss]
        )
        votes = self.votes.values()
        losses = [play(fake[:, j], self._mean) for j in range(votes.shape[0])]
        loss = ops.sum(votes * ops.stack(losses))
        held = mixgan.weight_entropy(self.prior.logits)
        smallest = ops.min(self.prior.values())
        return loss + self.entropy_weight * held, {"smallest_weight": smallest}

    def _mean(self, values: Any) -> Any:
        """Expectation over the generators of `(m * K,)` values, by the weights that are learnt."""
        return mixture.mixture_mean(values, self.prior.values())

    def realness(self, outputs: Any) -> Any:
        """The discriminators' values `(n, T)` by their weights."""
        return ops.sum(floats(outputs) * self.votes.values(), axis=-1)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`value (n,)`, the discriminators' by their weights: the higher, the more real."""
        return {"value": self.realness(self.discriminator(samples, training=False))}


def _width(discriminator: Any) -> int:
    shape = getattr(discriminator, "output_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[-1] is None:
        raise InputError(
            "The discriminator must be a built Keras model to (batch, T) values, one of each "
            f"discriminator. Received: {discriminator} with the output shape {shape}"
        )
    return int(shape[-1])


# Presets --------------------------------------------------------------------------------

_NETWORKS: Mapping[str, Any] = {
    **banks.arguments(5, private_layers=None),
    "discriminators": 5,
}
_SHARED: Mapping[str, Any] = {
    "generators": (5, "ours: few, whatever the number of modes"),
    "discriminators": (5, "as many as generators"),
    "private_layers": (None, "as the paper has it: nothing is shared"),
    "samples_per_generator": (48, "together about as many as real ones"),
    "same_noise": (False, "each generator has latents of its own"),
}


_IMAGES = images.presets(
    banks.discriminators(
        banks.networks(
            functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
            lucic_discriminator,
            banks.one_output,
            images.facts("batch"),
            images.OPTIONS,
        )
    ),
    {"samples_per_generator": 12, "latent_distribution": "uniform"},
    without=images.NAMED,
    network_arguments=_NETWORKS,
    more={**_SHARED, "samples_per_generator": (12, "together about as many as real ones")},
)
_POINTS = points.presets(
    {"samples_per_generator": 48, "latent_distribution": "uniform"},
    banks.discriminators(banks.networks(*banks.POINT_NETWORKS, banks.one_output, points.FACTS)),
    network_arguments=_NETWORKS,
    more=_SHARED,
)

METHOD = Method(
    name="mixgan",
    title="MIX+GAN",
    model=MIXGAN,
    idea="mixtures of generators and of discriminators, of learnt weights",
    source="Arora et al. 2017",
    link="https://arxiv.org/abs/1703.00573",
    application="gan",
    cost=3.0,
    code="PrincetonML/MIX-plus-GANs",
    presets={**_IMAGES, **_POINTS},
)
