"""The original GAN."""

from __future__ import annotations

from typing import Any

import keras

from kgan.errors import InputError
from kgan.losses import adversarial
from kgan.models.adversarial import AdversarialModel
from kgan.models.players import Phase, Player
from kgan.training.engine import Turn

LOSSES = ("non_saturating", "minimax")


@keras.saving.register_keras_serializable("kgan")
class GAN(AdversarialModel):
    """A generator against a discriminator (Goodfellow et al. 2014, arXiv:1406.2661).

    Args:
        generator: any Keras model from latents `(batch, latent_dim)` to samples.
        discriminator: any Keras model from samples to logits `(batch, 1)` or `(batch,)`.
        loss: the generator's: `"non_saturating"` or `"minimax"`.
        discriminator_steps: moves of the discriminator for one of the generator, each on its own
            part of the batch and its own noise.
        fresh_noise: draw the generator's move its own latents; otherwise it takes the
            discriminator's, and its forward pass is shared.
        **kwargs: see `AdversarialModel`.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        loss: str = "non_saturating",
        discriminator_steps: int = 1,
        fresh_noise: bool = False,
        **kwargs: Any,
    ):
        if loss not in LOSSES:
            raise InputError(f"loss must be one of {LOSSES}. Received: {loss!r}")
        if discriminator_steps < 1:
            raise InputError(
                f"discriminator_steps must be at least 1. Received: {discriminator_steps}"
            )
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator]),
                Player("generator", [generator]),
            ),
            phases=(
                Phase("discriminator", repeats=discriminator_steps),
                Phase("generator", fresh_noise=fresh_noise),
            ),
            **kwargs,
        )
        self.discriminator = discriminator
        self.adversarial_loss = loss
        self.fresh_noise = bool(fresh_noise)
        self.discriminator_steps = discriminator_steps

    def discriminator_loss(self, turn: Turn) -> Any:
        """Binary cross-entropy; real and generated samples pass separately."""
        return adversarial.discriminator_loss(
            self.embedding(turn.real, turn), self.embedding(turn.fake, turn)
        )

    def generator_loss(self, turn: Turn) -> Any:
        """Eq. (2a) or (2b) of the MD-GAN paper's account."""
        logits = self.embedding(turn.fake, turn)
        if self.adversarial_loss == "minimax":
            return adversarial.minimax_generator_loss(logits)
        return adversarial.non_saturating_generator_loss(logits)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`{"logits": (batch,), "probability": (batch,)}` of being real."""
        logits = keras.ops.reshape(self.discriminator(samples, training=False), (-1,))
        logits = keras.ops.cast(logits, "float32")
        return {"logits": logits, "probability": keras.ops.sigmoid(logits)}

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {
            **super().get_config(),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "loss": self.adversarial_loss,
            "fresh_noise": self.fresh_noise,
            "discriminator_steps": self.discriminator_steps,
        }
