"""Mode counts: by hand, against a plain loop, and as a Keras metric."""

import keras
import numpy as np
import pytest

from kgan.errors import InputError
from kgan.metrics import ModeCoverage, mode_counts

MEANS = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def looped(points, means, std):
    """The definition, one sample at a time."""
    near, nearest = [0] * len(means), [0] * len(means)
    for point in points:
        distances = [float(np.hypot(*(point - mean))) for mean in means]
        nearest[int(np.argmin(distances))] += 1
        in_std = [distance / s for distance, s in zip(distances, std, strict=True)]
        if min(in_std) <= 3:
            near[int(np.argmin(in_std))] += 1
    return near, nearest


def test_by_hand():
    # Four near mode 0 (std 1), one near mode 1 (std 0.5: 1.4 is within, 1.6 is not), none at 2.
    points = [[0, 0], [2.9, 0], [0, -2.9], [1, 1], [11.4, 0], [11.6, 0], [0, 5.5], [90, 90]]
    counts = mode_counts(points, MEANS, [1.0, 0.5, 1.0])
    assert counts.near.tolist() == [4, 1, 0]
    # (90, 90) is as far from mode 1 as from mode 2; the first one gets it.
    assert counts.nearest.tolist() == [4, 3, 1]
    assert (counts.samples, counts.total, counts.covered, counts.strict) == (8, 3, 2, 2)
    assert counts.high_quality == 5 / 8


def test_strict_needs_one_percent_of_all_samples():
    at_first = np.zeros((990, 2))
    nowhere = np.full((1, 2), 5.0)
    for found, strict in ((9, 2 - 1), (10, 2)):
        far = np.repeat(nowhere, 10 - found, axis=0)
        points = np.concatenate([at_first, np.repeat(MEANS[1:2], found, axis=0), far])
        counts = mode_counts(points, MEANS, 1.0)
        assert counts.samples == 1000
        assert counts.covered == 2
        assert counts.strict == strict


def test_against_a_loop_with_overlapping_modes_of_different_width():
    rng = np.random.default_rng(0)
    means, std = rng.uniform(-2, 2, (6, 2)), rng.uniform(0.1, 0.8, 6)
    points = rng.uniform(-4, 4, (500, 2))
    counts = mode_counts(points, means, std)
    near, nearest = looped(points, means, std)
    assert counts.near.tolist() == near
    assert counts.nearest.tolist() == nearest
    assert counts.nearest.sum() == 500


def test_real_data_has_the_expected_share():
    rng = np.random.default_rng(0)
    points = MEANS[rng.integers(0, 3, 50_000)] + 0.3 * rng.standard_normal((50_000, 2))
    # The radius is Rayleigh distributed: P(r <= 3 std) = 1 - exp(-9/2).
    share = mode_counts(points, MEANS, 0.3).high_quality
    assert share == pytest.approx(1 - np.exp(-4.5), abs=0.002)


@pytest.mark.parametrize(
    ("points", "means", "std", "message"),
    [
        (np.zeros((0, 2)), MEANS, 1.0, "n > 0"),
        (np.zeros((5, 3)), MEANS, 1.0, "shape"),
        (np.zeros(5), MEANS, 1.0, "shape"),
        ([[np.nan, 0.0], [0.0, 0.0]], MEANS, 1.0, "1 of 2 rows"),
        ([[0.0, np.inf]], MEANS, 1.0, "infinite"),
        (np.zeros((5, 2)), MEANS, 0.0, "positive"),
        (np.zeros((5, 2)), MEANS, [1.0, 1.0], "each of the 3 modes"),
        (np.zeros((5, 2)), MEANS, np.nan, "positive"),
        (np.zeros((5, 2)), np.zeros((0, 2)), 1.0, "means"),
    ],
)
def test_bad_input(points, means, std, message):
    with pytest.raises(InputError, match=message):
        mode_counts(points, means, std)


def test_keras_metric_adds_up_batches():
    rng = np.random.default_rng(1)
    std = np.array([1.0, 0.5, 2.0])
    points = rng.uniform(-5, 15, (700, 2)).astype("float32")
    metric = ModeCoverage(MEANS, std)
    for start in range(0, 700, 64):
        metric.update_state(points[start : start + 64])
    counts = mode_counts(points, MEANS, std)
    result = {name: float(value) for name, value in metric.result().items()}
    assert result["modes_covered"] == counts.covered
    assert result["modes_strict"] == counts.strict
    assert result["high_quality"] == pytest.approx(counts.high_quality, abs=1e-6)
    metric.reset_state()
    assert [float(value) for value in metric.result().values()] == [0, 0, 0]
    metric.update_state(np.full((4, 2), np.nan, "float32"))
    assert float(metric.result()["high_quality"]) == 0


def test_keras_metric_is_rebuilt_from_its_config():
    metric = ModeCoverage(MEANS, 0.5)
    twin = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert isinstance(twin, ModeCoverage)
    assert twin.get_config() == metric.get_config()
    twin.update_state(np.zeros((2, 2), "float32"))
    assert float(twin.result()["modes_covered"]) == 1
