"""Geometric weights by hand, and the sets that are drawn by them against a chi-square test."""

import numpy as np
import pytest
from scipy import stats

from kgan.data import geometric_weights, grid, load, ring
from kgan.errors import InputError


def test_by_hand():
    # 1 + 2 + 4 + 8 = 15: from 1/15 on, each twice the one before; large and small alternate.
    np.testing.assert_allclose(geometric_weights(4, 1 / 15), np.array([8, 1, 4, 2]) / 15)
    np.testing.assert_allclose(geometric_weights(5, 1 / 31), np.array([16, 1, 8, 2, 4]) / 31)
    np.testing.assert_allclose(geometric_weights(2, 0.1), [0.9, 0.1])


@pytest.mark.parametrize("modes", [8, 25])
@pytest.mark.parametrize("smallest", [0.01, 0.001, 1e-6])
def test_they_are_what_they_are_said_to_be(modes, smallest):
    weights = geometric_weights(modes, smallest)
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    assert weights.min() == pytest.approx(smallest, rel=1e-9) and weights.argmin() == 1
    assert weights.argmax() == 0
    ordered = np.sort(weights)
    np.testing.assert_allclose(ordered[1:] / ordered[:-1], ordered[1] / ordered[0], rtol=1e-6)
    # Every rare mode lies between two frequent ones.
    assert (weights[1:-1:2] < weights[:-2:2]).all() and (weights[1:-1:2] < weights[2::2]).all()


def test_the_largest_smallest_weight_makes_them_equal():
    np.testing.assert_array_equal(ring(smallest_weight=1 / 8).weights, ring().weights)
    np.testing.assert_array_equal(grid(smallest_weight=0.04).weights, grid().weights)
    np.testing.assert_array_equal(geometric_weights(1, 1.0), [1.0])


@pytest.mark.parametrize("name", ["ring", "grid", "embedded_grid"])
def test_sampled_frequencies_fit_the_weights(name):
    data = load(name, smallest_weight=0.01, points=20_000)
    counts = np.bincount(data.labels, minlength=len(data.mixture))
    expected = data.mixture.weights * 20_000
    assert expected.min() == pytest.approx(200)
    assert stats.chisquare(counts, expected).pvalue > 1e-3
    assert stats.chisquare(counts).pvalue < 1e-100  # And equal weights do not.
    test = load(name, smallest_weight=0.01, points=20_000, split="test")
    assert not np.array_equal(test.labels, data.labels)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ring(smallest_weight=0.126), r"1e-09..1/8 = 0.125\. Received: 0.126"),
        (lambda: grid(smallest_weight=0.05), "1e-09..1/25 = 0.04"),
        (lambda: ring(smallest_weight=0), "smallest_weight must be a positive number"),
        (lambda: geometric_weights(3, np.nan), "`smallest` must be a finite number"),
        (lambda: ring(2, weights=[0.5, 0.5], smallest_weight=0.1), "either weights or"),
    ],
)
def test_bad_weights_are_refused(build, message):
    with pytest.raises(InputError, match=message):
        build()


def test_one_mode_and_the_smallest_weight_there_is():
    assert geometric_weights(1, 0.5).tolist() == [1.0]
    weights = geometric_weights(8, 1e-9)
    assert weights.min() == pytest.approx(1e-9)
    assert weights.sum() == pytest.approx(1.0)
    with pytest.raises(InputError, match="1e-09"):
        geometric_weights(8, 1e-300)
