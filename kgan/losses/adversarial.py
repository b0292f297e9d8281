"""Losses of the original game (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661).

Logits are `(batch,)` or `(batch, 1)`: the discriminator's log-odds that a sample is real. All
losses are means over the batch, and are minimised. Generated samples may be averaged in another
way, as those of a mixture are: by `mean`, a function from `(batch,)` to a scalar.
"""

from typing import Any

from keras import ops

from kgan.losses.values import Mean, flat


def discriminator_loss(real_logits: Any, fake_logits: Any, mean: Mean = ops.mean) -> Any:
    """Binary cross-entropy: `-E log D(x) - E log(1 - D(G(z)))`, Eq. (1) negated.

    At the discriminator's optimum it is `2 log 2 - 2 JSD(p_data, p_generator)`.
    """
    return ops.mean(ops.softplus(-flat(real_logits))) + mean(ops.softplus(flat(fake_logits)))


def minimax_generator_loss(fake_logits: Any, mean: Mean = ops.mean) -> Any:
    """`E log(1 - D(G(z)))`: the game's value; saturates where the discriminator is sure."""
    return -mean(ops.softplus(flat(fake_logits)))


def non_saturating_generator_loss(fake_logits: Any, mean: Mean = ops.mean) -> Any:
    """`-E log D(G(z))`."""
    return mean(ops.softplus(-flat(fake_logits)))


GENERATOR_LOSSES = {
    "non_saturating": non_saturating_generator_loss,
    "minimax": minimax_generator_loss,
}
"""By the name that methods call them by."""
