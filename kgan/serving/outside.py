"""Generators that kgan has not trained, as sources of samples for `kgan.metrics.evaluate`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
from absl import logging

from kgan.errors import InputError

BATCH = 500
"""Samples of a call, where a generator takes any number."""

_TOLERANCE = 1e-3  # Of the range: what rounding may add.
_LONGEST = 300  # Letters of what another library says.
_NARROW = 0.5  # Samples that span less than this share of their range are worth a word.


class OutsideGenerator:
    """Draws samples, and checks them against the range that they are said to be in.

    Args:
        name: for messages.
        example_shape: of one sample, as it should be.
        value_range: (low, high) of images, None of points.
    """

    def __init__(
        self,
        name: str,
        example_shape: Sequence[int],
        value_range: tuple[float, float] | None,
    ):
        self.name = name
        self.example_shape = tuple(example_shape)
        self.value_range = value_range

    def sample(self, num_samples: int, seed: int = 0) -> np.ndarray:
        """Draw `(num_samples, ...)` float32 samples; the same seed gives the same samples.

        Raises:
            InputError: the generator cannot be called, or gives images outside its value range.
        """
        return self._checked(self._draw(num_samples, seed))

    def _draw(self, num_samples: int, seed: int) -> np.ndarray:
        """Samples as the generator gives them."""
        raise NotImplementedError

    def _checked(self, samples: np.ndarray) -> np.ndarray:
        if self.value_range is None:
            return samples
        samples = samples.astype(np.float32)
        if samples.shape[1:] != self.example_shape or not np.isfinite(samples).all():
            return samples  # `evaluate` says so.
        (low, high), least, most = self.value_range, float(samples.min()), float(samples.max())
        span = high - low
        if least < low - _TOLERANCE * span or most > high + _TOLERANCE * span:
            raise InputError(
                f"The images of {self.name} go from {least:.4g} to {most:.4g} and are said to lie "
                f"in {low:g} to {high:g}. Received: value_range {low:g},{high:g}; give the one "
                "that they are in, such as `value_range=(-1, 1)`."
            )
        if most - least < _NARROW * span:
            logging.warning(
                "The images of %s go from %.4g to %.4g only, of a range of %g to %g: is that "
                "the range that they are in?",
                self.name, least, most, low, high,
            )  # fmt: skip
        return samples


def batches(latents: np.ndarray, batch: int | None) -> Iterator[tuple[np.ndarray, int]]:
    """Yields latents in batches, and how many of each are wanted.

    Args:
        latents: (n, ...).
        batch: the only size that the generator takes, to which the last batch is filled up; None
            for any.
    """
    size = batch or BATCH
    for start in range(0, len(latents), size):
        part = latents[start : start + size]
        missing = (batch or len(part)) - len(part)
        yield np.concatenate([part, np.repeat(part[-1:], missing, axis=0)]), len(part)


def channels_last(samples: np.ndarray, example_shape: Sequence[int]) -> np.ndarray:
    """Images `(n, channels, height, width)`, as PyTorch has them, with their channels last.

    Those that are of `example_shape` already, and all others that do not fit, are left as they are.
    """
    shape = tuple(example_shape)
    if (
        len(shape) == 3
        and samples.shape[1:] != shape
        and samples.shape[1:] == (*shape[2:], *shape[:2])
    ):
        return np.moveaxis(samples, 1, -1)
    return samples


def first_line(error: Exception) -> str:
    """What an error of another library says, in a line of bearable length."""
    lines = str(error).strip().splitlines()
    if not lines:
        return type(error).__name__
    return f"{type(error).__name__}: {textwrap.shorten(lines[0], _LONGEST, placeholder='...')}"
