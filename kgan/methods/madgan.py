"""Multi-Agent Diverse GAN."""

from __future__ import annotations

import functools
from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_one_of
from kgan.game import packing
from kgan.game.bank import GeneratorBank
from kgan.game.mixture import MixtureModel
from kgan.game.players import Phase, Player, warn_of_squashed
from kgan.losses import madgan, mixture
from kgan.methods.method import Method
from kgan.methods.presets import banks, images, points
from kgan.networks import lucic_discriminator, lucic_generator

LOSSES = ("non_saturating", "minimax")


@keras.saving.register_keras_serializable("kgan")
class MADGAN(MixtureModel):
    """MAD-GAN: the discriminator also tells which of K generators made a sample.

    It is a softmax over K + 1 classes, the data and each generator. To tell generators apart it
    must drive them to different modes; each of them only wants to be taken for the data.

    Source: Ghosh, Kulharia, Namboodiri, Torr, Dokania, CVPR 2018, https://arxiv.org/abs/1704.02906.

    Their generators share all but the last layers, where a bank shares none, or the last ones. The
    paper's generators minimise `log(1 - D_real)`, the authors' code `-log D_real`. The code gives
    all generators the same latents: `same_noise=True`.

    Args:
        generator: a bank of K generators.
        discriminator: samples to `(batch, 1 + K)` logits: real first, then each generator.
        loss: `"non_saturating"` (the authors' code) or `"minimax"` (the paper).
        fresh_noise: draw new latents for the generators' move.
        **kwargs: see `MixtureModel`.

    Raises:
        InputError: another loss, or a discriminator of another width.
    """

    answers_logits = True

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        *,
        loss: str = "non_saturating",
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_one_of(LOSSES, loss=loss)
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator], metrics=("classifier_accuracy",)),
                Player("generator", [generator]),
            ),
            phases=(Phase("discriminator"), Phase("generator", fresh_noise=fresh_noise)),
            **kwargs,
        )
        self.discriminator = discriminator
        warn_of_squashed(discriminator)
        self.adversarial_loss = loss
        self.fresh_noise = bool(fresh_noise)
        width = packing.build(discriminator, self)[-1]
        if width != 1 + self.num_generators:
            raise InputError(
                f"The discriminator must have 1 + {self.num_generators} outputs, for real and for "
                f"each generator. Received: a discriminator of width {width}"
            )

    def discriminator_loss(self, turn: Turn) -> Any:
        """Cross-entropy of K + 1 classes; the metric is how often a sample's generator is found."""
        real = self.embedding(turn.real, turn)
        fake = self.embedding(turn.fake, turn)
        weights = ops.convert_to_tensor(self.generator.mixture)
        accuracy = mixture.generator_accuracy(fake[:, 1:], weights)
        loss = madgan.discriminator_loss(real, fake, weights)
        return loss, {"classifier_accuracy": accuracy}

    def generator_loss(self, turn: Turn) -> Any:
        """What each generator wants, summed: to be taken for the data."""
        fake = self.embedding(turn.fake, turn)
        weights = ops.convert_to_tensor(self.generator.mixture)
        if self.adversarial_loss == "minimax":
            return madgan.minimax_generator_loss(fake, weights)
        return madgan.non_saturating_generator_loss(fake, weights)

    def realness(self, outputs: Any) -> Any:
        """Log-odds of being real, and not any generator's."""
        return madgan.real_log_odds(outputs)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """What the discriminator says of samples `(n, ...)`.

        Returns:
            `logits (n,)`, the log-odds of being real; `probability (n,)` of it; and
            `generator_probabilities (n, K)`, of sum 1: whose it is if it is not real.
        """
        outputs = floats(self.discriminator(samples, training=False))
        logits = madgan.real_log_odds(outputs)
        return {
            "logits": logits,
            "probability": ops.sigmoid(logits),
            "generator_probabilities": ops.softmax(outputs[:, 1:], axis=-1),
        }


# Presets --------------------------------------------------------------------------------


def _one_and_generators(generators: int) -> int:
    return 1 + generators


_IMAGES = images.presets(
    banks.networks(
        functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
        lucic_discriminator,
        _one_and_generators,
        images.facts("batch"),
        images.OPTIONS,
    ),
    {"samples_per_generator": 12, "latent_distribution": "uniform"},
    network_arguments=banks.arguments(10, private_layers=None),
    more=banks.SHARED,
)
_POINTS = banks.point_presets(
    lambda name: banks.networks(*banks.POINT_NETWORKS, _one_and_generators, points.FACTS),
    functools.partial(banks.arguments, private_layers=None),
    rate_factors={"discriminator": 4.0},
    reasons={
        "discriminator_rate": "one that learns slower loses all modes (rates of 1, 4 and 8 times, "
        "one seed each): docs/methods/madgan.md",
    },
)

METHOD = Method(
    name="madgan",
    title="MAD-GAN",
    model=MADGAN,
    idea="the discriminator names the generator",
    source="Ghosh et al. 2018",
    link="https://arxiv.org/abs/1704.02906",
    cost=2.0,
    reasons={"loss": "the printed form saturates, as the original GAN's"},
    code="vivkul/MAD-GAN_synthetic",
    presets={**_IMAGES, **_POINTS},
)
