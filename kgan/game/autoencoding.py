"""Games whose discriminator is an autoencoder: what BEGAN and MAGAN have in common."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.errors import InputError
from kgan.game.two_player import TwoPlayerModel
from kgan.losses import began

_POWERS = (1, 2)


class AutoencoderModel(TwoPlayerModel):
    """What counts of a sample is how well an autoencoder reconstructs it.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to their reconstructions, of the same shape.
        power: of the absolute error of each value: 1 or 2.
        **kwargs: see `TwoPlayerModel`.

    Raises:
        InputError: another power, a discriminator that is no autoencoder, or a regularizer.
    """

    no_codes = "its discriminator is an autoencoder, whose outputs are no codes"
    no_packs = "its discriminator reconstructs samples one by one"

    def __init__(
        self, generator: keras.Layer, discriminator: keras.Layer, *, power: int = 1, **kwargs: Any
    ):
        if power not in _POWERS:
            raise InputError(f"power must be one of {_POWERS}. Received: {power}")
        if kwargs.get("regularizer") is not None:
            raise InputError(
                f"{type(self).__name__}'s discriminator is an autoencoder, whose outputs are no "
                f"codes for a regularizer. Received: regularizer={kwargs['regularizer']!r}; leave "
                "it out."
            )
        super().__init__(generator, discriminator, **kwargs)
        if self.discriminator_shape != self.sample_shape:
            raise InputError(
                f"The discriminator must be an autoencoder of samples of shape {self.sample_shape}."
                f" Received: one to {self.discriminator_shape}"
            )
        self.power = int(power)

    def errors(self, samples: Any, turn: Turn) -> Any:
        """Errors of reconstruction `(batch,)` of samples as the discriminator sees them."""
        seen = turn.seen(samples)
        return began.reconstruction_error(seen, turn.through(self.discriminator, seen), self.power)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`{"error": (batch,)}` of reconstruction: the lower, the more real."""
        samples = ops.convert_to_tensor(samples)
        found = self.discriminator(samples, training=False)
        return {"error": began.reconstruction_error(samples, found, self.power)}

    def add_state(self, name: str, value: float = 0.0) -> keras.Variable:
        """A number that the game changes as it goes; it is saved, and no player's."""
        return self.add_weight(
            name=name,
            shape=(),
            initializer=keras.initializers.Constant(value),
            trainable=False,
            dtype=keras.config.floatx(),
            aggregation="only_first_replica",
        )
