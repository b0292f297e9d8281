"""The grid in many dimensions against NumPy and SciPy."""

import json

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from kgan.data import GaussianMixture, embedded_grid, grid, load
from kgan.data.embedding import plane_basis
from kgan.errors import InputError


def test_the_embedding_is_linear_and_isometric():
    basis = plane_basis(128)
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-12)
    mixture = embedded_grid()
    assert mixture.dimensions == 128 and len(mixture) == 25
    np.testing.assert_allclose(pdist(mixture.means), pdist(grid().means))
    np.testing.assert_allclose(mixture.in_plane(mixture.means), grid().means, atol=1e-12)
    np.testing.assert_allclose(mixture.plane.means, grid().means, atol=1e-12)
    np.testing.assert_array_equal(plane_basis(128), basis)
    # No coordinate alone tells where a point is.
    assert np.abs(basis).max() < 0.3


def test_samples_are_gaussian_along_every_axis():
    mixture = embedded_grid(20, std=0.3)
    points, modes = mixture.sample(50_000, seed=1)
    assert points.shape == (50_000, 20) and points.dtype == np.float32
    offsets = points - mixture.means[modes]
    np.testing.assert_allclose(np.cov(offsets.T), 0.09 * np.eye(20), atol=0.003)
    # Off the plane 18 dimensions are left, in it 2.
    off = mixture.off_plane(points) / 0.3
    assert stats.kstest(off, stats.chi(18).cdf).pvalue > 1e-3
    within = np.linalg.norm(mixture.in_plane(points) - grid().means[modes], axis=1) / 0.3
    assert stats.kstest(within, stats.chi(2).cdf).pvalue > 1e-3


def test_log_prob_is_scipys():
    mixture = embedded_grid(6, 2, weights=[0.1, 0.2, 0.3, 0.4], std=0.5)
    points = np.random.default_rng(0).normal(size=(20, 6))
    expected = sum(
        weight * stats.multivariate_normal(mean, 0.25 * np.eye(6)).pdf(points)
        for mean, weight in zip(mixture.means, mixture.weights, strict=True)
    )
    np.testing.assert_allclose(mixture.log_prob(points), np.log(expected), rtol=1e-9)


def test_the_plane_itself_is_untouched():
    flat = grid()
    points = np.random.default_rng(0).normal(size=(5, 2))
    assert flat.plane is flat and flat.in_plane(points) is points
    np.testing.assert_array_equal(flat.off_plane(points), np.zeros(5))
    assert "basis" not in flat.get_config()


def test_config_survives_json():
    original = embedded_grid(5, 2)
    copy = GaussianMixture.from_config(json.loads(json.dumps(original.get_config())))
    for name in ("means", "std", "weights", "basis"):
        np.testing.assert_array_equal(getattr(copy, name), getattr(original, name))


def test_it_loads():
    data = load("embedded_grid", dimensions=9, points=100)
    assert data.example_shape == (9,) and data.num_classes == 25 and not data.is_images
    assert next(iter(data.batches(7))).shape == (7, 9)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: embedded_grid(2), "3 dimensions or more, received dimensions=2"),
        (lambda: embedded_grid(4.5), "`dimensions` must be an integer"),
        (lambda: load("grid", dimensions=4), "no parameter dimensions"),
        (lambda: GaussianMixture(np.zeros((1, 3)), 1, None, np.ones((2, 3))), "orthonormal"),
        (lambda: GaussianMixture(np.ones((1, 3)), 1, None, np.eye(2, 3)), "lie in the plane"),
        (lambda: GaussianMixture(np.zeros((1, 2)), 1, None, np.eye(2, 3)), r"\(modes, 3\)"),
    ],
)
def test_bad_parameters_are_refused(build, message):
    with pytest.raises(InputError, match=message):
        build()
