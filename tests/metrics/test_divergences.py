"""Divergences: by hand, and against SciPy, POT and numerical integration."""

import numpy as np
import pytest
from scipy.stats import entropy, multivariate_normal

from kgan.errors import InputError
from kgan.metrics import (
    HistogramGrid,
    earth_mover_distance,
    histogram_wasserstein,
    reverse_kl,
    reverse_kl_nearest,
    symmetric_kl,
)

RING = 2 * np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)
GRID = np.stack(np.meshgrid([-4.0, -2, 0, 2, 4], [-4.0, -2, 0, 2, 4]), axis=-1).reshape(-1, 2)


def draw(means, std, count, seed=0):
    rng = np.random.default_rng(seed)
    return means[rng.integers(0, len(means), count)] + std * rng.standard_normal((count, 2))


def test_reverse_kl_by_hand():
    equal = np.ones(4)
    assert reverse_kl([25, 25, 25, 25], 100, equal) == pytest.approx(0)
    assert reverse_kl([100, 0, 0, 0], 100, equal) == pytest.approx(np.log(4))
    assert reverse_kl([50, 50, 0, 0], 100, equal) == pytest.approx(np.log(2))
    # Half of the samples are poor: p sums to 1/2, and the paper's value is negative.
    assert reverse_kl([10, 10, 15, 15], 100, equal) == pytest.approx(
        2 * 0.1 * np.log(0.1 * 4) + 2 * 0.15 * np.log(0.15 * 4)
    )
    assert reverse_kl([0, 0, 0, 0], 100, equal) == 0
    assert reverse_kl([50, 25, 25], 100, [0.5, 0.25, 0.25]) == pytest.approx(0)


def test_reverse_kl_nearest_is_scipys_entropy():
    rng = np.random.default_rng(0)
    counts, weights = rng.integers(0, 50, 25), rng.dirichlet(np.ones(25))
    assert reverse_kl_nearest(counts, weights) == pytest.approx(entropy(counts, weights))
    assert reverse_kl_nearest([30, 30], [0.5, 0.5]) == 0


def test_symmetric_kl():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(16), 2).reshape(2, 4, 4)
    mixed = [0.99 * h.ravel() + 0.01 / 16 for h in (p, q)]
    expected = (entropy(*mixed) + entropy(*mixed[::-1])) / 2
    assert symmetric_kl(p, q) == pytest.approx(expected, rel=1e-9)
    assert symmetric_kl(7 * p, 3 * q) == pytest.approx(expected, rel=1e-9)
    assert symmetric_kl(p, p) == 0
    assert symmetric_kl([1, 0], [0, 1]) == pytest.approx(0.99 * np.log(0.995 / 0.005))


def test_histogram_of_points_is_numpys():
    grid = HistogramGrid((0.5, -0.25), 2.0, bins=10)
    points = draw(RING, 0.5, 3_000)
    inside = np.clip(points, grid.edges[:, 0] + 1e-9, grid.edges[:, -1] - 1e-9)
    expected, *_ = np.histogram2d(*inside.T, bins=list(grid.edges))
    np.testing.assert_allclose(grid.of_points(points), expected / 3_000, atol=1e-12)


def test_histogram_of_a_mixture_is_the_integral_of_its_density():
    means, std, weights = RING[:3], np.array([0.5, 0.7, 1.0]), np.array([0.2, 0.3, 0.5])
    grid = HistogramGrid.around(means, std)
    exact = grid.of_mixture(means, std, weights)
    assert exact.sum() == pytest.approx(1)
    fine = HistogramGrid(grid.centre, grid.half, bins=grid.bins * 16)
    density = sum(
        weight * multivariate_normal(mean, s**2).pdf(fine.cells)
        for mean, s, weight in zip(means, std, weights, strict=True)
    )
    area = (2 * fine.half / fine.bins) ** 2
    summed = (density * area).reshape(50, 16, 50, 16).sum(axis=(1, 3))
    # Cells at the border also hold what lies outside.
    np.testing.assert_allclose(exact[1:-1, 1:-1], summed[1:-1, 1:-1], atol=1e-6)
    points = grid.of_points(
        np.concatenate([draw(means[i : i + 1], std[i], int(1e5 * weights[i]), i) for i in range(3)])
    )
    assert abs(points - exact).sum() < 0.1


def test_grid_around_the_papers_mixtures():
    ring = HistogramGrid.around(RING, 0.02**0.5)
    assert ring.centre == pytest.approx((0, 0))
    assert ring.half == pytest.approx(2 + 5 * 0.02**0.5)
    assert HistogramGrid.around(GRID, 0.05).half == pytest.approx(5)
    assert HistogramGrid.around([[1.0, 2.0]], 0.1).centre == (1, 2)


