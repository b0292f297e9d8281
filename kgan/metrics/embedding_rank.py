"""How many dimensions a critic's embedding uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy.special import entr

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix
from kgan.signatures import checked

_BATCH = 500


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


@checked
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


def embeds(source: Any, examples: np.ndarray) -> bool:
    """Whether a source of samples embeds examples (n, ...) in more than one dimension.

    It does when its `discriminate(examples)` gives an `embedding (n, m)` with m over 1.
    """
    return _embedding(source, examples[:1]) is not None


def embedding_scores(source: Any, examples: Iterable[np.ndarray]) -> dict[str, Any]:
    """The rank of a source's embeddings of examples, as `evaluate` reports it.

    Args:
        source: one that `embeds`.
        examples: (n, ...) in the source's range, in parts.

    Returns:
        embedding_dimensions (m), embedding_first_share and embedding_effective_rank: see
        `EmbeddingRank`. These two are None of embeddings that are all alike.

    Raises:
        InputError: embeddings that are not finite.
    """
    parts = [embeddings_of(source, part) for part in examples]
    embeddings = finite_matrix("embeddings", np.concatenate([p for p in parts if p is not None]))
    alike = not np.ptp(embeddings, axis=0).any()
    share, rank = (None, None) if alike else embedding_rank(embeddings)
    return {
        "embedding_dimensions": embeddings.shape[1],
        "embedding_first_share": share,
        "embedding_effective_rank": rank,
    }


def embeddings_of(source: Any, examples: np.ndarray) -> np.ndarray | None:
    """The embeddings (n, m) of examples (n, ...); None of a source that does not embed them.

    Args:
        source: whose `discriminate(examples)` may give an `embedding`.
        examples: in the source's range.
    """
    parts = []
    for start in range(0, len(examples), _BATCH):
        part = _embedding(source, examples[start : start + _BATCH])
        if part is None:
            return None
        parts.append(part)
    return np.concatenate(parts)


def _embedding(source: Any, examples: np.ndarray) -> np.ndarray | None:
    """(n, m) of examples (n, ...); None of a source that does not embed."""
    if not hasattr(source, "discriminate") or getattr(source, "pack", 1) > 1:
        return None
    try:
        told = source.discriminate(examples)
    except InputError:  # A model without a discriminator says so.
        return None
    found = told.get("embedding") if isinstance(told, Mapping) else None
    if found is None or len(found.shape) != 2 or found.shape[1] < 2:
        return None
    return np.asarray(found)
