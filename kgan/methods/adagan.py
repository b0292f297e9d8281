"""AdaGAN: generators one after another, each for what those before it lack."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.errors import InputError, check_whole
from kgan.game import averaging, copies
from kgan.game.bank import GeneratorBank
from kgan.game.mixture import MixtureModel
from kgan.game.players import Phase, Player, build_network, require_one_output
from kgan.losses import adagan, adversarial, mixture
from kgan.losses.values import flat
from kgan.methods.method import Method
from kgan.methods.presets import banks, images, points
from kgan.networks import lucic_discriminator, lucic_generator


@keras.saving.register_keras_serializable("kgan")
class AdaGAN(MixtureModel):
    """AdaGAN: generators learn one after another, each on data weighed by what is still missing.

    A second discriminator learns to tell the data from the mixture of the generators so far. When
    the next generator's round begins, it says how much of each real sample's like the mixture
    makes, and samples that it makes enough of count less, or not at all. After round t all t
    generators have the same weight in the mixture.

    Source: Tolstikhin, Gelly, Bousquet, Simon-Gabriel, Schoelkopf, NeurIPS 2017,
    https://arxiv.org/abs/1701.02386, Algorithm 1 with equal weights.

    Weights are those of the samples of a batch, which their losses are multiplied by; the paper
    draws batches by weights of the whole data. Both discriminators go on from round to round, where
    the authors' code begins each with new ones.

    Args:
        generator: a bank of T generators, with nothing shared.
        discriminator: samples to logits `(batch, 1)`.
        mixture_discriminator: samples to logits `(batch, 1)`, tells the data from the mixture; None
            for one of the discriminator's layers.
        round_steps: for how many steps a generator learns; at least 1. The last one goes on.
        fresh_noise: draw new latents for the generator's move.
        **kwargs: see `MixtureModel`.

    Raises:
        InputError: fewer than 1 step, generators that share layers, or a discriminator of several
            outputs.
    """

    answers_logits = True
    no_packs = "its weights are of single samples"

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        mixture_discriminator: keras.Layer | None = None,
        *,
        round_steps: int = 2_000,
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_whole(1, round_steps=round_steps)
        if getattr(generator, "private_layers", None) is not None:
            raise InputError(
                "AdaGAN's generators share no layers: one is left as it is while others learn. "
                f"Received: private_layers={generator.private_layers}; leave it out."
            )
        second: Any = mixture_discriminator
        if second is None and isinstance(discriminator, keras.Layer):  # What is none is refused.
            second = copies.copy_of(discriminator)
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator], ("data_kept",)),
                Player("mixture_discriminator", [second]),
                Player("generator", [generator]),
            ),
            phases=(
                Phase("discriminator"),
                Phase("mixture_discriminator"),
                Phase("generator", fresh_noise=fresh_noise),
            ),
            **kwargs,
        )
        sample = (None, *self.sample_shape)
        for network in (discriminator, second):
            require_one_output(network, build_network(network, sample))
        self.discriminator, self.mixture_discriminator = discriminator, second
        # The second one as it was when the present round began.
        self.judge = averaging.frozen_copy(second, sample)
        self.round_steps = int(round_steps)
        self.fresh_noise = bool(fresh_noise)

    def discriminator_loss(self, turn: Turn) -> Any:
        """The original game of the generator that learns, on data that are weighed."""
        share = 1 / ops.cast(self._round() + 1, keras.config.floatx())
        ratios = adagan.density_ratios(self.judge(turn.real, training=False))
        least = adagan.threshold(engine.over_replicas(ratios), share)
        weights = ops.stop_gradient(adagan.data_weights(ratios, least, share))
        real, fake = (self.embedding(x, turn) for x in (turn.real, turn.fake))
        loss = adagan.discriminator_loss(real, weights, fake, self._of_learner)
        kept = ops.mean(ops.cast(weights > 0, loss.dtype))
        return loss, {"data_kept": engine.mean_over_replicas(kept)}

    def mixture_discriminator_loss(self, turn: Turn) -> Any:
        """How well the data are told from the mixture of the generators so far."""
        real, fake = (turn.through(self.mixture_discriminator, x) for x in (turn.real, turn.fake))
        so_far = self._weights(self._round())
        return adversarial.discriminator_loss(
            real, fake, lambda values: mixture.mixture_mean(values, so_far)
        )

    def generator_loss(self, turn: Turn) -> Any:
        """The non-saturating loss of the generator that learns."""
        fake = self.embedding(turn.fake, turn)
        return adversarial.non_saturating_generator_loss(fake, self._of_learner)

    def train_step(self, data: Any) -> Any:
        """One step; what was learnt of the mixture weighs the data once a round ends."""
        logs = super().train_step(data)
        # The step counts this one already. The last round goes on, however long it is.
        ends = ops.logical_and(
            ops.equal(ops.mod(self.step, self.round_steps), 0),
            self.step < self.round_steps * self.num_generators,
        )
        learnt = self.mixture_discriminator.weights
        for kept, now in zip(self.judge.weights, learnt, strict=True):
            kept.assign(ops.where(ends, ops.cast(now, kept.dtype), kept))
        # The generator of this step counts from its first step on.
        weights = self._weights((self.step - 1) // self.round_steps)
        for bank in self.banks:
            bank.mixture.assign(weights)
        return logs

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`logits (n,)` and `probability (n,)` of being real and not of the mixture."""
        logits = flat(self.mixture_discriminator(samples, training=False))
        return {"logits": logits, "probability": ops.sigmoid(logits)}

    def _round(self) -> Any:
        """Number of the generator that learns, from 0."""
        return ops.minimum(self.step // self.round_steps, self.num_generators - 1)

    def _weights(self, last: Any) -> Any:
        """Equal ones `(T,)` of the generators up to number `last`."""
        ranks = ops.arange(self.num_generators, dtype="int64")
        known = ops.cast(ranks <= ops.cast(last, "int64"), keras.config.floatx())
        return known / ops.sum(known)

    def _of_learner(self, values: Any) -> Any:
        """Expectation over the generator that learns of `(m * T,)` values."""
        learner = ops.one_hot(self._round(), self.num_generators, dtype=keras.config.floatx())
        return mixture.mixture_mean(values, learner)


# Presets --------------------------------------------------------------------------------

_NETWORKS: Mapping[str, Any] = banks.arguments(5, private_layers=None)
_SHARED: Mapping[str, Any] = {
    "generators": (5, "ours: so that each has a fifth of the steps that all methods have"),
    "private_layers": (None, "as the paper has it: nothing is shared"),
    "same_noise": (False, "each generator has latents of its own"),
    "round_steps": (2_000, "a fifth of the steps"),
    "samples_per_generator": (64, "a quarter of the real ones, as all generators make as many"),
    "decay": ("none", "each generator begins anew"),
}


_IMAGES = images.presets(
    banks.networks(
        functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
        lucic_discriminator,
        banks.one_output,
        images.facts("batch"),
        images.OPTIONS,
    ),
    {"round_steps": 3_125, "samples_per_generator": 32, "latent_distribution": "uniform"},
    without=images.NAMED,
    network_arguments=_NETWORKS,
    more={
        **_SHARED,
        "round_steps": (3_125, "a fifth of the steps"),
        "samples_per_generator": (32, "half of the real ones, as all generators make as many"),
    },
)
_POINTS = points.presets(
    {"round_steps": 2_000, "samples_per_generator": 64, "latent_distribution": "uniform"},
    banks.networks(*banks.POINT_NETWORKS, banks.one_output, points.FACTS),
    network_arguments=_NETWORKS,
    decay="none",
    more=_SHARED,
)

METHOD = Method(
    name="adagan",
    title="AdaGAN",
    model=AdaGAN,
    idea="generators one after another, each for what those before it lack",
    source="Tolstikhin et al. 2017",
    link="https://arxiv.org/abs/1701.02386",
    application="gan",
    cost=3.0,
    code="tolstikhin/adagan",
    presets={**_IMAGES, **_POINTS},
)
