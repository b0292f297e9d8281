"""Losses of the Wasserstein game (Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875).

Values are `(batch,)` or `(batch, 1)`, as a critic gives them: the higher, the more real. The critic
must be held near 1-Lipschitz, by a gradient penalty say. All losses are minimised. Generated
samples may be averaged in another way than by `ops.mean`, as those of a mixture are.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.losses.values import Mean, flat


def critic_loss(real_values: Any, fake_values: Any, mean: Mean = ops.mean) -> Any:
    """`E f(G(z)) - E f(x)`; for the best 1-Lipschitz f it is minus the Wasserstein-1 distance."""
    return mean(flat(fake_values)) - ops.mean(flat(real_values))


def generator_loss(fake_values: Any, mean: Mean = ops.mean) -> Any:
    """`-E f(G(z))`."""
    return -mean(flat(fake_values))
