"""Losses as pure functions, one file an idea."""

from kgan.losses import adversarial, simplex

__all__ = ["adversarial", "simplex"]
