"""Disconnected Manifold GAN with prior learning."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.input_gradients import input_gradients
from kgan.backend.optimizers import Adam
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_positive
from kgan.game import streams
from kgan.game.bank import GeneratorBank
from kgan.game.learnt_mixture import LearntMixtureModel, MixtureWeights
from kgan.game.players import Phase, Player, build_network, warn_of_bearing_rows
from kgan.losses import gradient_penalty, mixture, prior, wasserstein
from kgan.methods.method import Method
from kgan.methods.presets import banks, images, points
from kgan.methods.presets.preset import Networks, Preset
from kgan.networks import lucic_discriminator, lucic_generator, mlp


@keras.saving.register_keras_serializable("kgan")
class DMGANPL(LearntMixtureModel):
    """DMGAN-PL: K generators under a Wasserstein critic, and a learnt prior over them.

    An encoder tells from the critic's features which generator made a sample, and drives the
    generators apart, as in MGAN. Data on fewer manifolds than there are generators would leave
    some of them between manifolds: so the prior p follows the encoder's account of the data, and
    generators that the data have no use for are seldom taken. An entropy term, which fades, holds
    p uniform until the generators have parted.

    Source: Khayatkhoei, Singh, Elgammal, NeurIPS 2018, https://arxiv.org/abs/1806.00880; what the
    paper leaves open is as in the author's code.

    p is the bank's mixture weights: `sample`, evaluation and serving use it. Each generator makes
    as many samples in training, and expectations are weighted by p, where the code draws the
    generators by p. p starts from the bank's weights.

    Args:
        generator: a bank of K generators, in the paper with nothing shared.
        discriminator: samples to features `(batch, d)`, without batch norm. The critic is a linear
            layer of them, which the model adds.
        encoder: features to logits `(batch, K)`; None for a linear layer.
        critic_steps: the critic's moves for one of the others, each on its own part of the batch.
        penalty_weight: of the gradient penalty, over 0.
        one_sided: penalise norms over 1 only.
        diversity: weight of the encoder's cross-entropy in the generators' loss, at least 0.
        learn_prior: whether p is learnt; without it this is the paper's DMGAN.
        entropy_weight: of p's entropy in its loss, at the start; at least 0.
        entropy_decay: what this weight is multiplied by every step, in (0, 1].
        fresh_noise: draw new latents for the encoder's and the generators' moves.
        **kwargs: see `MixtureModel`.

    Raises:
        InputError: an argument out of its range, features of another rank, or an encoder of
            another width.
    """

    no_packs = "its encoder and its prior look at samples one by one"

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        encoder: keras.Layer | None = None,
        *,
        critic_steps: int = 5,
        penalty_weight: float = 10.0,
        one_sided: bool = True,
        diversity: float = 1.0,
        learn_prior: bool = True,
        entropy_weight: float = 1000.0,
        entropy_decay: float = 0.999,
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        _check(critic_steps, penalty_weight, diversity, entropy_weight, entropy_decay)
        # What is no bank is refused below.
        count = generator.generators if isinstance(generator, GeneratorBank) else 1
        encoder = encoder or layers.Dense(count, dtype=keras.config.floatx(), name="encoder")
        head = layers.Dense(1, dtype=keras.config.floatx(), name="head")
        learnt = MixtureWeights(count, name="prior") if learn_prior else None
        super().__init__(
            generator,
            players=_players([discriminator, head], encoder, generator, learnt),
            phases=_phases(critic_steps, fresh_noise, learn_prior),
            **kwargs,
        )
        self.discriminator = discriminator
        self.head = head
        self.encoder = encoder
        self.prior = learnt
        if learnt is not None:
            learnt.start_from(self.mixture_weights)
        self.critic_steps = int(critic_steps)
        self.penalty_weight = float(penalty_weight)
        self.one_sided = bool(one_sided)
        self.diversity = float(diversity)
        self.learn_prior = bool(learn_prior)
        self.entropy_weight = float(entropy_weight)
        self.entropy_decay = float(entropy_decay)
        self.fresh_noise = bool(fresh_noise)
        if self.penalty_weight:
            warn_of_bearing_rows(discriminator, "Gradient penalties")

    def default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        """The author's for the prior."""
        if player == "prior":
            return Adam(1e-3, beta_1=0.5, beta_2=0.5)
        return super().default_optimizer(player)

    # Noise --------------------------------------------------------------------------------

    def draw_latents(self, batch: Any, seed: Any) -> tuple[Any, Any]:
        """Latents `(m * K, latent_dim)`, and the shares `(m * K,)` of real in the interpolates."""
        latents = super().draw_latents(batch, seed)
        seed = seed + np.array([0, streams.PENALTY_SHARES], np.int64)
        shares = engine.replica_noise((ops.shape(latents)[0],), "uniform", seed)
        return latents, (shares + 1) / 2

    def generate(self, latents: tuple[Any, Any], training: bool = False) -> Any:
        """Samples of the players' turn, from what `draw_latents` gives."""
        return super().generate(latents[0], training=training)

    # Losses -------------------------------------------------------------------------------

    def discriminator_loss(self, turn: Turn) -> Any:
        """The critic's: Wasserstein with gradient penalty."""
        real, fake = turn.seen(turn.real), turn.seen(turn.fake)

        def values(samples: Any) -> Any:
            return self._values(self.discriminator(samples, training=turn.training))

        loss = wasserstein.critic_loss(values(real), values(fake), self.mixture_mean)
        between = gradient_penalty.interpolates(real, fake, turn.latents[1])
        slopes = input_gradients(values, between)
        penalty = self.mixture_mean(gradient_penalty.penalty(slopes, one_sided=self.one_sided))
        metrics = {"wasserstein_distance": -loss, "gradient_penalty": penalty}
        return loss + self.penalty_weight * penalty, metrics

    def encoder_loss(self, turn: Turn) -> Any:
        """Cross-entropy of the generators' numbers; it never moves the critic's features."""
        features = turn.through(self.discriminator, turn.seen(turn.fake))
        logits = self.encoder(ops.stop_gradient(features), training=turn.training)
        weights = ops.convert_to_tensor(self.generator.mixture)
        loss = mixture.generator_cross_entropy(logits, weights)
        return loss, {"encoder_accuracy": mixture.generator_accuracy(logits, weights)}

    def generator_loss(self, turn: Turn) -> Any:
        """The critic's values, and the encoder's cross-entropy through the critic's features."""
        features = turn.through(self.discriminator, turn.seen(turn.fake))
        logits = self.encoder(features, training=turn.training)
        weights = ops.convert_to_tensor(self.generator.mixture)
        apart = mixture.generator_cross_entropy(logits, weights)
        loss = wasserstein.generator_loss(self._values(features), self.mixture_mean)
        return loss + self.diversity * apart, {"diversity_loss": apart}

    def prior_loss(self, turn: Turn) -> Any:
        """The prior towards the encoder's account of the data, and towards the uniform one."""
        assert self.prior is not None
        features = turn.through(self.discriminator, turn.seen(turn.real))
        posteriors = ops.softmax(floats(self.encoder(features, training=turn.training)), axis=-1)
        step = floats(self.step)
        faded = ops.exp(step * math.log(self.entropy_decay))
        logits = ops.convert_to_tensor(self.prior.logits)
        loss = prior.prior_loss(posteriors, logits, self.entropy_weight * faded)
        return loss, {"prior_entropy": prior.entropy(logits)}

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """What the critic and the encoder say of samples `(n, ...)`.

        Returns:
            `value (n,)`, the critic's, of no scale: the higher, the more real; and
            `generator_probabilities (n, K)`, of sum 1.
        """
        features = self.discriminator(samples, training=False)
        logits = floats(self.encoder(features, training=False))
        return {
            "value": self._values(features),
            "generator_probabilities": ops.softmax(logits, axis=-1),
        }

    def realness(self, outputs: Any) -> Any:
        """The critic's values of the discriminator's features."""
        return self._values(outputs)

    def _values(self, features: Any) -> Any:
        return ops.reshape(self.head(features), (-1,))

    def _build_networks(self) -> tuple[int, ...]:
        """Build the networks; head and encoder see features, where others see samples."""
        shape = build_network(self.generator, (None, self.latent_dim))
        discriminator, head = self.players["discriminator"].networks
        (encoder,) = self.players["encoder"].networks
        features = build_network(discriminator, shape)
        if len(features) != 2:
            raise InputError(
                "The discriminator must map samples to features (batch, d), without the critic's "
                f"last layer. Received: a discriminator to {features}"
            )
        build_network(head, features)
        width = build_network(encoder, features)[-1]
        if width != self.num_generators:
            raise InputError(
                f"The encoder must have {self.num_generators} outputs, one for each generator. "
                f"Received: an encoder of width {width}"
            )
        return super()._build_networks()


