"""Any function that draws samples, of a PyTorch module for example, as a source of samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.serving.outside import OutsideGenerator, channels_last, first_line


class FunctionGenerator(OutsideGenerator):
    """A function of `(n, seed)` that gives n samples.

    It is asked for all samples at once: it should draw in batches, and without gradients, where
    they do not fit.

    Args:
        function: gives an array or a tensor, of PyTorch too, on whatever device. Images
            `(n, channels, height, width)` are taken for ones with their channels last.
        name: for messages.
        example_shape: of one example.
        value_range: (low, high) of images, None of points.
    """

    def __init__(
        self,
        function: Callable[[int, int], Any],
        name: str,
        *,
        example_shape: Sequence[int],
        value_range: tuple[float, float] | None = None,
    ):
        super().__init__(name, example_shape, value_range)
        self._function = function

    def _draw(self, num_samples: int, seed: int) -> np.ndarray:
        try:
            samples = self._function(num_samples, seed)
            if hasattr(samples, "detach"):  # PyTorch's tensors with gradients, or of a GPU.
                samples = samples.detach().cpu()
            found = np.asarray(samples)
        except Exception as error:  # The function may raise anything.
            raise InputError(
                f"{self.name} cannot be called with ({num_samples}, {seed}) ({first_line(error)}): "
                "give a function of a number of samples and a seed."
            ) from error
        if found.dtype.kind not in "fiu":
            raise InputError(
                f"{self.name} must give an array of numbers. Received: {found.dtype} of shape "
                f"{found.shape}"
            )
        return channels_last(found, self.example_shape).astype(np.float32)
