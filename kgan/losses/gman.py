"""GMAN: what a generator makes of several discriminators (Durugkar, Gemp, Mahadevan, ICLR 2017).

Source: https://arxiv.org/abs/1611.01673, sections 3 and 4. Each discriminator plays the game of
`kgan.losses.adversarial` alone; the generator minimises a mean of what they say, in which harsh
ones count for more.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats

MEANS = ("arithmetic", "geometric", "harmonic")
# Below, a loss is taken for so much by the means that divide by it or take its logarithm.
_LEAST = 1e-7


def discriminator_losses(real_logits: Any, fake_logits: Any) -> Any:
    """`-V_i = -E log D_i(x) - E log(1 - D_i(G(z)))`: logits `(n, N)` and `(m, N)` to `(N,)`."""
    real, fake = floats(real_logits), floats(fake_logits)
    return ops.mean(ops.softplus(-real), axis=0) + ops.mean(ops.softplus(fake), axis=0)


def non_saturating_losses(fake_logits: Any) -> Any:
    """`-E log D_i(G(z))`: the code's modified objective, `(m, N)` to `(N,)`."""
    return ops.mean(ops.softplus(-floats(fake_logits)), axis=0)


def weights(losses: Any, hardness: Any) -> Any:
    """`softmax(lambda V)`: 0 is the mean of all discriminators, infinity the harshest alone.

    Args:
        losses: V `(N,)`, what the generator would minimise of each.
        hardness: lambda, at least 0.
    """
    return ops.softmax(floats(hardness) * floats(losses), axis=-1)


def combined(losses: Any, hardness: Any, mean: str = "arithmetic") -> Any:
    """F of section 4.2: the weighted mean of losses `(N,)`, a scalar.

    Args:
        losses: all of one sign, as values of the minimax game, which are below 0.
        hardness: lambda.
        mean: one of `MEANS`.
    """
    losses = floats(losses)
    shares = weights(losses, hardness)
    if mean == "arithmetic":
        return ops.sum(shares * losses)
    signs = ops.where(losses < 0, -1.0, 1.0)
    sizes = ops.maximum(ops.abs(losses), _LEAST)
    if mean == "geometric":
        size = ops.exp(ops.sum(shares * ops.log(sizes)))
    else:
        size = 1.0 / ops.sum(shares / sizes)
    return ops.max(signs) * size
