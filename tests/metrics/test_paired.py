"""Paired differences against SciPy, and the seeds that they need against statistics' tables."""

import numpy as np
import pytest
from scipy import stats

from kgan.metrics.paired import paired_difference, seeds_needed


def test_mean_and_interval_are_the_paired_t_tests():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=7)
    first, second = shared + rng.normal(0.5, 0.2, 7), shared + rng.normal(0, 0.2, 7)
    found = paired_difference(dict(enumerate(first)), dict(enumerate(second)))
    test = stats.ttest_rel(first, second)
    interval = test.confidence_interval(0.95)
    assert found.mean == pytest.approx((first - second).mean())
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert (found.seeds, found.shown) == (7, test.pvalue < 0.05)


def test_only_common_seeds_count():
    found = paired_difference({0: 5.0, 1: 7.0, 9: 100.0}, {1: 4.0, 0: 3.0, 3: -50.0})
    assert (found.mean, found.seeds) == (2.5, 2)
    # t of one degree of freedom, 12.706, times 0.5.
    assert (found.low, found.high) == pytest.approx((2.5 - 6.353, 2.5 + 6.353), abs=1e-3)
    assert not found.shown
    assert paired_difference({0: 1.0}, {0: 2.0}) is None
    assert paired_difference({0: 1.0, 1: 2.0}, {2: 2.0, 3: 1.0}) is None


@pytest.mark.parametrize(
    ("effect", "needed"),
    # Two-sided, 5%, 80%: G*Power's for d of 0.2, 0.5, 0.8, 1, 2.
    [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10), (2.0, 5)],
)
def test_seeds_that_are_needed(effect, needed):
    assert seeds_needed(effect, 1.0) == needed
    assert seeds_needed(-3 * effect, 3.0) == needed


def test_no_difference_needs_more_than_there_are():
    assert seeds_needed(0.0, 1.0) is None
    assert seeds_needed(0.01, 1.0) is None
    assert seeds_needed(1.0, 0.0) == 2
    alike = paired_difference({0: 1.1, 1: 2.1}, {0: 1.0, 1: 2.0})
    assert alike.needed == 2 and alike.shown
