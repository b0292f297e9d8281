import numpy as np
import pytest
from sklearn.decomposition import PCA

from kgan.reporting import inverse_figure
from kgan.reporting.figures.inverse import interpolation_rows, latent_axes
from kgan.reporting.figures.style import REAL, generator_colours

MEANS = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
GREY = [int(REAL[i : i + 2], 16) / 255 for i in (1, 3, 5)]


@pytest.fixture
def made():
    """`(latents, labels, noise, samples)`: the first ten samples between two modes."""
    rng = np.random.default_rng(0)
    labels, modes = rng.integers(0, 3, 80), rng.integers(0, 3, 90)
    samples = MEANS[modes] + 0.02 * rng.standard_normal((90, 2))
    samples[:10] = [1.0, 0.0]
    modes[:10] = -1
    return rng.standard_normal((80, 2)), labels, rng.standard_normal((90, 2)), samples, modes


def colours(axes):
    return axes.collections[0].get_facecolors()[:, :3]


def test_panels_show_latents_and_samples_in_the_colours_of_modes(made):
    latents, labels, noise, samples, modes = made
    figure = inverse_figure(latents, labels, noise, samples, MEANS, 0.1, title="$a$ title")
    real, random, points, bars = figure.axes
    mode_colours = generator_colours(3)
    np.testing.assert_allclose(real.collections[0].get_offsets(), latents)
    np.testing.assert_allclose(colours(real), mode_colours[labels])
    np.testing.assert_allclose(random.collections[0].get_offsets(), noise)
    np.testing.assert_allclose(points.collections[0].get_offsets(), samples)
    for axes in (random, points):
        np.testing.assert_allclose(colours(axes)[:10], [GREY] * 10, atol=1e-12)
        np.testing.assert_allclose(colours(axes)[10:], mode_colours[modes[10:]])
    heights = [bar.get_height() for bar in bars.patches]
    np.testing.assert_allclose(heights, np.bincount(modes[10:], minlength=3) / 90)
    assert [bar.get_facecolor()[:3] for bar in bars.patches] == [tuple(c) for c in mode_colours]
    assert bars.get_title(loc="right") == "11.1% in none"
    figure.draw_without_rendering()


def test_circles_are_of_the_standard_gaussian(made):
    real, random, *_ = inverse_figure(*made[:4], MEANS, 0.1).axes
    for axes in (real, random):
        widths = [path.get_extents().width for path in axes.collections[1].get_paths()]
        np.testing.assert_allclose(widths, [2, 4, 6])


def test_true_weights_and_counted_shares_are_drawn(made):
    weights, shares = np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.3, 0.05])
    bars = inverse_figure(*made[:4], MEANS, 0.1, weights, shares).axes[3]
    np.testing.assert_allclose([bar.get_height() for bar in bars.patches], shares)
    lines = bars.collections[0].get_segments()
    np.testing.assert_allclose([line[0, 1] for line in lines], weights)
    assert bars.get_title(loc="right") == "5.0% in none"
    uniform = inverse_figure(*made[:4], MEANS, 0.1).axes[3].collections[0].get_segments()
    np.testing.assert_allclose([line[0, 1] for line in uniform], [1 / 3] * 3)


def test_far_latents_stretch_the_view_of_real_ones_alone(made):
    latents, labels, noise, *_ = made
    real, random, *_ = inverse_figure(10 * latents, labels, noise, made[3], MEANS, 0.1).axes
    assert real.get_xlim()[1] > 15
    assert random.get_xlim()[1] < 4.5
    assert inverse_figure(*made[:4], MEANS, 0.1).axes[0].get_xlim() == random.get_xlim()


@pytest.mark.parametrize("width", [1, 2, 3, 8])
def test_latents_of_any_width(made, width):
    rng = np.random.default_rng(1)
    latents = rng.normal(size=(80, width)) * np.arange(1, width + 1) + 1.5
    axes = latent_axes(latents)
    assert axes.shape == (width, 2)
    if width <= 2:
        np.testing.assert_array_equal(axes, np.eye(2)[:width])
    else:
        np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-12)
        oracle = PCA(2).fit(latents).components_
        np.testing.assert_allclose(np.abs(oracle @ axes), np.eye(2), atol=1e-9)
    figure = inverse_figure(latents, made[1], rng.normal(size=(90, width)), made[3], MEANS, 0.1)
    found = figure.axes[0].collections[0].get_offsets()
    np.testing.assert_allclose(found, latents @ axes)  # Not centred: the mean is to be seen.
    figure.draw_without_rendering()


def test_without_labels_real_latents_are_grey(made):
    latents, _, *rest, _ = made
    figure = inverse_figure(latents, None, *rest, MEANS, np.full(3, 0.1))
    np.testing.assert_allclose(colours(figure.axes[0]), [GREY] * 80, atol=1e-12)


@pytest.mark.parametrize("broken", [np.nan, 1e9])
@pytest.mark.parametrize("width", [2, 4])
def test_latents_and_samples_may_be_broken(made, broken, width):
    rng = np.random.default_rng(2)
    latents, noise = rng.normal(size=(80, width)), rng.normal(size=(90, width))
    latents[3] = broken
    samples = made[3].copy()
    samples[4] = broken
    inverse_figure(latents, made[1], noise, samples, MEANS, 0.1).draw_without_rendering()
    inverse_figure(0 * latents + np.nan, None, noise, samples, MEANS, 0.1).draw_without_rendering()


@pytest.mark.parametrize("count", [1, 8, 12, 25, 64])
def test_any_number_of_modes(made, count):
    means = np.stack([np.arange(count), np.zeros(count)], axis=1)
    figure = inverse_figure(*made[:4], means, 0.1)
    assert len(figure.axes[3].patches) == count
    assert len(figure.axes[3].get_xticks()) == (count if count <= 12 else 0)
    figure.draw_without_rendering()


def test_rows_of_images():
    images = np.arange(6.0).reshape(6, 1, 1, 1) * np.ones((6, 2, 3, 1))
    between = 100 + np.arange(8.0).reshape(2, 4, 1, 1, 1) * np.ones((2, 4, 2, 3, 1))
    rows = interpolation_rows(images, between)
    assert rows.shape == (12, 2, 3, 1)
    assert rows[:, 0, 0, 0].tolist() == [0, 100, 101, 102, 103, 2, 1, 104, 105, 106, 107, 3]
