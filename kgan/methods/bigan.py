"""BiGAN, which is ALI: a generator and an encoder against a discriminator of pairs."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.errors import check_one_of
from kgan.game.joint import JointModel
from kgan.game.players import Phase, Player
from kgan.losses import adversarial
from kgan.methods.method import Method
from kgan.methods.presets import inverses

LOSSES = ("non_saturating", "minimax")


@keras.saving.register_keras_serializable("kgan")
class BiGAN(JointModel):
    """Generator and encoder move together: pairs `(x, E(x))` against pairs `(G(z), z)`.

    The discriminator calls the first real. At the optimum both pairs have one distribution, so
    that the encoder inverts the generator, and the value of the game is -log 4.

    Source: Donahue, Kraehenbuehl, Darrell (2017), https://arxiv.org/abs/1605.09782; Dumoulin et
    al. (2017), https://arxiv.org/abs/1606.00704, algorithm 1. The encoder is deterministic in the
    first and Gaussian in the second: `inverse_std`, of which ALI learns one for each example.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        inverse: samples to latents `(batch, latent_dim)`, the encoder E.
        discriminator: `[samples, latents]` to logits `(batch, 1)` or `(batch,)`.
        loss: of generator and encoder: `"non_saturating"`, the discriminator's with the labels
            exchanged, as both papers train; or `"minimax"`, the value of the game.
        fresh_noise: draw the generator's move its own latents; otherwise it takes the
            discriminator's, and its forward pass is shared.
        **kwargs: see `JointModel`.
    """

    def __init__(
        self,
        generator: keras.Layer,
        inverse: keras.Layer,
        discriminator: keras.Layer,
        *,
        loss: str = "non_saturating",
        fresh_noise: bool = False,
        **kwargs: Any,
    ):
        check_one_of(LOSSES, loss=loss)
        super().__init__(
            generator,
            inverse,
            discriminator,
            players=(
                Player("discriminator", [discriminator]),
                Player("generator", [generator, inverse]),
            ),
            phases=(Phase("discriminator"), Phase("generator", fresh_noise=fresh_noise)),
            **kwargs,
        )
        self.adversarial_loss = loss
        self.fresh_noise = bool(fresh_noise)

    def discriminator_loss(self, turn: Turn) -> Any:
        """`-E log D(x, E(x)) - E log(1 - D(G(z), z))`."""
        return adversarial.discriminator_loss(*self._logits(turn))

    def generator_loss(self, turn: Turn) -> Any:
        """Of generator and encoder: that with the labels exchanged, or with its sign."""
        encoded, generated = self._logits(turn)
        if self.adversarial_loss == "minimax":
            return -adversarial.discriminator_loss(encoded, generated)
        return adversarial.discriminator_loss(generated, encoded)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`{"logits": (batch,), "probability": (batch,)}` that `(x, E(x))` is of a real x."""
        logits = self.pair_logits(samples, self.encode(samples))
        return {"logits": logits, "probability": ops.sigmoid(logits)}

    def _logits(self, turn: Turn) -> tuple[Any, Any]:
        """Of pairs of real examples and their codes, and of generated samples and their latents."""
        codes = self.drawn_latents(turn)
        return (
            self.pair_logits(turn.seen(turn.real), codes, turn.training),
            self.pair_logits(turn.seen(turn.fake), turn.latents, turn.training),
        )


# Presets --------------------------------------------------------------------------------

METHOD = Method(
    name="bigan",
    title="BiGAN",
    model=BiGAN,
    idea="a discriminator of samples and latents together, as ALI has it",
    source="Donahue et al. 2017",
    link="https://arxiv.org/abs/1605.09782",
    cost=1.3,
    code="jeffdonahue/bigan",
    presets=inverses.joint_presets(),
)
