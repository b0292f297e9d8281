"""Losses as pure functions, one file an idea."""

from kgan.losses import (
    adversarial,
    mixture,
    overlap,
    simplex,
)

__all__ = [
    "adversarial",
    "mixture",
    "overlap",
    "simplex",
]
