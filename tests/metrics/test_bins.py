"""Bins of real data: a lost mode is seen without labels; the test is SciPy's."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist, jensenshannon
from scipy.stats import chi2_contingency

from kgan import data, metrics
from kgan.errors import InputError

GRID = data.load("grid", points=5_000).examples
POINTS = np.random.default_rng(0).permutation(GRID)
REAL, OTHER = POINTS[:2_500], POINTS[2_500:]


def test_shares_tests_and_divergence_are_by_the_book():
    samples = OTHER[OTHER[:, 0] > -3]
    found = metrics.bin_shares(samples, REAL, bins=25)
    counts = []
    for points, shares in ((samples, found.made), (REAL, found.real)):
        count = np.bincount(cdist(points, found.centres).argmin(axis=1), minlength=25)
        np.testing.assert_allclose(shares, count / len(points))
        counts.append(count)
    for made, real, differs in zip(*counts, found.differs, strict=True):
        table = [[made, real], [len(samples) - made, len(REAL) - real]]
        assert differs == (chi2_contingency(table, correction=False).pvalue < 0.05)
    expected = jensenshannon(found.made, found.real) ** 2
    assert found.divergence == pytest.approx(expected, rel=1e-9)
    assert (np.diff(found.real) <= 0).all()


def test_lost_modes_are_empty_bins():
    lost = OTHER[:, 0] < -3  # A column of the grid, which is a fifth.
    found = metrics.bin_shares(OTHER[~lost], REAL, bins=25)
    empty = found.centres[found.made == 0]
    assert len(empty) and (empty[:, 0] < -3).all()
    assert found.real[found.centres[:, 0] < -3].sum() == pytest.approx(0.2, abs=0.03)
    assert found.different >= len(empty)
    whole = metrics.bin_shares(OTHER, REAL, bins=25)
    assert whole.different <= 5  # 5% by chance.
    assert whole.divergence < 0.1 * found.divergence


def test_ends():
    apart = metrics.bin_shares(np.full((50, 2), 90.0), REAL, bins=4)
    assert apart.made.tolist().count(0) == 3
    same = metrics.bin_shares(REAL, REAL, bins=4)
    assert (same.different, same.divergence) == (0, 0)
    assert len(metrics.bin_shares(REAL, REAL[:100]).real) == 5
    assert len(metrics.bin_shares(REAL, np.repeat(REAL[:2], 50, axis=0)).real) == 2
    with pytest.raises(InputError, match=r"bins must .*Received: 1"):
        metrics.bin_shares(REAL, REAL, bins=1)
    with pytest.raises(InputError, match=r"seed must .*Received: -1"):
        metrics.bin_shares(REAL, REAL, seed=-1)
    with pytest.raises(InputError, match="as many features"):
        metrics.bin_shares(REAL[:, :1], REAL)


def test_they_are_measured_by_name():
    names = ["kernel_distance", "bins"]
    found = metrics.evaluate(
        lambda n, seed: OTHER[:n], data.load("grid"), samples=2_000, metrics=names
    )
    assert found["bins"] == 100
    assert 0 <= found["bins_different"] <= 25
    assert found["real"]["bins_different"] <= 25
    assert abs(found["kernel_distance"]) < 1
    assert found["real"].keys() >= {"kernel_distance", "bins_divergence"}
