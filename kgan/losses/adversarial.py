"""Losses of the original game (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661).

Logits are `(batch,)` or `(batch, 1)`: the discriminator's log-odds that a sample is real. All
losses are means over the batch, and are minimised. Generated samples may be averaged in another
way, as those of a mixture are: by `mean`, a function from `(batch,)` to a scalar.
"""

from typing import Any

from keras import ops

from kgan.losses.values import Mean, flat


def discriminator_loss(
    real_logits: Any, fake_logits: Any, mean: Mean = ops.mean, *, smoothing: float = 0.0
) -> Any:
    """Binary cross-entropy: `-E log D(x) - E log(1 - D(G(z)))`, Eq. (1) negated.

    At the discriminator's optimum it is `2 log 2 - 2 JSD(p_data, p_generator)`. With `smoothing`
    s real samples have the label 1 - s, and generated ones 0 as ever (Salimans et al. 2016,
    https://arxiv.org/abs/1606.03498, section 3.4): the best D is `(1 - s) p / (p + q)`, p the data.
    """
    real = flat(real_logits)
    loss = ops.mean(ops.softplus(-real)) + mean(ops.softplus(flat(fake_logits)))
    # -(1 - s) log D - s log(1 - D), where -log(1 - D) is -log D and the logit more.
    return loss + smoothing * ops.mean(real) if smoothing else loss


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
