"""How many dimensions a critic's embedding uses."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import entr

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix


class EmbeddingRank(NamedTuple):
    """Two views of the singular values of a matrix of embeddings.

    Attributes:
        first_share: of the energy (the sum of squared singular values), what the first component
            has: 1 where all embeddings lie on a line, 1 / m where they fill m dimensions evenly.
        effective_rank: the exponential of the entropy of the singular values over their sum, from 1
            to m (Roy and Vetterli, 2007, "The effective rank").
    """

    first_share: float
    effective_rank: float


def embedding_rank(embeddings: Any, *, centred: bool = True) -> EmbeddingRank:
    """The rank that embeddings have in effect.

    Args:
        embeddings: (n, m), such as a critic's outputs of n examples.
        centred: subtract their mean first, so that what they have in common does not count. Without
            it the lines go through the origin, as in a comparison by cosines.

    Raises:
        InputError: another shape, NaN or infinite values, or embeddings that are all alike
            (all zero, where not centred), which have no rank.
    """
    embeddings = finite_matrix("embeddings", embeddings)
    if centred:
        embeddings = embeddings - embeddings.mean(axis=0)
    # Scaled first: squares of very small or large numbers are 0 or infinite.
    size = np.abs(embeddings).max()
    if size == 0:
        raise InputError(
            f"Embeddings that are all alike have no rank. Received: {len(embeddings)} of them"
        )
    values = np.linalg.svd(embeddings / size, compute_uv=False)
    energy = np.square(values)
    return EmbeddingRank(
        float(energy[0] / energy.sum()), float(np.exp(entr(values / values.sum()).sum()))
    )