def _players(
    critic: Sequence[keras.Layer],
    encoder: keras.Layer,
    generator: GeneratorBank,
    learnt: keras.Layer | None,
) -> list[Player]:
    players = [
        Player("discriminator", critic, metrics=("wasserstein_distance", "gradient_penalty")),
        Player("encoder", [encoder], metrics=("encoder_accuracy",)),
        Player("generator", [generator], metrics=("diversity_loss",)),
    ]
    if learnt is not None:
        players.append(Player("prior", [learnt], metrics=("prior_entropy",)))
    return players


def _phases(critic_steps: int, fresh_noise: bool, learn_prior: bool) -> list[Phase]:
    phases = [
        Phase("discriminator", repeats=critic_steps),
        # It moves on the samples that the generators then move on: one pass for both.
        Phase("encoder", fresh_noise=fresh_noise),
        Phase("generator"),
    ]
    return [*phases, Phase("prior")] if learn_prior else phases


def _check(
    critic_steps: int,
    penalty_weight: float,
    diversity: float,
    entropy_weight: float,
    entropy_decay: float,
) -> None:
    if critic_steps < 1:
        raise InputError(f"critic_steps must be at least 1. Received: {critic_steps}")
    check_positive(penalty_weight=penalty_weight)
    check_not_negative(diversity=diversity, entropy_weight=entropy_weight)
    if not 0 < entropy_decay <= 1:
        raise InputError(f"entropy_decay must lie in (0, 1]. Received: {entropy_decay}")


