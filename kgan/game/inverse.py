"""Games with a network that maps samples back to latents."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from kgan import serving
from kgan.backend.precision import floats
from kgan.errors import InputError, check_whole
from kgan.game.adversarial import AdversarialModel
from kgan.game.players import build_network, warn_of_squashed
from kgan.signatures import checked


class InverseModel(AdversarialModel):
    """Base of the methods that invert their generator: InvertGAN, VEEGAN, BiGAN.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        inverse: samples to latents `(batch, latent_dim)`; the papers' F, reconstructor or encoder.
        **kwargs: see `AdversarialModel`.

    Raises:
        InputError: if the inverse does not map samples to latents of the generator's size.
    """

    no_packs = "its inverse maps samples one by one"

    def __init__(self, generator: keras.Layer, inverse: keras.Layer, **kwargs: Any):
        super().__init__(generator, **kwargs)
        shape = build_network(inverse, (None, *self.sample_shape))
        if shape != (None, self.latent_dim):
            raise InputError(
                f"The inverse must map samples of the shape {self.sample_shape} to the generator's "
                f"{self.latent_dim} latent dimensions. Received: an inverse with the output shape "
                f"{shape}"
            )
        self.inverse = inverse
        if self.latent_distribution == "normal":
            warn_of_squashed(inverse, "latents that are N(0, I) have no bounds")

    def encode(self, samples: Any, training: bool = False) -> Any:
        """Latents `(batch, latent_dim)` float32 of samples, as a tensor."""
        return floats(self.inverse(samples, training=training))

    def invert(self, samples: Any, *, batch_size: int = 500) -> np.ndarray:
        """Latents `(n, latent_dim)` of samples `(n, ...)` in `value_range`."""
        return self._in_batches(self.encode, self.expected().array(samples), batch_size)

    def reconstruct(self, samples: Any, *, batch_size: int = 500) -> np.ndarray:
        """`G(F(x))` of samples `(n, ...)` in `value_range`: what the game makes of them."""
        return self._in_batches(
            lambda x: self(self.encode(x)), self.expected().array(samples), batch_size
        )

    @checked
    def interpolate(self, first: Any, second: Any, steps: int) -> np.ndarray:
        """Samples on the way from one example to another, along a line between their latents.

        Args:
            first: examples `(n, ...)` in `value_range`.
            second: as many.
            steps: samples of each pair, both ends included; at least 2.

        Returns:
            `(n, steps, ...)`; the ends are the reconstructions of `first` and `second`.
        """
        check_whole(2, steps=steps)
        first, second = map(self.expected().array, (first, second))
        if len(first) != len(second):
            raise InputError(
                "interpolate needs as many first as second examples. "
                f"Received: {len(first)} and {len(second)}"
            )
        start, end = self.invert(first), self.invert(second)
        way = np.linspace(0, 1, steps, dtype="float32")[None, :, None]
        latents = (1 - way) * start[:, None] + way * end[:, None]
        made = self._in_batches(self, latents.reshape(-1, self.latent_dim))
        return made.reshape(len(first), steps, *self.sample_shape)

    def endpoints(self) -> dict[str, serving.Endpoint]:
        """As of `AdversarialModel`, and `invert`."""
        return {**super().endpoints(), **serving.inverse_endpoints(self)}
