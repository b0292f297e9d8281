"""Relativistic games (Jolicoeur-Martineau 2018, https://arxiv.org/abs/1807.00734).

The discriminator says how much more real a sample is than the other side, so both players look at
real and at generated samples. Values C are `(batch,)` or `(batch, 1)`. Losses are minimised.

In the average game the other side is its mean over the whole batch: values of several replicas must
be gathered first. In the pairing game it is one sample, the row's (Huang et al. 2024, R3GAN,
https://arxiv.org/abs/2501.05441).
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.errors import InputError
from kgan.losses.values import Mean, flat


def discriminator_loss(real_values: Any, fake_values: Any, mean: Mean = ops.mean) -> Any:
    """Cross-entropy of `D(x) = sigmoid(C(x) - E C(G(z)))` and `D(G(z))` likewise, Eq. (13).

    At equal distributions the best it can be is `2 log 2`.
    """
    real, fake = _relative(real_values, fake_values, mean)
    return ops.mean(ops.softplus(-real)) + mean(ops.softplus(fake))


def generator_loss(real_values: Any, fake_values: Any, mean: Mean = ops.mean) -> Any:
    """The discriminator's with its labels exchanged, Eq. (14)."""
    real, fake = _relative(real_values, fake_values, mean)
    return ops.mean(ops.softplus(real)) + mean(ops.softplus(-fake))


def paired_discriminator_loss(real_values: Any, fake_values: Any) -> Any:
    """`E softplus(-(C(x) - C(G(z))))` over pairs of rows.

    At equal distributions the best it can be is `log 2`.
    """
    return ops.mean(ops.softplus(-_differences(real_values, fake_values)))


def paired_generator_loss(real_values: Any, fake_values: Any) -> Any:
    """`E softplus(-(C(G(z)) - C(x)))` over the same pairs."""
    return ops.mean(ops.softplus(_differences(real_values, fake_values)))


def _differences(real_values: Any, fake_values: Any) -> Any:
    """How much more real each row's real value is than its generated one."""
    real, fake = flat(real_values), flat(fake_values)
    if None not in (*real.shape, *fake.shape) and real.shape != fake.shape:
        raise InputError(
            "Pairs need as many real as generated values. Received: "
            f"{real.shape[0]} and {fake.shape[0]}"
        )
    return real - fake


def _relative(real_values: Any, fake_values: Any, mean: Mean) -> tuple[Any, Any]:
    """Each side's values less the other side's mean."""
    real, fake = flat(real_values), flat(fake_values)
    return real - mean(fake), fake - ops.mean(real)
