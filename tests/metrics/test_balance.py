"""Mode balance: by hand, against the formula, and at the rate that its p-value promises."""

import numpy as np
import pytest
from scipy.special import gammaincc

from kgan.errors import InputError
from kgan.metrics import class_balance, mode_balance


def test_equal_counts_are_balanced():
    for weights in (None, np.full(8, 0.125), np.full(8, 3.0)):
        found = mode_balance(np.full(8, 500), weights)
        assert (found.chi_square, found.p_value) == (0.0, 1.0)
    found = mode_balance([300, 100], [3, 1])
    assert (found.chi_square, found.p_value) == pytest.approx((0, 1))
    found = class_balance([10, 20, 30], [100, 200, 300])
    assert (found.chi_square, found.p_value) == pytest.approx((0, 1))


def test_known_weights_by_hand():
    # Mendel's peas: 315, 108, 101 and 32 of 9 : 3 : 3 : 1.
    counts, weights = np.array([315, 108, 101, 32]), np.array([9, 3, 3, 1])
    found = mode_balance(counts, weights)
    expected = 556 * weights / 16
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert found.chi_square == pytest.approx(statistic) == pytest.approx(0.47, abs=0.005)
    # The upper tail of chi-square with 3 degrees of freedom is an incomplete gamma function.
    assert found.p_value == pytest.approx(gammaincc(1.5, statistic / 2), rel=1e-9)


def test_two_samples_by_hand():
    first, second = np.array([40, 10, 0, 50]), np.array([300, 200, 0, 100])
    found = class_balance(first, second)
    table = np.stack([first, second])[:, [0, 1, 3]]
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    statistic = ((table - expected) ** 2 / expected).sum()
    assert found.chi_square == pytest.approx(statistic)
    assert found.p_value == pytest.approx(gammaincc(1, statistic / 2), rel=1e-6)
    other = class_balance(second, first)
    assert other.chi_square == pytest.approx(statistic)


@pytest.mark.parametrize("test", ["known", "two samples"])
def test_p_values_of_balanced_samples_are_uniform(test):
    rng = np.random.default_rng(0)
    draws = rng.multinomial(2_000, np.full(10, 0.1), size=(400, 2))
    found = [
        mode_balance(first) if test == "known" else class_balance(first, second)
        for first, second in draws
    ]
    p_values = [balance.p_value for balance in found]
    assert np.mean(np.array(p_values) < 0.1) == pytest.approx(0.1, abs=0.05)
    assert np.mean([balance.chi_square for balance in found]) == pytest.approx(9, abs=0.7)


def test_a_lost_mode_shows():
    found = mode_balance([250, 250, 250, 0])
    assert found.chi_square == pytest.approx(250)
    assert found.p_value < 1e-50
    assert mode_balance([6, 4]).p_value > 0.5
    assert class_balance([100, 0], [0, 100]).chi_square == pytest.approx(200)


def test_nothing_to_test():
    for found in (mode_balance([7]), class_balance([5, 0], [9, 0])):
        assert (found.chi_square, found.p_value) == (0.0, 1.0)
    # A generator that misses all modes is not a balanced one.
    for found in (mode_balance([0, 0, 0]), mode_balance([0])):
        assert (found.chi_square, found.p_value) == (None, None)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mode_balance([]), "counts"),
        (lambda: mode_balance([[1, 2]]), "counts"),
        (lambda: mode_balance([1, -2]), "counts"),
        (lambda: mode_balance([1, np.nan]), "counts"),
        (lambda: mode_balance([1, 2], [1, 0]), "weights"),
        (lambda: mode_balance([1, 2], [1, 1, 1]), "one weight for each mode"),
        (lambda: class_balance([1, 2], [1, 2, 3]), "same classes"),
        (lambda: class_balance([0, 0], [1, 2]), "any samples"),
        (lambda: class_balance([1, 2], [-1, 2]), "second"),
    ],
)
def test_bad_counts(call, message):
    with pytest.raises(InputError, match=message):
        call()
