"""Terms of games with K generators.

Generated samples lie in turns: row `r` of `(m * K, ...)` is one of generator `r % K`. Each
generator makes as many, whatever its weight in the mixture, and expectations over the mixture are
sums by weight: the same as drawing the generators by weight, with less variance.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def by_generator(values: Any, generators: int) -> Any:
    """`(m * K, ...)` to `(m, K, ...)`."""
    return ops.reshape(values, (-1, generators, *values.shape[1:]))


def mixture_mean(values: Any, weights: Any) -> Any:
    """Expectation over the mixture, `sum_k pi_k mean_b values[b, k]`.

    Args:
        values: `(m * K,)`, one for each generated sample.
        weights: `(K,)` pi, with sum 1.
    """
    return ops.sum(weights * ops.mean(by_generator(values, weights.shape[0]), axis=0))


def generator_cross_entropy(logits: Any, weights: Any) -> Any:
    """`-E log C_u(G_u(z))` over the mixture: how well a classifier tells generators apart.

    At the classifier's optimum it is `H(pi) - JSD_pi(p_1, ..., p_K)` (MGAN, Theorem 2): from 0,
    where no two generators make the same samples, to `H(pi)`, where all make the same.

    Args:
        logits: `(m * K, K)` of the generators, for each generated sample.
        weights: `(K,)` pi, with sum 1.
    """
    generators = weights.shape[0]
    log_probabilities = by_generator(ops.log_softmax(floats(logits), axis=-1), generators)
    own = ops.diagonal(log_probabilities, axis1=1, axis2=2)
    return -ops.sum(weights * ops.mean(own, axis=0))


def generator_accuracy(logits: Any, weights: Any) -> Any:
    """Share of the mixture's samples, 0..1, whose generator has the largest of its `logits`."""
    generators = weights.shape[0]
    found = by_generator(ops.argmax(logits, axis=-1), generators)
    right = floats(ops.equal(found, ops.arange(generators, dtype=found.dtype)))
    return ops.sum(weights * ops.mean(right, axis=0))
