"""The relativistic average game (Jolicoeur-Martineau 2018, https://arxiv.org/abs/1807.00734).

The discriminator says how much more real a sample is than the mean of the other side, so both
players look at real and at generated samples. Values C are `(batch,)` or `(batch, 1)`. The means
are the whole batch's: values of several replicas must be gathered first. Losses are minimised.
"""

from __future__ import annotations

from typing import Any

from keras import ops

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


def _relative(real_values: Any, fake_values: Any, mean: Mean) -> tuple[Any, Any]:
    """Each side's values less the other side's mean."""
    real, fake = flat(real_values), flat(fake_values)
    return real - mean(fake), fake - ops.mean(real)
