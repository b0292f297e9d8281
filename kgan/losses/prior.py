"""The loss of a learnt prior over generators (DMGAN-PL, arXiv:1806.00880)."""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def entropy(logits: Any) -> Any:
    """`H(p)` in nats of `p = softmax(logits)`, `(K,)`: 0 to log K."""
    logits = floats(logits)
    return -ops.sum(ops.softmax(logits) * ops.log_softmax(logits))


def prior_loss(posteriors: Any, logits: Any, entropy_weight: Any) -> Any:
    """`-mean_(x, c) q(c | x) log p_c - weight H(p)`.

    The first mean is over the batch *and* the K generators, as in the author's code: the data's
    cross-entropy divided by K. Without the entropy `p = mean_x q(c | x)` is its minimum.

    Args:
        posteriors: `(batch, K)` q, rows of sum 1: which generator the encoder takes for the maker
            of each real example.
        logits: `(K,)` zeta, p's.
        entropy_weight: what draws the prior to the uniform one, at least 0.
    """
    logits = floats(logits)
    cross_entropy = -ops.mean(floats(posteriors) * ops.log_softmax(logits))
    return cross_entropy - entropy_weight * entropy(logits)
