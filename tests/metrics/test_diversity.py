"""Distances of samples and separation of outputs, against numbers that one can work out."""

import numpy as np
import pytest

from kgan.errors import InputError
from kgan.metrics.diversity import pairwise_distance, separation


def test_pairwise_distance_by_hand():
    # A 3-4-5 triangle.
    assert pairwise_distance([[0, 0], [3, 0], [3, 4]]) == pytest.approx((3 + 4 + 5) / 3)
    assert pairwise_distance(np.ones((5, 7))) == 0


def test_pairwise_distance_against_all_pairs():
    points = np.random.default_rng(0).normal(size=(30, 4))
    pairs = [np.linalg.norm(points[i] - points[j]) for i in range(30) for j in range(i)]
    assert pairwise_distance(points) == pytest.approx(np.mean(pairs))
    assert pairwise_distance(1e-6 * points) == pytest.approx(1e-6 * np.mean(pairs))


def test_separation_counts_pairs():
    rng = np.random.default_rng(1)
    real, fake = rng.integers(0, 9, 40), rng.integers(2, 12, 25)
    right = sum(int(r > f) for r in real for f in fake)
    wrong = sum(int(r < f) for r in real for f in fake)
    assert separation(real, fake) == pytest.approx(abs(right - wrong) / (40 * 25))


def test_separation_knows_neither_scale_nor_direction():
    rng = np.random.default_rng(2)
    real, fake = rng.normal(0.5, 1, 50), rng.normal(0, 1, 60)
    value = separation(real, fake)
    assert 0 < value < 1
    assert separation(1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))) == pytest.approx(value)
    assert separation(-real, -fake) == separation(fake, real) == pytest.approx(value)
    assert separation([1, 2], [3, 4, 5]) == separation([4, 5], [1]) == 1
    assert separation([1, 1], [1]) == 0


@pytest.mark.parametrize("bad", [np.zeros((1, 2)), np.zeros(3), [[0.0, np.nan], [0, 1]]])
def test_bad_samples(bad):
    with pytest.raises(InputError, match="Received"):
        pairwise_distance(bad)


def test_bad_outputs():
    with pytest.raises(InputError, match="generated"):
        separation([1.0], [np.nan])
    with pytest.raises(InputError, match="real"):
        separation([], [1.0])
