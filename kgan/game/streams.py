"""The random streams of a game: where each begins, so that no two ever meet.

A draw is made from two int64: the model's seed, and a number that says which draw it is. `sample`
takes the pairs (seed, 0), or two int32 of a user's choice, and so stays below all of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kgan.errors import InputError

TRAINING = 1 << 40  # Latents and instance noise of train steps.
TESTING = 1 << 41  # Latents of test steps.
GENERATORS = 1 << 42  # Which generator of a mixture makes a sample.
PENALTY_SHARES = 1 << 43  # Where DMGAN-PL's penalty looks between real and generated samples.
# Noise of losses' terms: a term more or less leaves the latents as they were.
TRAINING_TERMS = 1 << 44
TESTING_TERMS = 1 << 45
AUGMENTATION = 1 << 46  # How images are changed that the discriminator sees.
# Draws that a step may make at most from one stream.
_DRAWS = 64


def draws(stream: int, step: Any, moves: int = 1) -> Iterator[Any]:
    """Numbers of a step's draws from a random stream; no two steps share one."""
    for draw in range(_DRAWS):
        yield stream + step * _DRAWS + draw
    raise InputError(
        f"A step can draw noise {_DRAWS} times. Received: {moves} moves of one player in a step; "
        "make fewer."
    )