# Presets --------------------------------------------------------------------------------

# The author's encoder has one hidden layer of as many units, with batch norm.
_ENCODER_UNITS = 128
# With the layers of all methods it is four times as slow, and of the grid's modes it loses some.
_POINT_UNITS = (64, 64)
# The author's Adams; the prior's rate does not decay.
_OPTIMIZERS: Mapping[str, Any] = {
    "learning_rate": 2e-4,
    "beta_1": 0.5,
    "beta_2": 0.5,
    "player_options": {
        "encoder": {"beta_1": 0.9, "beta_2": 0.999},
        "prior": {"learning_rate": 1e-3},
    },
}


def _networks(
    generator: banks.Builder,
    critic: banks.Builder,
    facts: Mapping[str, Any],
    options: Mapping[str, Sequence[str]] | None = None,
) -> Networks:
    """Builder of a bank, a critic without its last layer, and an encoder of what is left."""
    build_bank = banks.networks(generator, critic, lambda generators: 1, facts, options)

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = build_bank(example_shape, dtype, arguments)
        whole = found["discriminator"]
        features = whole.layers[-1].input
        return {
            "generator": found["generator"],
            "discriminator": keras.Model(whole.input, features, name="discriminator"),
            "encoder": mlp(
                features.shape[-1],
                (_ENCODER_UNITS,),
                arguments["generators"],
                activation="leaky_relu",
                dtype=dtype,
                name="encoder",
            ),
        }

    return build_bank.differing(build)


_IMAGES = images.presets(
    _networks(
        functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
        functools.partial(lucic_discriminator, norm="none"),
        images.facts(),
        images.OPTIONS,
    ),
    {"samples_per_generator": 12, "latent_distribution": "uniform"},
    network_arguments=banks.arguments(10, private_layers=None),
    more=banks.SHARED,
    **_OPTIMIZERS,
)


def _generator(example_shape: tuple[int, ...], dtype: Any = None) -> keras.Model:
    return points.generator(example_shape, _POINT_UNITS, dtype=dtype)


def _critic(example_shape: tuple[int, ...], outputs: int, dtype: Any = None) -> keras.Model:
    return points.discriminator(
        example_shape, outputs, _POINT_UNITS, activation="leaky_relu", dtype=dtype
    )


_COST = "ours: a step costs four times a GAN's"
_SEARCH = "ours, for this shorter budget; nothing is kept of how they were found"
_POINT_FACTS: Mapping[str, Any] = {
    **points.FACTS,
    "networks": "three linear layers",
    "hidden_units": lambda shape: list(points.units(shape[0], _POINT_UNITS)),
}
_POINTS = {
    name: Preset(
        dataset=name,
        example_shape=(width,),
        networks=_networks(_generator, _critic, _POINT_FACTS),
        network_arguments=banks.arguments(generators, private_layers=None),
        arguments={
            "samples_per_generator": 16,
            "latent_distribution": "uniform",
            "entropy_decay": 0.99,
        },
        steps=6_000,
        batch_size=128,
        learning_rate=1e-3,
        beta_1=0.5,
        beta_2=0.9,
        player_options={
            "encoder": {"beta_1": 0.9, "beta_2": 0.999},
            "prior": {"learning_rate": 1e-3, "beta_2": 0.5},
        },
        decay="cosine",
        interval=250,
        snapshot_interval=1_000,
        steps_per_execution=250,
        reasons={
            **dict.fromkeys(("steps", "batch_size", "samples_per_generator"), _COST),
            **dict.fromkeys(("learning_rate", "beta_2", "entropy_decay"), _SEARCH),
            "generators": "a generator for each mode",
            "networks": f"{_COST}; with the layers of all methods it is four times as slow, and "
            "loses some of the grid's modes",
            "hidden_units": _COST,
        },
        shared=points.SHARED,
    )
    for name, (width, generators) in points.SETS.items()
}

METHOD = Method(
    name="dmganpl",
    title="DMGAN-PL",
    model=DMGANPL,
    idea="a bank of generators and a learnt prior over them",
    source="Khayatkhoei et al. 2018",
    link="https://arxiv.org/abs/1806.00880",
    cost=4.0,
    code="mahyarkoy/dmgan_release",
    presets={**_IMAGES, **_POINTS},
)
