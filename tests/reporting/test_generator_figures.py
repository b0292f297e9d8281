import numpy as np
import pytest

from kgan.reporting import (
    generator_panels_figure,
    generator_points_figure,
    generator_table_figure,
)
from kgan.reporting.figures.style import PANEL, generator_colours, mode_colours

MEANS = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])


@pytest.fixture
def made():
    rng = np.random.default_rng(0)
    generators = rng.integers(0, 3, 90)
    return MEANS[generators] + 0.1 * rng.standard_normal((90, 2)), generators


def texts(axes) -> dict[tuple[int, int], str]:
    """What is written in the cells, by (row, column)."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text()
        for text in axes.texts
    }


def test_points_have_the_colours_of_their_generators(made):
    points, generators = made
    figure = generator_points_figure(points, generators, 3, points, MEANS, 0.1, title="$a$ title")
    real, drawn, circles, *_ = figure.axes[0].collections
    assert len(real.get_offsets()) == 90
    np.testing.assert_array_equal(drawn.get_offsets(), points)
    np.testing.assert_allclose(drawn.get_facecolors()[:, :3], generator_colours(3)[generators])
    assert len(circles.get_paths()) == 3
    assert figure.axes[0].get_title(loc="right") == ""
    figure.draw_without_rendering()
    far = generator_points_figure(points + np.array([9.0, 0.0]), generators, 3, points)
    assert far.axes[0].get_title(loc="right") == "90 outside"


@pytest.mark.parametrize("count", [2, 8, 9, 10, 32])
def test_legend_is_read_row_by_row(made, count):
    points, generators = made
    figure = generator_points_figure(points, generators % count, count)
    (legend,) = figure.legends
    figure.draw_without_rendering()
    placed = [
        (-round(text.get_window_extent().y0), round(text.get_window_extent().x0), text.get_text())
        for text in legend.get_texts()
    ]
    assert [text for _, _, text in sorted(placed)] == [str(number) for number in range(count)]
    handles = {
        text.get_text(): handle.get_facecolor()[0, :3]
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    for number, colour in enumerate(generator_colours(count)):
        np.testing.assert_allclose(handles[str(number)], colour)


@pytest.mark.parametrize("count", [2, 3, 10, 32])
def test_every_generator_has_a_panel_of_its_own_points(made, count):
    points, generators = made
    generators = generators % count
    figure = generator_panels_figure(points, generators, count, points)
    panels = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert [axes.get_title(loc="left") for axes in panels] == [str(k) for k in range(count)]
    for number, axes in enumerate(panels):
        np.testing.assert_array_equal(
            axes.collections[1].get_offsets(), points[generators == number]
        )
        assert axes.get_xlim() == panels[0].get_xlim(), "all in the same view"
    figure.draw_without_rendering()


@pytest.mark.parametrize("broken", [np.nan, 1e9])
def test_points_may_be_broken(made, broken):
    points, generators = made
    points = points.copy()
    points[3] = broken
    generator_points_figure(points, generators, 3).draw_without_rendering()
    generator_panels_figure(points, generators, 3).draw_without_rendering()


def test_table_tells_per_cent_of_each_generators_samples():
    table = [[180, 20, 0], [1, 0, 399], [0, 0, 0]]
    figure = generator_table_figure(table, [200, 500, 0], ["a", "b$", "c"])
    (axes,) = figure.axes
    written = texts(axes)
    assert {key: text for key, text in written.items() if key[1] < 3} == {
        (0, 0): "90",
        (0, 1): "10",
        (1, 0): "·",
        (1, 2): "80",
    }
    assert [text for (_, column), text in sorted(written.items()) if column == 3] == ["20"]
    whole = [text for (_, column), text in sorted(written.items()) if column > 3]
    assert whole == ["28.6%", "71.4%", "0.0%"]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["a", r"b\$", "c", "none", "of all"]
    cells = axes.collections[1].get_facecolors()
    np.testing.assert_allclose(
        cells[:, 3].reshape(3, 3), [[0.9, 0.1, 0], [1 / 500, 0, 399 / 500], [0, 0, 0]]
    )
    light = {text.get_text() for text in axes.texts if text.get_color() == PANEL}
    assert light == {"90"}
    figure.draw_without_rendering()


def test_images_are_all_in_some_class():
    figure = generator_table_figure(np.diag([5, 7]), [5, 7], kind="class", wide=False)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["0", "1", "of all"]
    assert figure.get_figwidth() < 6


@pytest.mark.parametrize(
    ("shape", "strays"), [((1, 1), 0), ((32, 25), 9), ((64, 25), 9), ((10, 1000), 0)]
)
def test_tables_of_any_size(shape, strays):
    table = np.random.default_rng(0).integers(0, 9, shape)
    figure = generator_table_figure(table, table.sum(axis=1) + strays)
    figure.draw_without_rendering()
    assert bool(figure.axes[0].texts) == (shape[0] <= 40 and shape[1] <= 32)
    generator_table_figure(0 * table, np.zeros(shape[0])).draw_without_rendering()


def test_long_names_are_turned():
    names = ["Ankle boot"] * 10
    for wide, angle in ((True, 0), (False, 40)):
        figure = generator_table_figure(np.eye(10), np.ones(10), names, wide=wide)
        assert figure.axes[0].get_xticklabels()[0].get_rotation() == angle


@pytest.mark.parametrize("count", [1, 8, 9, 10, 32])
def test_colours_differ_and_none_is_grey(count):
    colours = generator_colours(count)
    assert colours.shape == (count, 3)
    assert ((colours >= 0) & (colours <= 1)).all()
    assert np.ptp(colours, axis=1).min() > 0.15
    assert len(np.unique(np.rint(colours * 255), axis=0)) == count
    assert np.ptp(mode_colours(10), axis=1).min() < 0.1, "as grey as real data"
