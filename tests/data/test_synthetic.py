"""Mixtures of Gaussians against NumPy and SciPy."""

import json

import numpy as np
import pytest
from scipy import stats

from kgan.data import GaussianMixture, grid, mixture, ring
from kgan.errors import InputError


def test_ring_is_the_papers():
    gaussians = ring()
    assert len(gaussians) == 8
    np.testing.assert_allclose(np.linalg.norm(gaussians.means, axis=1), 2)
    np.testing.assert_allclose(gaussians.means[[0, 2]], [[2, 0], [0, 2]], atol=1e-12)
    np.testing.assert_allclose(gaussians.means.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(gaussians.std, np.sqrt(0.02))
    np.testing.assert_allclose(gaussians.weights, 1 / 8)


def test_grid_is_the_papers():
    gaussians = grid()
    expected = [[x, y] for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)]
    np.testing.assert_array_equal(gaussians.means, expected)
    np.testing.assert_array_equal(gaussians.std, [0.05] * 25)
    np.testing.assert_array_equal(grid(2, 3).means, [[-1.5, -1.5], [-1.5, 1.5], [1.5, -1.5], [
        1.5, 1.5
    ]])  # fmt: skip


def test_std_and_variance_are_the_same_thing():
    np.testing.assert_allclose(ring(variance=0.0025).std, ring(std=0.05).std)
    np.testing.assert_allclose(grid(2, variance=[1, 4, 9, 16]).std, [1, 2, 3, 4])


def test_samples_have_the_mixtures_moments():
    weights = np.array([0.5, 0.3, 0.2, 0.0])
    stds = np.array([0.1, 0.2, 0.3, 0.4])
    gaussians = ring(4, 3.0, std=stds, weights=weights)
    points, modes = gaussians.sample(200_000, seed=1)
    assert points.shape == (200_000, 2) and points.dtype == np.float32 and modes.dtype == np.int64
    np.testing.assert_allclose(np.bincount(modes, minlength=4) / len(modes), weights, atol=0.005)
    assert not (modes == 3).any()
    for mode in range(3):
        own = points[modes == mode].astype(np.float64)
        error = 5 * stds[mode] / np.sqrt(len(own))
        np.testing.assert_allclose(own.mean(axis=0), gaussians.means[mode], atol=error)
        np.testing.assert_allclose(np.cov(own.T), np.eye(2) * stds[mode] ** 2, atol=2 * error)


def test_sampling_is_deterministic():
    np.testing.assert_array_equal(grid().sample(100, seed=3)[0], grid().sample(100, seed=3)[0])
    assert not np.array_equal(grid().sample(100, seed=3)[0], grid().sample(100, seed=4)[0])
    assert grid().sample(0, seed=0)[0].shape == (0, 2)


def test_log_prob_is_scipys():
    gaussians = ring(3, std=[0.1, 0.5, 2.0], weights=[0.2, 0.8, 0.0])
    points = np.random.default_rng(0).normal(size=(50, 2)) * 2
    expected = sum(
        weight * stats.multivariate_normal(mean, std**2 * np.eye(2)).pdf(points)
        for mean, std, weight in zip(gaussians.means, gaussians.std, gaussians.weights, strict=True)
    )
    np.testing.assert_allclose(gaussians.log_prob(points), np.log(expected), rtol=1e-10)
    # Far away, where a density in plain floats would be 0.
    far = grid().log_prob(np.array([[1e3, 0.0]]))
    assert np.isfinite(far).all() and far < -1e7


def test_config_survives_json():
    original = grid(2, weights=[0.1, 0.2, 0.3, 0.4])
    copy = GaussianMixture.from_config(json.loads(json.dumps(original.get_config())))
    for name in ("means", "std", "weights"):
        np.testing.assert_array_equal(getattr(copy, name), getattr(original, name))


def test_parameters_cannot_be_changed_afterwards():
    means = np.zeros((1, 2))
    gaussians = mixture(means, std=1)
    means[0] = 7
    np.testing.assert_array_equal(gaussians.means, [[0, 0]])
    with pytest.raises(ValueError, match="read-only"):
        gaussians.means[0] = 7


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ring(std=0.1, variance=0.01), "exactly one of std and variance"),
        (lambda: mixture([[0, 0]]), "exactly one of std and variance"),
        (lambda: mixture([[0, 0, 0]], std=1), r"shape \(modes, 2\), received \(1, 3\)"),
        (lambda: mixture(np.zeros((0, 2)), std=1), r"received \(0, 2\)"),
        (lambda: mixture([[0, np.nan]], std=1), "means must be finite"),
        (lambda: mixture([["a", "b"]], std=1), "means must be numbers"),
        (lambda: ring(0), "modes must be a positive number, received 0"),
        (lambda: ring(2.5), "`modes` must be an integer"),
        (lambda: ring(radius=-1), "radius must be a positive number, received -1"),
        (lambda: grid(spacing=0), "spacing must be a positive number, received 0"),
        (lambda: grid(rows=-5), "rows must be a positive number, received -5"),
        (lambda: ring(std=0), "std must be positive"),
        (lambda: ring(variance=-0.1), "variance must be positive, received -0.1"),
        (lambda: ring(std=[1, 2]), "each of the 8 modes, received 2"),
        (lambda: ring(2, weights=[1.0]), "each of the 2 modes, received 1"),
        (lambda: ring(2, weights=[1.5, -0.5]), "weights must be >= 0"),
        (lambda: ring(2, weights=[0.5, 0.5001]), "sum 1"),
    ],
)
def test_bad_parameters_are_refused(build, message):
    with pytest.raises(InputError, match=message):
        build()
