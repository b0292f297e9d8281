"""Losses of MAD-GAN (Ghosh et al., CVPR 2018, https://arxiv.org/abs/1704.02906).

Logits are `(batch, 1 + K)` of a softmax over who made a sample: the data (first here and in the
authors' code, class k + 1 in the paper), or generator 1 to K. With the log-odds of being real
`o = l_0 - log sum_i exp l_i`, its parts are `D_real = sigmoid(o)` and
`D_i = (1 - D_real) softmax(l_1, ..., l_K)_i`: the original game, in which generated samples count
K-fold, and MGAN's classifier of generators.

Generated samples lie in turns, as `kgan.losses.mixture` has it. The paper *sums* over generators.
With mixture weights pi the sum is `K sum_i pi_i`, the same for equal ones.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats
from kgan.losses import adversarial, mixture


def real_log_odds(logits: Any) -> Any:
    """Log-odds `(batch,)` float32 of being real."""
    logits = floats(logits)
    return logits[:, 0] - ops.logsumexp(logits[:, 1:], axis=1)


def discriminator_loss(real_logits: Any, fake_logits: Any, weights: Any) -> Any:
    """Cross-entropy `-E log D_real(x) - sum_i E log D_i(G_i(z))`.

    At the optimum `D_real = p_data / (p_data + sum_i p_i)` and `D_i = p_i / (p_data + sum_j p_j)`.

    Args:
        real_logits: `(b, 1 + K)`.
        fake_logits: `(m * K, 1 + K)`, row `r` of generator `r % K`.
        weights: `(K,)` pi, with sum 1.
    """
    loss = adversarial.discriminator_loss(
        real_log_odds(real_logits),
        real_log_odds(fake_logits),
        lambda values: _sum_over_generators(values, weights),
    )
    generators = weights.shape[0]
    return loss + generators * mixture.generator_cross_entropy(fake_logits[:, 1:], weights)


def minimax_generator_loss(fake_logits: Any, weights: Any) -> Any:
    """The paper's `sum_i E log(1 - D_real(G_i(z)))`.

    With `E log D_real(x)` of the optimal discriminator it is least where the mixture is the data
    distribution, `-(K + 1) log(K + 1) + K log K` there (theorem 1).

    Args:
        fake_logits: `(m * K, 1 + K)`, row `r` of generator `r % K`.
        weights: `(K,)` pi, with sum 1.
    """
    return adversarial.minimax_generator_loss(
        real_log_odds(fake_logits), lambda values: _sum_over_generators(values, weights)
    )


def non_saturating_generator_loss(fake_logits: Any, weights: Any) -> Any:
    """`-sum_i E log D_real(G_i(z))`, of the authors' code; arguments as above."""
    return adversarial.non_saturating_generator_loss(
        real_log_odds(fake_logits), lambda values: _sum_over_generators(values, weights)
    )


def _sum_over_generators(values: Any, weights: Any) -> Any:
    """`K sum_i pi_i E_i values` of `(m * K,)`."""
    return weights.shape[0] * mixture.mixture_mean(values, weights)
