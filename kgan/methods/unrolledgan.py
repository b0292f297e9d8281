"""Unrolled GAN: the generator moves against the discriminator of some steps later."""

from __future__ import annotations

from typing import Any

import keras

from kgan.backend import layer_losses, unrolling
from kgan.backend.engine import Turn
from kgan.errors import InputError, check_one_of
from kgan.losses import adversarial
from kgan.methods.gan import GAN
from kgan.methods.method import Method
from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Shared

LOSSES = ("minimax", "non_saturating")


@keras.saving.register_keras_serializable("kgan")
class UnrolledGAN(GAN):
    """A GAN whose generator foresees the discriminator's next steps.

    The generator's loss is taken at the discriminator after `unrolled_steps` steps of its own
    optimizer on this batch, and differentiated through those steps; they are then forgotten, and
    the discriminator moves by one step as ever.

    Source: Metz, Poole, Pfau, Sohl-Dickstein (2017), https://arxiv.org/abs/1611.02163. All steps
    see the same real and generated samples, as in the authors' notebook.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to logits, as in `GAN`.
        unrolled_steps: k in the paper; 0 is `GAN`. A step of training costs about as many
            discriminator steps, each differentiated twice.
        loss: the generator's: `"minimax"` (the paper's surrogate, in which the real samples count
            too, since the steps depend on the generator) or `"non_saturating"`.
        **kwargs: see `GAN`; there is neither a penalty, whose noise would differ between the steps,
            nor a regularizer, whose state would. `terms` of the generator may be.

    `compile` takes Adam or plain SGD for the discriminator, and raises `InputError` on others.
    """

    no_discriminator_terms = "the steps that it foresees know of no others"
    no_codes = "the steps that it foresees would each change the buffers of codes"

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        unrolled_steps: int = 5,
        loss: str = "minimax",
        **kwargs: Any,
    ):
        if unrolled_steps < 0:
            raise InputError(f"unrolled_steps must be at least 0. Received: {unrolled_steps}")
        check_one_of(LOSSES, loss=loss)
        for name in ("penalty", "penalties", "regularizer"):
            if kwargs.get(name):
                raise InputError(
                    f"An unrolled GAN takes no {name}. Received: {name}={kwargs[name]!r}; leave it "
                    "out, or take kgan.GAN."
                )
        super().__init__(generator, discriminator, loss=loss, **kwargs)
        self.unrolled_steps = int(unrolled_steps)

    def compile(self, optimizer: Any = None, *args: Any, **kwargs: Any) -> None:
        """See `AdversarialModel.compile`; the discriminator's must be Adam or plain SGD."""
        super().compile(optimizer, *args, **kwargs)
        if self.unrolled_steps:
            unrolling.require_known(self.optimizers["discriminator"])

    def generator_loss(self, turn: Turn) -> Any:
        """The paper's surrogate f_K: the loss at the unrolled discriminator."""
        if self.unrolled_steps == 0:
            return super().generator_loss(turn)
        # Instance noise is drawn once: every step sees the same samples.
        real, fake = turn.seen(turn.real), turn.seen(turn.fake)

        def logits(samples: Any) -> Any:
            return self.values(self.discriminator(samples, training=turn.training))

        def value() -> Any:
            return self.game_of_discriminator(logits(real), logits(fake))

        variables = self.players["discriminator"].variables

        def regularized() -> Any:
            with layer_losses.recorded([self.discriminator]) as added:
                loss = value()
            return layer_losses.total(loss, added + layer_losses.weight_penalties(variables))

        values = unrolling.unroll(
            regularized, variables, self.optimizers["discriminator"], self.unrolled_steps
        )
        if self.adversarial_loss == "minimax":
            return -unrolling.evaluate_at(value, variables, values)
        return unrolling.evaluate_at(
            lambda: adversarial.non_saturating_generator_loss(logits(fake)), variables, values
        )


# Presets --------------------------------------------------------------------------------

_MORE: Shared = {"unrolled_steps": (5, "as in the authors' notebook, on the ring")}
_ARGUMENTS = {"latent_distribution": "uniform", "unrolled_steps": 5}
_IMAGES = images.presets(
    images.networks("batch"),
    _ARGUMENTS,
    more=_MORE,
)
_SEARCH = "MD-GAN's former rates, by search on the grid: docs/results/mdgan_grid.md"
_POINTS = points.presets(
    _ARGUMENTS,
    learning_rate=2e-3,
    rate_factors={"discriminator": 0.25},
    more=_MORE,
    reasons={"learning_rate": _SEARCH, "discriminator_rate": _SEARCH},
)

METHOD = Method(
    name="unrolledgan",
    title="Unrolled GAN",
    model=UnrolledGAN,
    idea="the generator foresees the discriminator's next steps",
    source="Metz et al. 2017",
    link="https://arxiv.org/abs/1611.02163",
    cost=5.0,
    code="poolio/unrolled_gan",
    fixed=("penalty", "penalty_weight", "penalties"),
    presets={**_IMAGES, **_POINTS},
)
