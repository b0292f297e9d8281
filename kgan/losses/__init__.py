"""Losses as pure functions, one file an idea."""

from kgan.losses import (
    adversarial,
    gaussian,
    gradient_penalty,
    madgan,
    mixture,
    overlap,
    prior,
    simplex,
    veegan,
    wasserstein,
)

__all__ = [
    "adversarial",
    "gaussian",
    "gradient_penalty",
    "madgan",
    "mixture",
    "overlap",
    "prior",
    "simplex",
    "veegan",
    "wasserstein",
]
