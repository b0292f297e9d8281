"""How far apart samples lie, and how far apart a discriminator's outputs lie."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import rankdata

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix, finite_values


def pairwise_distance(samples: Any) -> float:
    """Mean Euclidean distance between all pairs of `(n, d)` samples, n >= 2.

    Raises:
        InputError: another shape, fewer than 2 samples, values that are not finite.
    """
    samples = finite_matrix("samples", samples)
    if len(samples) < 2:
        raise InputError("A distance needs two samples. Received: 1")
    return float(pdist(samples).mean())


def separation(real: Any, generated: Any) -> float:
    """How completely a discriminator's outputs tell real from generated samples.

    `|2 A - 1|` for the area A under the ROC curve: the share of pairs of a real and a generated
    sample that the outputs rank rightly, less the share that they rank wrongly, ties in neither,
    in whichever direction is the greater. It knows no scale, so it means the same for
    probabilities, logits and a critic's values.

    Args:
        real: (n,) outputs for real samples.
        generated: (m,) outputs for generated ones.

    Returns:
        From 0 (alike) to 1 (no overlap at all).

    Raises:
        InputError: other shapes, no values, values that are not finite.
    """
    real, generated = finite_values("real", real), finite_values("generated", generated)
    ranks = rankdata(np.concatenate([real, generated]))
    pairs = len(real) * len(generated)
    # Mann and Whitney's U, ties counting half.
    wins = ranks[: len(real)].sum() - len(real) * (len(real) + 1) / 2
    return abs(2.0 * float(wins) / pairs - 1.0)