def test_earth_mover_by_hand():
    places = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    assert earth_mover_distance([1, 0, 0], [0, 1, 0], places) == pytest.approx(5)
    assert earth_mover_distance([1, 0, 0], [0.5, 0, 0.5], places) == pytest.approx(0.5)
    assert earth_mover_distance([2, 1, 1], [2, 1, 1], places) == 0
    assert earth_mover_distance([3], [5], [[1.0, 2.0]]) == 0
    assert earth_mover_distance([1, 0, 1], [0, 2, 0], [[7.0, 7.0]] * 3) == 0


@pytest.mark.parametrize("shape", [(3, 40), (40, 3), (30, 30)])
def test_earth_mover_is_pots(shape):
    ot = pytest.importorskip("ot")
    rng = np.random.default_rng(sum(shape))
    total = sum(shape)
    first, second = np.zeros((2, total))
    first[: shape[0]], second[shape[0] :] = (rng.dirichlet(np.ones(n)) for n in shape)
    places = rng.standard_normal((total, 2))
    costs = np.linalg.norm(places[:, None] - places, axis=-1)
    expected = ot.emd2(first, second, costs)
    for scale in (1, 1e-5, 1e5):
        found = earth_mover_distance(first, second, scale * places)
        assert found == pytest.approx(scale * expected, rel=1e-6)


@pytest.mark.parametrize(
    ("means", "std", "points"),
    [
        (RING, 0.02**0.5, draw(RING, 0.02**0.5, 10_000)),
        (RING, 0.02**0.5, draw(RING[:1], 0.02**0.5, 10_000)),
        (RING, 0.02**0.5, draw(np.zeros((1, 2)), 1.0, 2_000)),
        (GRID, 0.05, draw(GRID[3:9], 0.2, 10_000)),
    ],
    ids=["real", "one mode", "blob", "six modes"],
)
def test_wasserstein_of_histograms_is_pots(means, std, points):
    ot = pytest.importorskip("ot")
    grid = HistogramGrid.around(means, std)
    made, true = grid.of_points(points), grid.of_mixture(means, std, np.ones(len(means)))
    cells = grid.cells.reshape(-1, 2)
    p, q = made.ravel(), true.ravel()
    some, many = p > 0, q > 1e-10
    costs = np.linalg.norm(cells[some][:, None] - cells[many], axis=-1)
    expected = ot.emd2(p[some], q[many] / q[many].sum(), costs, numItermax=10**7)
    assert histogram_wasserstein(made, true, grid) == pytest.approx(expected, abs=5e-6)


def test_wasserstein_of_a_shift_is_its_length():
    grid = HistogramGrid((0, 0), 5.0, bins=50)
    points = draw(np.zeros((1, 2)), 0.3, 2_000)
    first, second = grid.of_points(points), grid.of_points(points + np.array([1.2, 1.6]))
    assert histogram_wasserstein(first, second, grid) == pytest.approx(2, abs=1e-5)


def test_how_far_samples_lie_beyond_the_histogram():
    grid = HistogramGrid((1, 0), 2.0, bins=8)
    assert grid.beyond([[2.9, 1.9], [-1, -2]]) == 0
    # 3 and 4 beyond the corner, a cell being 0.5; the second point is inside.
    assert grid.beyond([[6, 6], [1, 0]]) == pytest.approx(5 / 2 - 0.5)
    assert grid.beyond([[3.4, 0]]) == 0
    assert grid.beyond(np.full((3, 2), 1e30)) == pytest.approx(2**0.5 * 1e30)


@pytest.mark.parametrize(
    "call",
    [
        lambda: reverse_kl([1, 2], 10, [1, 1, 1]),
        lambda: reverse_kl([8, 8], 10, [1, 1]),
        lambda: reverse_kl([-1, 8], 10, [1, 1]),
        lambda: reverse_kl([1, 1], 10, [1, 0]),
        lambda: reverse_kl([0, 0], 0, [1, 1]),
        lambda: reverse_kl_nearest([0, 0], [1, 1]),
        lambda: reverse_kl_nearest([1, 1], [1, 1, 1]),
        lambda: reverse_kl_nearest([1, np.nan], [1, 1]),
        lambda: symmetric_kl([1, 0], [1, 0, 0]),
        lambda: symmetric_kl([0, 0], [1, 0]),
        lambda: histogram_wasserstein(np.ones((3, 3)), np.ones((4, 4)), HistogramGrid((0, 0), 1)),
        lambda: earth_mover_distance([1, 0], [1, 0], np.zeros((3, 2))),
        lambda: HistogramGrid((0, 0), 0.0),
        lambda: HistogramGrid.around(np.zeros((2, 3)), 1.0),
        lambda: HistogramGrid((0, 0), 1.0).of_points([[0, np.nan]]),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError, match="Received"):
        call()
