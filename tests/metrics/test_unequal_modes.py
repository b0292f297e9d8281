"""Modes of unequal weight and of many dimensions, by hand and against what was before."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from kgan.data import GaussianMixture, embedded_grid, grid, load, ring
from kgan.errors import InputError
from kgan.metrics import (
    ModeCounts,
    ModeCoverage,
    evaluate,
    mixture_counts,
    mode_counts,
    mode_radius,
    near_modes,
    strict_shares,
)
from kgan.metrics.examples import PointExamples
from kgan.metrics.measures import POINT_MEASURES


def point_scores(points, mixture):
    """What `evaluate` tells of points before a mixture."""
    trial = SimpleNamespace(made=PointExamples(points, mixture))
    names = ["modes", "reverse_kl", "balance", "symmetric_kl", "wasserstein"]
    names += ["projections"] if mixture.basis is not None else []
    return {k: v for name in names for k, v in POINT_MEASURES[name].score(trial).items()}


@pytest.mark.parametrize("modes", [3, 7, 8, 25, 49])
def test_equal_weights_need_one_percent_to_the_last_digit(modes):
    equal = GaussianMixture(np.zeros((modes, 2)), 1.0).weights
    assert (strict_shares(equal, modes) == 0.01).all()
    assert (strict_shares(None, modes) == 0.01).all()
    rng = np.random.default_rng(0)
    for samples in (300, 700, 2_500, 10_000):
        # Around the limit, where a rounded one would tell.
        near = rng.integers(samples // 100 - 1, samples // 100 + 2, modes)
        before = int((near >= 0.01 * samples).sum())
        assert ModeCounts(samples, near, near).strict == before
        assert ModeCounts(samples, near, near, equal).strict == before


def test_strict_is_a_part_of_a_modes_own_share():
    # Two modes: 1% of all samples is 2% of a half. So 90 : 10 need 1.8% and 0.2%.
    weights = np.array([0.9, 0.1])
    np.testing.assert_allclose(strict_shares(weights, 2), [0.018, 0.002])
    for near, strict in (((18, 2), 2), ((17, 2), 1), ((18, 1), 1), ((980, 0), 1), ((0, 0), 0)):
        assert ModeCounts(1_000, np.array(near), np.array(near), weights).strict == strict
    with pytest.raises(InputError, match="one weight for each of 3 modes"):
        mode_counts(np.zeros((2, 2)), np.eye(3, 2), 1.0, weights)


def test_the_keras_metric_counts_alike():
    mixture = ring(smallest_weight=0.01)
    points, _ = mixture.sample(3_000, seed=0)
    points = points[points[:, 0] > -1.5]
    expected = mode_counts(points, mixture.means, mixture.std, mixture.weights)
    metric = ModeCoverage(mixture.means, mixture.std, weights=mixture.weights)
    copy = ModeCoverage.from_config(metric.get_config())
    for each in (metric, copy):
        each.update_state(points)
        result = {name: float(value) for name, value in each.result().items()}
        assert result["modes_strict"] == expected.strict < 8
        assert result["modes_covered"] == expected.covered


def test_scores_of_unequal_modes_are_right_for_true_samples_and_wrong_for_equal_ones():
    mixture = ring(smallest_weight=0.01)
    true = point_scores(mixture.sample(10_000, seed=5)[0], mixture)
    even = point_scores(ring().sample(10_000, seed=5)[0], mixture)
    assert (true["modes_total"], true["modes_covered"], true["modes_strict"]) == (8, 8, 8)
    assert true["balance_p_value"] > 1e-3 and even["balance_p_value"] < 1e-100
    assert true["reverse_kl_nearest"] < 0.002
    uniform = np.full(8, 1 / 8)
    expected = float((uniform * np.log(uniform / mixture.weights)).sum())
    assert even["reverse_kl_nearest"] == pytest.approx(expected, abs=0.03)
    assert true["high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.004)


def test_a_lost_rare_mode_shows():
    mixture = grid(smallest_weight=0.01)
    points, modes = mixture.sample(20_000, seed=1)
    kept = point_scores(points[modes != 1], mixture)
    assert (kept["modes_covered"], kept["modes_strict"]) == (24, 24)
    assert kept["balance_p_value"] < 1e-6


def test_radius_is_the_chi_quantile():
    assert mode_radius(2) == 3.0
    for dimensions in (1, 5, 128):
        share = stats.chi2(dimensions).cdf(mode_radius(dimensions) ** 2)
        assert share == pytest.approx(1 - np.exp(-4.5), abs=1e-12)
    assert mode_radius(2, 0.5) == pytest.approx(np.sqrt(2 * np.log(2)))


def test_points_of_many_dimensions_by_hand():
    mixture = embedded_grid(10, std=0.1)
    normal = np.linalg.svd(mixture.basis)[2][2]  # A direction off the plane.
    within, away = mode_radius(2, np.sqrt(1 - np.exp(-4.5))), 0.1 * mode_radius(8, 0.99442777)
    assert within == pytest.approx(3.222, abs=1e-3)
    steps = [0 * normal, 3.1 * 0.1 * mixture.basis[0], 3.4 * 0.1 * mixture.basis[1]]
    steps += [0.99 * away * normal, 1.01 * away * normal]
    points = np.stack([mixture.means[7] + step for step in steps])
    near, modes = near_modes(points, mixture)
    assert near.tolist() == [True, True, False, True, False] and set(modes) == {7}
    counts = mixture_counts(points, mixture)
    assert counts.near[7] == counts.near.sum() == 3 and counts.nearest[7] == 5
    scores = point_scores(points, mixture)
    assert (scores["modes_covered"], scores["high_quality"]) == (1, 0.6)
    assert scores["plane_high_quality"] == 0.6  # The first and those off the plane.
    # A ball of 98.9% in 10 dimensions has a radius of 4.7 std: beside the mode is within.
    assert scores["space_high_quality"] == np.mean(
        [np.linalg.norm(step) <= 0.1 * mode_radius(10) for step in steps]
    )
    assert scores["off_plane"] == pytest.approx(away * 2 / 5)


def test_true_points_of_many_dimensions_reach_what_a_plane_gives():
    mixture = embedded_grid()
    found = evaluate(lambda n, seed: mixture.sample(n, seed)[0], "embedded_grid")
    for scores in (found, found["real"]):
        assert scores["modes_covered"] == scores["modes_strict"] == 25
        for key in ("high_quality", "plane_high_quality", "space_high_quality"):
            assert scores[key] == pytest.approx(1 - np.exp(-4.5), abs=0.004)
        assert scores["off_plane"] == pytest.approx(0.05 * stats.chi(126).mean(), rel=0.005)
        assert scores["balance_p_value"] > 1e-4
        assert sum(scores["mode_counts"]) == 10_000 * scores["high_quality"]


def test_what_cheats_in_many_dimensions_is_seen():
    mixture = embedded_grid()
    centres = mixture.means[np.arange(1_000) % 25]
    # Points without any noise around the plane, 10 std beside their modes.
    beside = centres + 10 * 0.05 * mixture.basis[0]
    scores = point_scores(beside, mixture)
    assert scores["space_high_quality"] == 1.0 and scores["high_quality"] == 0.0
    # Modes well placed, lost in space.
    normal = np.linalg.svd(mixture.basis)[2][2]
    scores = point_scores(centres + normal, mixture)
    assert scores["plane_high_quality"] == 1.0 and scores["high_quality"] == 0.0
    assert scores["off_plane"] == pytest.approx(1.0)


def test_generators_are_counted_as_the_modes_are():
    class Source:
        num_generators = 2

        def sample_with_generators(self, n, seed):
            points, modes = embedded_grid(30).sample(n, seed)
            return points, modes % 2

    data = load("embedded_grid", dimensions=30, points=10)
    found = evaluate(Source(), data, samples=2_000)
    np.testing.assert_array_equal(np.sum(found["generator_modes"], axis=0), found["mode_counts"])
