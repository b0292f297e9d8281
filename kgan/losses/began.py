"""BEGAN's equilibrium (Berthelot et al. 2017, https://arxiv.org/abs/1703.10717, section 3.4).

The discriminator is an autoencoder, and what counts is the error of a reconstruction, L in the
paper: real samples should have little, generated ones much in the discriminator's loss and little
in the generator's.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def reconstruction_error(samples: Any, reconstructions: Any, power: int = 1) -> Any:
    """`L(v) = |v - D(v)|^eta`, a mean over each sample's values: both `(n, ...)` to `(n,)`."""
    gaps = ops.abs(floats(samples) - floats(reconstructions))
    gaps = ops.reshape(gaps if power == 1 else ops.square(gaps), (ops.shape(gaps)[0], -1))
    return ops.mean(gaps, axis=1)


def discriminator_loss(real_error: Any, fake_error: Any, balance: Any) -> Any:
    """`L(x) - k_t L(G(z))`."""
    real_error, fake_error, balance = map(floats, (real_error, fake_error, balance))
    return real_error - balance * fake_error


def next_balance(
    balance: Any, real_error: Any, fake_error: Any, diversity_ratio: float, rate: float
) -> Any:
    """`k_{t+1} = k_t + lambda_k (gamma L(x) - L(G(z)))`, kept in [0, 1]."""
    real_error, fake_error, balance = map(floats, (real_error, fake_error, balance))
    return ops.clip(balance + rate * (diversity_ratio * real_error - fake_error), 0.0, 1.0)


def convergence(real_error: Any, fake_error: Any, diversity_ratio: float) -> Any:
    """The measure of convergence `M = L(x) + |gamma L(x) - L(G(z))|`; the lower, the better."""
    real_error, fake_error = floats(real_error), floats(fake_error)
    return real_error + ops.abs(diversity_ratio * real_error - fake_error)
