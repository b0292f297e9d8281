"""MAGAN: an autoencoder as the discriminator, and a margin that follows its errors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.errors import check_whole
from kgan.game.autoencoding import AutoencoderModel
from kgan.losses import magan
from kgan.methods.method import Method
from kgan.methods.presets import autoencoders, critics, images


@keras.saving.register_keras_serializable("kgan")
class MAGAN(AutoencoderModel):
    """MAGAN: generated samples are to be reconstructed badly, up to a margin that adapts.

    The margin m starts as the mean error of real data after the autoencoder has learnt them alone.
    After each interval it falls to their mean error, where that is below m and below the generated
    samples', and those have got worse since the interval before.

    Source: Wang, Cully, Chang, Demiris (2017), https://arxiv.org/abs/1704.03817, Algorithm 1.

    The paper's interval is an epoch, and its margin starts from a pass over all data; here an
    interval is so many steps, and the margin starts from the last interval of those in which the
    autoencoder learns alone. Until then the generator stands still: `generator_loss` is 0, and its
    optimizer starts after it.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to their reconstructions, of the same shape.
        pretraining_steps: in which the autoencoder alone learns, of real data; at least 1.
        margin_interval: steps between looks at the margin, at least 1.
        power: of the error of each value: 1 or 2.
        fresh_noise: draw new latents for the generator's move.
        **kwargs: see `AutoencoderModel`.

    Raises:
        InputError: fewer than 1 step, another power, or a discriminator that is no autoencoder.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        pretraining_steps: int = 1000,
        margin_interval: int = 500,
        power: int = 2,
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_whole(1, pretraining_steps=pretraining_steps, margin_interval=margin_interval)
        super().__init__(
            generator,
            discriminator,
            power=power,
            fresh_noise=fresh_noise,
            discriminator_metrics=("real_energy", "margin"),
            generator_metrics=("fake_energy",),
            **kwargs,
        )
        self.pretraining_steps = int(pretraining_steps)
        self.margin_interval = int(margin_interval)
        self.pretraining_left = self.add_state("pretraining_left", pretraining_steps)
        self.margin = self.add_state("margin")
        self.interval_steps = self.add_state("interval_steps")
        self.real_sum, self.fake_sum = (self.add_state(f"{side}_sum") for side in ("real", "fake"))
        self.last_fake_energy = self.add_state("last_fake_energy", magan.NONE_YET)

    def discriminator_loss(self, turn: Turn) -> Any:
        """Real samples' energy, and how much generated ones lack of the margin."""
        real = self.errors(turn.real, turn)
        margin = ops.convert_to_tensor(self.margin)
        loss = magan.discriminator_loss(real, self.errors(turn.fake, turn), margin)
        alone = ops.mean(real)
        metrics = {
            "real_energy": engine.mean_over_replicas(ops.stop_gradient(alone)),
            "margin": margin,
        }
        return ops.where(self.pretraining_left > 0, alone, loss), metrics

    def generator_loss(self, turn: Turn) -> Any:
        """Generated samples' energy; 0 as long as the autoencoder learns alone."""
        energy = ops.mean(self.errors(turn.fake, turn))
        plays = ops.cast(self.pretraining_left <= 0, energy.dtype)
        return plays * energy, {"fake_energy": engine.mean_over_replicas(ops.stop_gradient(energy))}

    def train_step(self, data: Any) -> Any:
        """One round; after the last of an interval the margin moves."""
        logs = super().train_step(data)
        real, fake = (logs[self.log_names.index(f"{side}_energy")] for side in ("real", "fake"))
        left, taken = self.pretraining_left - 1, self.interval_steps + 1
        alone = left >= 0
        real, fake = self.real_sum + real, self.fake_sum + fake
        ends = ops.logical_or(taken >= self.margin_interval, ops.equal(left, 0))
        means = real / taken, fake / taken
        moved = magan.next_margin(self.margin, *means, self.last_fake_energy)
        moved = ops.where(alone, means[0], moved)
        last = ops.where(alone, magan.NONE_YET, means[1])
        self.margin.assign(ops.where(ends, moved, self.margin))
        self.last_fake_energy.assign(ops.where(ends, last, self.last_fake_energy))
        for state, value in (
            (self.real_sum, real),
            (self.fake_sum, fake),
            (self.interval_steps, taken),
        ):
            state.assign(ops.where(ends, 0.0, value))
        self.pretraining_left.assign(ops.maximum(left, 0.0))
        # The generator's gradients were 0 so far, and so are its optimizer's moments. With its
        # count at 0 too, Adam corrects the first real move as a first one.
        moves = self.optimizers["generator"].iterations
        moves.assign(ops.where(alone, ops.zeros_like(moves), moves))
        return logs


METHOD = Method(
    name="magan",
    title="MAGAN",
    model=MAGAN,
    idea="an autoencoder as discriminator, its margin adapted",
    source="Wang et al. 2017",
    link="https://arxiv.org/abs/1704.03817",
    application="gan",
    cost=1.5,
    reasons={"power": "a squared error; the definition that it was made from says an error alone"},
    presets=critics.presets(
        {"pretraining_steps": 1000, "margin_interval": 500},
        on_images=autoencoders.IMAGES,
        on_points=autoencoders.POINTS,
        without=images.NAMED,
        outputs=None,
        more={
            "pretraining_steps": (1000, "ours: two intervals"),
            "margin_interval": (500, "ours: an epoch of points is what one says it is"),
        },
    ),
)
