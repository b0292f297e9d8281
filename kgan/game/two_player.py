"""What the games of one generator and one discriminator have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from kgan.errors import InputError
from kgan.game import packing
from kgan.game.adversarial import AdversarialModel
from kgan.game.players import Phase, Player


class TwoPlayerModel(AdversarialModel):
    """A discriminator that sees samples, and a generator, which move in turns.

    A method writes `discriminator_loss` and `generator_loss`.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to whatever the method makes of them; its shape without the batch is
            `discriminator_shape`.
        discriminator_steps: moves of the discriminator for one of the generator, each on its own
            part of the batch and its own noise.
        fresh_noise: draw the generator's move its own latents; otherwise it takes the
            discriminator's, and its forward pass is shared.
        discriminator_metrics: names of the scalars that `discriminator_loss` returns besides.
        generator_metrics: the same of `generator_loss`.
        generator_networks: what moves with the generator besides; built.
        **kwargs: see `AdversarialModel`.

    Raises:
        InputError: fewer than 1 discriminator step, or networks that do not fit each other.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        discriminator_steps: int = 1,
        fresh_noise: bool = False,
        discriminator_metrics: Sequence[str] = (),
        generator_metrics: Sequence[str] = (),
        generator_networks: Sequence[keras.Layer] = (),
        **kwargs: Any,
    ):
        if discriminator_steps < 1:
            raise InputError(
                f"discriminator_steps must be at least 1. Received: {discriminator_steps}"
            )
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator], discriminator_metrics),
                Player("generator", [generator, *generator_networks], generator_metrics),
            ),
            phases=(
                Phase("discriminator", repeats=discriminator_steps),
                Phase("generator", fresh_noise=fresh_noise),
            ),
            **kwargs,
        )
        self.discriminator_shape = packing.build(discriminator, self)[1:]
        self.discriminator = discriminator
        self.discriminator_steps = int(discriminator_steps)
        self.fresh_noise = bool(fresh_noise)
