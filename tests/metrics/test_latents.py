"""Gaussianity of latents: by hand, against a plain Kolmogorov-Smirnov test, and of true draws."""

import numpy as np
import pytest
from scipy.special import gammainc, ndtr

from kgan.errors import InputError
from kgan.metrics import gaussian_floor, latent_scores

KEYS = {"latent_mean", "latent_covariance_error", "latent_ks", "latent_radius_ks"}


def kolmogorov_smirnov(cdf):
    """The largest gap of the empirical distribution, of (n,) true probabilities."""
    cdf, n = np.sort(cdf), len(cdf)
    return max((np.arange(1, n + 1) / n - cdf).max(), (cdf - np.arange(n) / n).max())


@pytest.mark.parametrize("width", [1, 2, 5])
def test_against_plain_numpy(width):
    rng = np.random.default_rng(width)
    latents = 0.3 + rng.standard_normal((200, width)) @ rng.standard_normal((width, width))
    found = latent_scores(latents)
    assert found.keys() == KEYS
    assert all(type(value) is float for value in found.values())
    mean = latents.sum(0) / 200
    covariance = sum(np.outer(row, row) for row in latents - mean) / 199
    assert found["latent_mean"] == pytest.approx(np.sqrt((mean**2).sum()))
    expected = np.sqrt(((covariance - np.eye(width)) ** 2).sum())
    assert found["latent_covariance_error"] == pytest.approx(expected)
    marginals = [kolmogorov_smirnov(ndtr(column)) for column in latents.T]
    assert found["latent_ks"] == pytest.approx(max(marginals))
    # Chi-square with l degrees of freedom is the incomplete gamma function of l / 2.
    radii = gammainc(width / 2, (latents**2).sum(1) / 2)
    assert found["latent_radius_ks"] == pytest.approx(kolmogorov_smirnov(radii))


def test_by_hand():
    # Mean 0, covariance 2 [[1, 1], [1, 1]]: off I by (1, 2, 2, 1).
    found = latent_scores([[1.0, 1.0], [-1.0, -1.0]])
    assert found["latent_mean"] == 0
    assert found["latent_covariance_error"] == pytest.approx(np.sqrt(10))
    # Half of the latents lie at 1, where N(0, 1) has 0.84: a gap of 0.34 below.
    assert found["latent_ks"] == pytest.approx(ndtr(1) - 0.5)
    constant = latent_scores(np.full((9, 3), 2.0))
    assert constant["latent_mean"] == pytest.approx(np.sqrt(12))
    assert constant["latent_covariance_error"] == pytest.approx(np.sqrt(3))


@pytest.mark.parametrize(("count", "width"), [(1_000, 2), (4_000, 20)])
def test_a_true_draw_is_at_the_floor(count, width):
    rng = np.random.default_rng(7)
    draws = [latent_scores(rng.standard_normal((count, width))) for _ in range(20)]
    floor = gaussian_floor(count, width, seed=3)
    for key in KEYS:
        own = np.array([draw[key] for draw in draws])
        assert own.min() / 1.6 < floor[key] < own.max() * 1.6
    mean = np.mean([draw["latent_mean"] for draw in draws])
    covariance = np.mean([draw["latent_covariance_error"] for draw in draws])
    assert mean == pytest.approx(np.sqrt(width / count), rel=0.25)
    assert covariance == pytest.approx(np.sqrt(width * (width + 1) / count), rel=0.25)


def test_floors_are_the_seeds():
    assert gaussian_floor(50, 2, 1) == gaussian_floor(50, 2, 1) != gaussian_floor(50, 2, 2)


def test_every_number_sees_its_own_fault():
    rng = np.random.default_rng(0)
    latents, floor = rng.standard_normal((4_000, 4)), gaussian_floor(4_000, 4)
    shifted = latent_scores(latents + 0.5)
    assert shifted["latent_mean"] == pytest.approx(1, rel=0.1)
    assert shifted["latent_covariance_error"] < 2 * floor["latent_covariance_error"]
    mixed = latents @ np.linalg.cholesky(0.5 * np.eye(4) + 0.5).T
    correlated = latent_scores(mixed)
    assert correlated["latent_covariance_error"] == pytest.approx(np.sqrt(12 / 4), rel=0.1)
    assert correlated["latent_ks"] < 2 * floor["latent_ks"]
    # Signs: mean 0 and covariance I, but no Gaussian.
    signs = latent_scores(np.sign(latents))
    assert signs["latent_covariance_error"] < 2 * floor["latent_covariance_error"]
    assert signs["latent_ks"] == pytest.approx(ndtr(1) - 0.5, abs=0.02)
    # A shell of the right radius: nearly Gaussian moments, all at one radius.
    shell = 2 * latents / np.linalg.norm(latents, axis=1, keepdims=True)
    found = latent_scores(shell)
    assert found["latent_covariance_error"] < 2 * floor["latent_covariance_error"]
    assert found["latent_radius_ks"] > 0.5 > 5 * found["latent_ks"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: latent_scores(np.zeros(3)), "shape"),
        (lambda: latent_scores(np.zeros((1, 3))), "at least 2 latents"),
        (lambda: latent_scores(np.full((4, 2), np.nan)), "finite"),
        (lambda: gaussian_floor(1, 2), "count >= 2"),
        (lambda: gaussian_floor(2, 0), "width >= 1"),
        (lambda: gaussian_floor(2, 1, -1), "seed >= 0"),
    ],
)
def test_bad_latents(call, message):
    with pytest.raises(InputError, match=message):
        call()
