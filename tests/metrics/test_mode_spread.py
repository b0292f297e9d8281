"""Collapse within a mode: known values, an oracle in NumPy, and what is said of it."""

import numpy as np
import pytest

import kgan
from kgan import metrics
from kgan.data import GaussianMixture
from kgan.errors import InputError
from kgan.metrics import class_spread, mode_spread, words
from kgan.metrics.judgement import judgement

MEANS = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
MIXTURE = GaussianMixture(MEANS, np.array([0.1, 0.2, 0.1]))


def points(count, factor, mixture=MIXTURE, seed=0):
    """Of each mode as many, whose std is `factor` (or two of them, of the axes) times its own."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(len(mixture), count, 2)) * np.broadcast_to(factor, 2)
    return (mixture.means[:, None] + mixture.std[:, None, None] * noise).reshape(-1, 2)


@pytest.mark.parametrize(
    ("factor", "expected"),
    # Along the axes 0.5 and 0.1: the root of their product. What is narrow is not cut at 3 std, and
    # real data are, to 0.974 of their std.
    [(1.0, 1.0), (0.3, 0.308), ((0.5, 0.1), 0.2294), (0.0, 0.0), ((0.5, 0.0), 0.0)],
)
def test_known_values(factor, expected):
    assert mode_spread(points(40_000, factor), MIXTURE) == pytest.approx(expected, abs=0.004)


def test_samples_that_fill_the_circle_have_the_most():
    rng = np.random.default_rng(0)
    square = rng.uniform(-0.3, 0.3, (40_000, 2))  # 3 std of mode 0; its corners are not near.
    # A disc of radius 3 has a variance of 9 / 4 along each axis.
    cut = np.sqrt(1 - 4.5 * np.exp(-4.5) / (1 - np.exp(-4.5)))
    assert mode_spread(square, MIXTURE) == pytest.approx(1.5 / cut, abs=0.01)


def test_against_an_oracle():
    """Axes by singular values, the cut of the normal law by a draw; without the correction."""
    found = np.concatenate([points(500, 0.6), points(400, (1.2, 0.3), seed=1)])
    draw = np.random.default_rng(5).normal(size=(400_000, 2))
    cut = draw[np.linalg.norm(draw, axis=1) <= 3].std()
    ratios = []
    for mean, std in zip(MIXTURE.means, MIXTURE.std, strict=True):
        own = found[np.linalg.norm(found - mean, axis=1) <= 3 * std]
        axes = np.linalg.svd(own - own.mean(axis=0), compute_uv=False) / np.sqrt(len(own) - 1)
        ratios.append(np.sqrt(axes.prod()) / std / cut)
    assert mode_spread(found, MIXTURE) == pytest.approx(np.mean(ratios), rel=2e-3)


def test_few_samples_of_a_mode_have_no_bias():
    values = [mode_spread(points(12, 1.0, seed=seed), MIXTURE) for seed in range(400)]
    assert np.mean(values) == pytest.approx(1, abs=0.02)
    assert mode_spread(points(9, 1.0), MIXTURE) is None


def test_a_rotation_changes_nothing_and_distant_samples_do_not_count():
    found = points(300, (0.9, 0.2))
    turned = found @ np.array([[0.6, -0.8], [0.8, 0.6]])
    mixture = GaussianMixture(MIXTURE.means @ np.array([[0.6, -0.8], [0.8, 0.6]]), MIXTURE.std)
    assert mode_spread(turned, mixture) == pytest.approx(mode_spread(found, MIXTURE), rel=1e-6)
    far = np.concatenate([found, np.full((500, 2), 5.0)])
    assert mode_spread(far, MIXTURE) == pytest.approx(mode_spread(found, MIXTURE))


def test_embedded_modes_are_looked_at_in_their_plane():
    mixture = kgan.data.load("embedded_grid").mixture
    real, modes = mixture.sample(5_000, 7)
    assert mode_spread(real, mixture) == pytest.approx(1, abs=0.03)
    means = mixture.means[modes]
    tight = means + 0.3 * (real - means)
    assert mode_spread(tight, mixture) == pytest.approx(0.305, abs=0.01)
    assert mode_spread(means, mixture) == pytest.approx(0, abs=1e-6)


def test_features_within_classes_by_hand():
    real = np.array([[0.0, 0], [2, 0]] * 10 + [[5.0, 5], [5, 9]] * 10)
    labels = np.repeat([3, 8], 20)
    made = np.concatenate([real[:20] * 0.5, real[20:]])  # Class 3 at half of its width.
    assert class_spread(made, labels, real, labels) == pytest.approx((0.5 + 1) / 2)
    assert class_spread(real + 7, labels, real, labels) == pytest.approx(1)
    # Of a class with fewer than ten nothing is known.
    assert class_spread(made[:29], labels[:29], real, labels) == pytest.approx(0.5)
    assert class_spread(made[:9], labels[:9], real, labels) is None
    with pytest.raises(InputError, match="a label each"):
        class_spread(made, labels[:3], real, labels)


def test_evaluate_says_that_a_generator_is_too_tight():
    ring = kgan.data.load("ring").mixture

    def source(factor):
        return lambda n, seed: points(-(-n // 8), factor, ring, seed)[:n].astype("float32")

    tight, good = (metrics.evaluate(source(factor), "ring", samples=4_000) for factor in (0.3, 1.0))
    # What is seen of the modes is perfect, or better than that.
    assert tight["modes_strict"] == 8 and tight["high_quality"] > tight["real"]["high_quality"]
    assert tight["mode_spread"] == pytest.approx(0.308, abs=0.01)
    for found in (tight["real"], good):
        assert found["mode_spread"] == pytest.approx(1, abs=0.03)
    assert words.find("mode_spread").better == "real"
    assert words.remark("mode_spread", tight) == "samples are too tight within their modes"
    assert words.remark("mode_spread", good) == ""
    assert judgement(tight) == "8 of 8 modes, evenly; tighter than the data (0.31 of their spread)."
    assert judgement(good) == "8 of 8 modes, evenly."
