"""Losses as pure functions, one file an idea."""

from kgan.losses import (
    adversarial,
    gradient_penalty,
    madgan,
    mixture,
    overlap,
    prior,
    simplex,
    wasserstein,
)

__all__ = [
    "adversarial",
    "gradient_penalty",
    "madgan",
    "mixture",
    "overlap",
    "prior",
    "simplex",
    "wasserstein",
]
