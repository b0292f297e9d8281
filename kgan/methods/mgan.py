"""Mixture GAN."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.errors import InputError, check_not_negative
from kgan.game.bank import GeneratorBank
from kgan.game.mixture import MixtureModel
from kgan.game.players import Phase, Player, build_network
from kgan.losses import adversarial, mixture


@keras.saving.register_keras_serializable("kgan")
class MGAN(MixtureModel):
    """MGAN: a mixture of generators, and a classifier that tells which one made a sample.

    Generators are drawn apart by the classifier, which shares all but its last layer with the
    discriminator. At the equilibrium the mixture is the data distribution, and the generators'
    distributions differ as much as they can.

    Source: Hoang, Nguyen, Le, Phung, ICLR 2018, https://openreview.net/forum?id=rkmu5b0a-.

    The paper draws new latents for the generators' move, of each generator its own. The authors'
    code gives all generators the same latents in both moves: `same_noise=True, fresh_noise=False`.

    Args:
        generator: a bank of K generators; in the paper all but their first layer is shared.
        discriminator: samples to `(batch, 1 + K)`: the discriminator's logit, then the
            classifier's.
        diversity: beta, the weight of the classifier's term in the generators' loss, at least 0.
        fresh_noise: draw new latents for the generators' move.
        **kwargs: see `MixtureModel`.
    """

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        *,
        diversity: float = 0.125,
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_not_negative(diversity=diversity)
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator], metrics=("classifier_accuracy",)),
                Player("generator", [generator], metrics=("diversity_loss",)),
            ),
            phases=(Phase("discriminator"), Phase("generator", fresh_noise=fresh_noise)),
            **kwargs,
        )
        self.discriminator = discriminator
        self.diversity = float(diversity)
        self.fresh_noise = bool(fresh_noise)
        width = build_network(discriminator, (None, *self.sample_shape))[-1]
        if width != 1 + self.num_generators:
            raise InputError(
                f"The discriminator must have 1 + {self.num_generators} outputs, its own and one "
                f"for each generator. Received: a discriminator of width {width}"
            )

    def discriminator_loss(self, turn: Turn) -> Any:
        """`L_C + L_D` of Algorithm 2; the class term has weight 1 here."""
        real, _ = _heads(self.embedding(turn.real, turn))
        fake, classes = _heads(self.embedding(turn.fake, turn))
        weights = ops.convert_to_tensor(self.generator.mixture)
        loss = adversarial.discriminator_loss(real, fake, self.mixture_mean)
        loss += mixture.generator_cross_entropy(classes, weights)
        return loss, {"classifier_accuracy": mixture.generator_accuracy(classes, weights)}

    def generator_loss(self, turn: Turn) -> Any:
        """`L_G` of Algorithm 2, which is descended, its first term in the non-saturating form."""
        fake, classes = _heads(self.embedding(turn.fake, turn))
        weights = ops.convert_to_tensor(self.generator.mixture)
        apart = mixture.generator_cross_entropy(classes, weights)
        loss = adversarial.non_saturating_generator_loss(fake, self.mixture_mean)
        return loss + self.diversity * apart, {"diversity_loss": apart}

    def realness(self, outputs: Any) -> Any:
        """The discriminator's own logit, without the classifier's."""
        return _heads(ops.cast(outputs, "float32"))[0]

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`logits (n,)`, `probability (n,)` of being real, `generator_probabilities (n, K)`."""
        outputs = ops.cast(self.discriminator(samples, training=False), "float32")
        logits, classes = _heads(outputs)
        return {
            "logits": logits,
            "probability": ops.sigmoid(logits),
            "generator_probabilities": ops.softmax(classes, axis=-1),
        }

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {
            **super().get_config(),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "diversity": self.diversity,
            "fresh_noise": self.fresh_noise,
        }


def _heads(outputs: Any) -> tuple[Any, Any]:
    """The discriminator's logits `(n,)` and the classifier's `(n, K)`."""
    return outputs[:, 0], outputs[:, 1:]
