"""MIX+GAN's entropy of mixture weights (Arora et al., ICML 2017, arXiv:1703.00573, section 5)."""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def weight_entropy(logits: Any) -> Any:
    """`R(w) = -(1/T) sum_i log w_i` of `w = softmax(logits)`: log T where all are equal, else more.

    Args:
        logits: `(T,)`.
    """
    return -ops.mean(ops.log_softmax(floats(logits)))
