"""How far a sample of latents is from the standard Gaussian N(0, I) that it should come from.

Methods that invert their generator draw the latents of real data to N(0, I), so that every mode of
the data has its share of the latents (InvertGAN, section 4.2). The Kolmogorov-Smirnov *statistics*
are taken, not their p-values: with thousands of latents every trained network is told apart from a
Gaussian, and the question is by how much. Even a true draw is not at 0: see `gaussian_floor`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix
from kgan.signatures import checked

_FLOOR_SEED = 3_000_017  # Of the true draws.


def latent_scores(latents: Any) -> dict[str, float]:
    """Distances of latents from N(0, I), each 0 at best.

    Args:
        latents: (n, l), n >= 2.

    Returns:
        By name:

        - `latent_mean`: the norm of the mean. A true draw has about sqrt(l / n).
        - `latent_covariance_error`: the Frobenius norm of (covariance - I), unbiased covariance. A
          true draw has about sqrt(l (l + 1) / n), a constant sqrt(l).
        - `latent_ks`: the largest over the dimensions of the Kolmogorov-Smirnov statistic against
          N(0, 1), 0 to 1: by so much at most does the probability of lying below a bound differ. It
          sees the shape of the marginals, which the moments do not.
        - `latent_radius_ks`: the statistic of `|z|^2` against the chi-square distribution with l
          degrees of freedom, 0 to 1. It sees what no single dimension shows: latents that crowd
          together or keep to a shell, in whichever directions.

    Raises:
        InputError: another shape, a single row, NaN or infinite values.
    """
    latents = finite_matrix("latents", latents)
    count, width = latents.shape
    if count < 2:
        raise InputError("A covariance needs at least 2 latents. Received: 1")
    covariance = np.cov(latents, rowvar=False).reshape(width, width)
    marginals = [stats.kstest(column, "norm").statistic for column in latents.T]
    radius = stats.kstest(np.square(latents).sum(axis=1), "chi2", args=(width,))
    return {
        "latent_mean": float(np.linalg.norm(latents.mean(axis=0))),
        "latent_covariance_error": float(np.linalg.norm(covariance - np.eye(width))),
        "latent_ks": float(max(marginals)),
        "latent_radius_ks": float(radius.statistic),
    }


@checked
def gaussian_floor(count: int, width: int, seed: int = 0) -> dict[str, float]:
    """`latent_scores` of a true draw of N(0, I): what perfect latents of as many examples get.

    Args:
        count: number of latents, at least 2.
        width: their dimensions, at least 1.
        seed: of the draw, >= 0.

    Raises:
        InputError: fewer than 2 latents, no dimensions, a negative seed.
    """
    if count < 2 or width < 1 or seed < 0:
        raise InputError(
            "A floor needs count >= 2, width >= 1 and seed >= 0. "
            f"Received: {count=}, {width=}, {seed=}"
        )
    return latent_scores(np.random.default_rng(_FLOOR_SEED + seed).standard_normal((count, width)))
