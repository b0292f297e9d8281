import numpy as np
import pytest

from kgan.metrics.modes import mode_counts
from kgan.reporting import assign_modes, points_figure

MEANS = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])


def test_points_belong_to_the_mode_within_three_std():
    points = np.array([[0.0, 0.2], [2.0, 0.31], [1.0, 0.0], [np.nan, 0.0], [2.0, -0.29]])
    found = assign_modes(points, MEANS, 0.1)
    assert found.near.tolist() == [True, False, False, False, True]
    assert found.mode[[0, 1, 4]].tolist() == [0, 1, 1]
    assert found.counts.tolist() == [1, 1, 0]
    np.testing.assert_allclose(found.shares, [0.2, 0.2, 0.0])


def test_assignment_agrees_with_the_metric():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(2000, 2)) * 2
    std = np.array([0.5, 0.1, 0.8])
    found, counts = assign_modes(points, MEANS, std), mode_counts(points, MEANS, std)
    assert found.counts.tolist() == counts.near.tolist()
    assert found.near.mean() == pytest.approx(counts.high_quality)


def test_figure_separates_strays_and_marks_missed_modes():
    points = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 1.0], [50.0, 0.0]])
    figure = points_figure(points, MEANS, MEANS, np.full(3, 0.1), title="$a$ title")
    (axes,) = figure.axes
    _, near, strays, found, missed = axes.collections
    np.testing.assert_array_equal(near.get_offsets(), points[:2])
    np.testing.assert_array_equal(strays.get_offsets(), points[2:])
    assert (len(found.get_paths()), len(missed.get_paths())) == (1, 2)
    assert axes.get_title(loc="right") == "1 outside"
    figure.draw_without_rendering()


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.full((5, 2), np.nan)])
def test_points_alone_are_enough(points):
    points_figure(points).draw_without_rendering()
