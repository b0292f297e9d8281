"""Generators that map latents to samples, of whatever library, as sources of samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kgan.backend import engine
from kgan.errors import InputError
from kgan.serving.outside import OutsideGenerator, batches, channels_last


class LatentGenerator(OutsideGenerator):
    """Draws latents as a kgan model does from the same seed, and maps them to samples.

    Args:
        name: for messages.
        inputs: `(batch or None, ...)` shape of the latents.
        example_shape: of one example.
        latents: `"normal"` (N(0, 1)) or `"uniform"` (U[-1, 1]).
        value_range: (low, high) of images, None of points.

    Raises:
        InputError: another distribution.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[Any],
        *,
        example_shape: Sequence[int],
        latents: str = "normal",
        value_range: tuple[float, float] | None = None,
    ):
        super().__init__(name, example_shape, value_range)
        if latents not in engine.DISTRIBUTIONS:
            raise InputError(f"latents must be one of {engine.DISTRIBUTIONS}. Received: {latents}")
        self._latents = latents
        self._batch, *self.latent_shape = inputs

    def _draw(self, num_samples: int, seed: int) -> np.ndarray:
        shape = (num_samples, *self.latent_shape)
        latents = np.asarray(engine.noise(shape, self._latents, (seed, 0)))
        parts = [self._call(part)[:count] for part, count in batches(latents, self._batch)]
        return np.concatenate(parts)

    def _call(self, latents: np.ndarray) -> np.ndarray:
        """What the generator makes of a batch of latents."""
        raise NotImplementedError

    def _samples(self, outputs: Iterable[Any]) -> np.ndarray:
        """The outputs' array of samples, as float32; of several the one of the examples' shape.

        Raises:
            InputError: there is none.
        """
        outputs = [channels_last(np.asarray(output), self.example_shape) for output in outputs]
        found = outputs
        if len(found) > 1:
            found = [array for array in found if array.shape[1:] == self.example_shape]
        if len(found) != 1:
            shapes = ", ".join(str(output.shape[1:]) for output in outputs)
            raise InputError(
                f"One output of {self.name} must have the examples' shape {self.example_shape}. "
                f"Received: outputs of the shapes {shapes}"
            )
        return found[0].astype(np.float32)
