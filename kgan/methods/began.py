"""BEGAN: an autoencoder as the discriminator, and a balance that is kept."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.errors import InputError, check_positive
from kgan.game.autoencoding import AutoencoderModel
from kgan.losses import began
from kgan.methods.method import Method
from kgan.methods.presets import autoencoders, critics


@keras.saving.register_keras_serializable("kgan")
class BEGAN(AutoencoderModel):
    """BEGAN: what counts of a sample is how well an autoencoder reconstructs it.

    A weight k of the generated samples' error in the discriminator's loss follows the balance
    between the errors, so that the generated ones' is `diversity_ratio` times the real ones'.

    Source: Berthelot, Schumm, Metz (2017), https://arxiv.org/abs/1703.10717. k moves once a step,
    by the errors of the discriminator's (last) move; they are means over a sample's values.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to their reconstructions, of the same shape.
        diversity_ratio: gamma in the paper, in [0, 1]: the higher, the more diverse the samples.
        balance_rate: lambda_k, by which k moves; over 0.
        power: of the error's norm, eta: 1 or 2.
        **kwargs: see `TwoPlayerModel`; the paper's generator has `fresh_noise`.

    Raises:
        InputError: a number out of its range, or a discriminator that is no autoencoder.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        diversity_ratio: float = 0.75,
        balance_rate: float = 1e-3,
        power: int = 1,
        **kwargs: Any,
    ):
        _check(diversity_ratio, balance_rate)
        super().__init__(
            generator,
            discriminator,
            power=power,
            discriminator_metrics=("real_error", "fake_error", "balance", "convergence"),
            **kwargs,
        )
        self.balance = self.add_state("balance")
        self.diversity_ratio = float(diversity_ratio)
        self.balance_rate = float(balance_rate)

    def discriminator_loss(self, turn: Turn) -> Any:
        """Real samples shall be reconstructed, and generated ones not, by k."""
        real, fake = self._error(turn.real, turn), self._error(turn.fake, turn)
        balance = ops.convert_to_tensor(self.balance)
        loss = began.discriminator_loss(real, fake, balance)
        # |.| is no mean over rows: the measure is of the batch of all replicas.
        real, fake = (engine.mean_over_replicas(ops.stop_gradient(mean)) for mean in (real, fake))
        return loss, {
            "real_error": real,
            "fake_error": fake,
            "balance": balance,
            "convergence": began.convergence(real, fake, self.diversity_ratio),
        }

    def generator_loss(self, turn: Turn) -> Any:
        """Generated samples shall be reconstructed."""
        return self._error(turn.fake, turn)

    def train_step(self, data: Any) -> Any:
        """One round; then k moves."""
        logs = super().train_step(data)
        real, fake = (logs[self.log_names.index(f"{side}_error")] for side in ("real", "fake"))
        balance = ops.convert_to_tensor(self.balance)
        self.balance.assign(
            began.next_balance(balance, real, fake, self.diversity_ratio, self.balance_rate)
        )
        return logs

    def _error(self, samples: Any, turn: Turn) -> Any:
        return ops.mean(self.errors(samples, turn))


def _check(diversity_ratio: float, balance_rate: float) -> None:
    if not 0 <= diversity_ratio <= 1:
        raise InputError(f"diversity_ratio must lie in [0, 1]. Received: {diversity_ratio}")
    check_positive(balance_rate=balance_rate)


METHOD = Method(
    name="began",
    title="BEGAN",
    model=BEGAN,
    idea="an autoencoder as discriminator, in balance",
    source="Berthelot et al. 2017",
    link="https://arxiv.org/abs/1703.10717",
    application="gan",
    cost=2.5,
    presets=critics.presets(
        {"diversity_ratio": 0.75, "balance_rate": 1e-3, **critics.FIVE},
        on_images=autoencoders.IMAGES,
        on_points=autoencoders.POINTS,
        outputs=None,
        image_budget={"learning_rate": 1e-4},
        more={
            "diversity_ratio": (0.75, "Lucic et al.'s, on images"),
            "discriminator_steps": (5, "Lucic et al.'s, on images"),
        },
    ),
)
