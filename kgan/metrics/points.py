"""All scores of points against the Gaussian mixture that they should come from."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgan.data import GaussianMixture
from kgan.metrics.balance import mode_balance
from kgan.metrics.divergences import (
    histogram_wasserstein,
    reverse_kl,
    reverse_kl_nearest,
    symmetric_kl,
)
from kgan.metrics.histograms import HistogramGrid
from kgan.metrics.modes import mode_counts


def point_scores(points: np.ndarray, mixture: GaussianMixture) -> dict[str, Any]:
    """Scores of points (n, 2), as `evaluate` reports them; modes of weight 0 are no modes."""
    means, std, weights = present_modes(mixture)
    counts = mode_counts(points, means, std)
    balance = mode_balance(counts.near, weights)
    grid = HistogramGrid.around(means, std)
    made, true = grid.of_points(points), grid.of_mixture(means, std, weights)
    return {
        "modes_total": counts.total,
        "modes_covered": counts.covered,
        "modes_strict": counts.strict,
        "high_quality": counts.high_quality,
        "reverse_kl": reverse_kl(counts.near, counts.samples, weights),
        "reverse_kl_nearest": reverse_kl_nearest(counts.nearest, weights),
        "balance_chi_square": balance.chi_square,
        "balance_p_value": balance.p_value,
        "symmetric_kl": symmetric_kl(made, true),
        "wasserstein": histogram_wasserstein(made, true, grid),
        "mode_counts": counts.near.tolist(),
    }


def present_modes(mixture: GaussianMixture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns means, standard deviations and weights of the modes that have any weight."""
    present = mixture.weights > 0
    return mixture.means[present], mixture.std[present], mixture.weights[present]
