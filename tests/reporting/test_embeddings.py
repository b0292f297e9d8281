import numpy as np
import pytest
from sklearn.decomposition import PCA

from kgan.reporting import embedding_figure, project
from kgan.reporting.figures.style import mode_colours


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, 9)) @ rng.normal(size=(9, 9)) + 5.0


def test_projection_is_principal_component_analysis(vectors):
    oracle = PCA(2)
    expected = oracle.fit_transform(vectors)
    found = project(vectors)
    signs = np.sign((found.points * expected).sum(axis=0))
    np.testing.assert_allclose(found.points * signs, expected, atol=1e-9)
    np.testing.assert_allclose(found.explained, oracle.explained_variance_ratio_, atol=1e-12)
    spread = np.sqrt(((vectors - vectors.mean(0)) ** 2).sum(1).mean())
    assert found.spread == pytest.approx(spread)


def test_signs_follow_the_snapshot_before(vectors):
    before = project(vectors)
    after = project(-vectors + 0.01 * np.random.default_rng(1).normal(size=vectors.shape), before)
    for axis in range(2):
        assert np.corrcoef(before.points[:, axis], after.points[:, axis])[0, 1] > 0.99
    other_rows = project(vectors[:20], before)
    np.testing.assert_array_equal(other_rows.points, project(vectors[:20]).points)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_few_dimensions(dimensions):
    vectors = np.random.default_rng(0).normal(size=(12, dimensions))
    found = project(vectors)
    assert found.points.shape == (12, 2)
    assert found.explained.sum() == pytest.approx(1.0)


def test_constant_and_broken_embeddings():
    assert project(np.ones((5, 7))).explained.tolist() == [0.0, 0.0]
    broken = np.random.default_rng(0).normal(size=(6, 3))
    broken[2, 1] = np.nan
    found = project(broken)
    assert np.isnan(found.points).all(axis=1).tolist() == [False, False, True, False, False, False]
    finite = np.delete(broken, 2, axis=0)
    np.testing.assert_allclose(np.delete(found.points, 2, axis=0), project(finite).points)
    embedding_figure(broken, np.zeros(6, int)).draw_without_rendering()
    embedding_figure(np.full((6, 3), np.nan)).draw_without_rendering()


def test_figure_draws_the_projection_in_the_labels_colours(vectors):
    labels = np.arange(60) % 4
    figure = embedding_figure(vectors, labels, ["a", "b", "c$", "d$"])
    dots = figure.axes[0].collections[0]
    np.testing.assert_allclose(dots.get_offsets(), project(vectors).points)
    np.testing.assert_allclose(dots.get_facecolors()[:, :3], mode_colours(4)[labels])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["a", "b", r"c\$", r"d\$"]
    figure.draw_without_rendering()


@pytest.mark.parametrize("count", [1, 8, 10, 11, 25, 100])
def test_colours_are_colours_and_differ(count):
    colours = mode_colours(count)
    assert colours.shape == (count, 3)
    assert ((colours >= 0) & (colours <= 1)).all()
    assert len(np.unique(np.rint(colours * 255), axis=0)) == count
