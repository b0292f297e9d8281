import numpy as np
import pytest

from kgan.reporting import class_histogram_figure, mode_shares_figure


def test_bars_are_the_shares_and_ticks_the_weights():
    figure = mode_shares_figure(np.array([0.5, 0.0, 0.3]), np.array([0.4, 0.4, 0.2]))
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [0.5, 0.0, 0.3]
    ticks = [segment[0, 0] for segment in axes.collections[0].get_segments()]
    assert ticks == [0.4, 0.4, 0.2]
    assert axes.get_title(loc="right") == "1 of 3 empty"


def test_class_counts_become_shares_under_their_names():
    figure = class_histogram_figure(np.array([30, 10]), np.array([1, 1]), ["$cat$", "dog"])
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.25]
    assert [label.get_text() for label in axes.get_yticklabels()] == [r"\$cat\$", "dog"]
    figure.draw_without_rendering()


@pytest.mark.parametrize("count", [1, 10, 200])
def test_any_number_of_bars(count):
    class_histogram_figure(np.zeros(count)).draw_without_rendering()
    mode_shares_figure(
        np.full(count, 1 / count), np.full(count, 1 / count)
    ).draw_without_rendering()
