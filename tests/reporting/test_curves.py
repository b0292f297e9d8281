import numpy as np
import pytest

from kgan.reporting import curve_figure, loss_figure
from kgan.reporting.figures.curves import smoothed, thinned


def test_smoothing_is_a_gaussian_average_that_passes_over_gaps():
    values = np.array([1.0, np.nan, 3.0, 8.0, np.inf, 2.0])
    width = 1.3
    expected = []
    for at in range(6):
        known = [i for i in range(6) if np.isfinite(values[i]) and abs(i - at) <= round(4 * width)]
        weights = [np.exp(-0.5 * ((i - at) / width) ** 2) for i in known]
        expected.append(np.dot(weights, values[known]) / sum(weights))
    np.testing.assert_allclose(smoothed(values, width), expected, rtol=1e-6)
    assert np.isnan(smoothed(np.full(3, np.nan), 1.0)).all()


def test_thinning_keeps_the_extremes_and_the_order():
    steps, values = np.arange(10_000.0), np.random.default_rng(0).normal(size=10_000)
    values[1234], values[77] = 99.0, np.nan
    some_steps, some = thinned(steps, values, points=100)
    assert len(some) <= 100
    assert some.max() == 99.0
    assert some.min() == np.nanmin(values)
    assert (np.diff(some_steps) > 0).all()
    np.testing.assert_array_equal(some, values[some_steps.astype(int)])
    few = thinned(steps[:100], values[:100], points=100)
    assert len(few[0]) == 99


def test_loss_figure_shows_the_losses_alone():
    columns = {"step": np.arange(50), "d_loss": np.ones(50), "seconds": np.ones(50)}
    columns["g_loss"] = np.where(np.arange(50) == 9, 1e6, np.linspace(0, 1, 50))
    (axes,) = loss_figure(columns).axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["d_loss", "g_loss"]
    assert len(axes.lines) == 4, "raw and average of two losses"


def test_a_few_spikes_do_not_flatten_the_curve():
    losses = np.linspace(0, 1, 1000)
    losses[[10, 500]] = 1e9
    (axes,) = loss_figure({"step": np.arange(1000), "loss": losses}).axes
    assert axes.get_ylim()[1] < 1.2
    assert axes.lines[1].get_ydata().max() < 1.2


@pytest.mark.parametrize("values", [[1.5], [np.nan], [2.0, 2.0], [np.nan, np.inf], []])
@pytest.mark.parametrize("options", [{}, {"reference": (25.0, "all $25$")}, {"percent": True}])
def test_hardly_any_values(values, options):
    columns = {"step": np.arange(len(values)), "x": np.array(values)}
    curve_figure(columns, title="Hardly any", **options).draw_without_rendering()
