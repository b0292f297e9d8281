"""PRD curves: by hand, against the authors' formula, of features with known modes."""

import math

import numpy as np
import pytest

from kgan.errors import InputError
from kgan.metrics import kmeans, prd, prd_of_distributions
from kgan.metrics.prd_curve import f_scores


def authors_curve(samples, real, angles):
    """One slope at a time, in plain Python."""
    precision, recall = [], []
    for n in range(angles):
        angle = 1e-10 + n * (math.pi / 2 - 2e-10) / (angles - 1)
        slope = math.tan(angle)
        total = sum(min(slope * r, s) for r, s in zip(real, samples, strict=True))
        precision.append(total)
        recall.append(total / slope)
    return precision, recall


def test_curve_and_f_scores_against_plain_python():
    samples, real = [0.1, 0.0, 0.6, 0.3], [0.25, 0.25, 0.25, 0.25]
    found = prd_of_distributions(samples, real, angles=101)
    precision, recall = authors_curve(samples, real, 101)
    np.testing.assert_allclose(found.precision, precision, atol=1e-12)
    np.testing.assert_allclose(found.recall, recall, atol=1e-12)
    for beta in (8, 1, 1 / 8):
        expected = max(
            (1 + beta**2) * p * r / (beta**2 * p + r)
            for p, r in zip(precision, recall, strict=True)
            if p + r > 0
        )
        assert found.f_score(beta) == pytest.approx(expected)
    assert f_scores(found) == (found.f_score(8), found.f_score(1 / 8))


def test_known_curves():
    equal = prd_of_distributions([3, 1], [6, 2])
    assert f_scores(equal) == pytest.approx((1, 1))
    apart = prd_of_distributions([1, 0], [0, 1])
    assert f_scores(apart) == (0, 0)
    # One of four modes: precision 1 with recall 1/4 is attained, and nothing beyond either.
    lost = prd_of_distributions([1, 0, 0, 0], [1, 1, 1, 1])
    assert (lost.precision.max(), lost.recall.max()) == pytest.approx((1, 1 / 4))
    recall, precision = f_scores(lost)
    # F_8 of (1, 1/4) is 65 / 4 / (64 + 1/4); F_1/8 is (65 / 64) / 4 / (1 / 64 + 1/4).
    assert (recall, precision) == pytest.approx((65 / 257, 65 / 68), rel=1e-3)
    # The other way round the two change places.
    assert f_scores(prd_of_distributions([1, 1, 1, 1], [1, 0, 0, 0])) == pytest.approx(
        (precision, recall), rel=1e-6
    )


def blobs(chosen, count=400, seed=0):
    rng = np.random.default_rng(seed)
    modes = 30 * np.random.default_rng(99).normal(size=(8, 5))
    return modes[rng.choice(chosen, count)] + rng.normal(size=(count, 5))


def test_features_with_modes():
    real = blobs(range(8))
    options = {"clusters": 8, "runs": 5, "angles": 201}
    same = f_scores(prd(blobs(range(8), seed=1), real, **options))
    assert min(same) > 0.95
    recall, precision = f_scores(prd(blobs([0, 1], seed=1), real, **options))
    assert precision > 0.9
    assert recall < 0.45
    recall, precision = f_scores(prd(blobs(range(8), seed=1), blobs([0, 1]), **options))
    assert recall > 0.9
    assert precision < 0.45


def test_seed_and_unequal_sizes():
    real, samples = blobs(range(8)), blobs([0, 1, 2], 900, seed=2)
    first, again, other = (prd(samples, real, runs=2, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.precision, again.precision)
    assert (first.precision != other.precision).any()
    # As many of the larger set: a cluster has three eighths of the real ones, not fewer.
    recall, precision = f_scores(prd(samples, real, clusters=8, runs=5))
    assert recall == pytest.approx(3 / 8, abs=0.12)
    assert precision > 0.9


@pytest.mark.filterwarnings("error")
def test_fewer_different_points_than_clusters():
    constant = np.zeros((50, 3))
    assert f_scores(prd(constant, constant)) == pytest.approx((1, 1))
    # All real ones are elsewhere.
    assert f_scores(prd(constant, constant + np.arange(50)[:, None] + 100)) == pytest.approx((0, 0))


def test_points_far_out_leave_the_others_their_clusters():
    """What squares to infinity in float32, or leaves it no digits, is no good score."""
    real, samples = blobs(range(8)), blobs([0], seed=1)
    usual = f_scores(prd(samples, real, runs=2))
    samples[0] = 1e30
    assert f_scores(prd(samples, real, runs=2)) == pytest.approx(usual, abs=0.1)
    away = 1e30 + np.zeros_like(samples)
    assert f_scores(prd(away, real, runs=2)) == (0, 0)
    # A power of two changes no digit, so not the clusters either.
    scale = 2.0**100
    found, expected = (prd(s * blobs([0, 1]), s * real, runs=2) for s in (scale, 1))
    np.testing.assert_array_equal(found.recall, expected.recall)


def test_copies_are_in_the_same_cluster():
    few = np.random.default_rng(0).normal(size=(4, 3))
    rows = np.random.default_rng(1).permutation(np.repeat(np.arange(4), 30))
    labels = kmeans.kmeans(few[rows], 20, np.random.default_rng(2))
    assert len({*zip(rows.tolist(), labels.tolist(), strict=True)}) == 4
    assert f_scores(prd(few[rows], few[np.roll(rows, 7)], runs=3)) == pytest.approx((1, 1))


def test_kmeans_finds_clusters_that_lie_apart():
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(5), 40)
    points = 1e3 + 50 * np.eye(5)[truth] + rng.normal(size=(200, 5))
    labels = kmeans.kmeans(points, 5, np.random.default_rng(1))
    table = np.zeros((5, 5), int)
    np.add.at(table, (truth, labels), 1)
    assert sorted(table.ravel())[-5:] == [40] * 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: prd_of_distributions([1, 0], [1, 0, 0]), r"\(2,\) and \(3,\)"),
        (lambda: prd_of_distributions([1, 0], [1, 0], angles=2), "angles=2"),
        (lambda: prd_of_distributions([0, 0], [1, 0]), "samples must be finite"),
        (lambda: prd(np.ones((9, 2)), np.ones((9, 3))), r"as many features\. Received: 2 and 3"),
        (lambda: prd(np.ones((9, 2)), np.ones((30, 2))), "2 to 18 clusters.*clusters=20"),
        (lambda: prd(np.ones((9, 2)), np.ones((9, 2)), clusters=2, runs=0), "runs=0"),
        (lambda: prd(np.ones((9, 2)), np.ones((9, 2)), clusters=2, seed=-1), "seed=-1"),
        (lambda: prd(np.full((9, 2), np.inf), np.ones((9, 2))), "samples must be finite"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()
