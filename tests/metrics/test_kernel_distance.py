"""The kernel distance: by hand, without bias, and as others compute it."""

import importlib.util

import numpy as np
import pytest
import tensorflow as tf

from kgan import metrics
from kgan.errors import InputError
from kgan.metrics import tfgan

RNG = np.random.default_rng(0)
SAMPLES, REAL = RNG.normal(size=(30, 4)) + 0.3, RNG.normal(size=(40, 4))


def by_pairs(x, y, degree=3):
    """Eq. (4), a pair at a time."""

    def kernel(a, b):
        return (a @ b / len(a) + 1) ** degree

    def within(z):
        pairs = [kernel(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j]
        return sum(pairs) / (len(z) * (len(z) - 1))

    across = sum(kernel(a, b) for a in x for b in y) / (len(x) * len(y))
    return within(x) + within(y) - 2 * across


@pytest.mark.parametrize("degree", [1, 3])
def test_it_is_the_formula(degree):
    found = metrics.kernel_distance(SAMPLES, REAL, degree=degree)
    assert found == pytest.approx(by_pairs(SAMPLES, REAL, degree), rel=1e-10)


def test_blocks_are_all_pairs():
    x, y = RNG.normal(size=(1203, 3)), RNG.normal(size=(1001, 3))
    kernel = [(a @ b.T / 3 + 1) ** 3 for a, b in ((x, x), (y, y), (x, y))]
    within = sum((k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in kernel[:2])
    expected = within - 2 * kernel[2].mean()
    assert metrics.kernel_distance(x, y) == pytest.approx(expected, abs=1e-12)


def test_it_has_no_bias_where_the_frechet_distance_has():
    def mean(distance, count):
        rng = np.random.default_rng(1)
        pairs = [(rng.normal(size=(count, 5)), rng.normal(size=(count, 5))) for _ in range(300)]
        found = [distance(*pair) for pair in pairs]
        return np.mean(found), np.std(found) / np.sqrt(len(found))

    found, error = mean(metrics.kernel_distance, 20)
    assert abs(found) < 4 * error
    frechet, error = mean(
        lambda x, y: metrics.frechet_distance(
            *(metrics.FeatureStatistics.from_features(z) for z in (x, y))
        ),
        20,
    )
    assert frechet > 20 * error


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_gan") is None, reason="TF-GAN is not installed"
)
def test_tfgan_has_it_of_one_block():
    theirs = tfgan.tfgan().eval.kernel_classifier_distance_from_activations
    found = float(theirs(tf.constant(REAL[:30], "float32"), tf.constant(SAMPLES, "float32")))
    assert found == pytest.approx(metrics.kernel_distance(SAMPLES, REAL[:30]), rel=1e-4)


def test_bad_input():
    with pytest.raises(InputError, match=r"needs two samples.*Received: 1 and 40"):
        metrics.kernel_distance(SAMPLES[:1], REAL)
    with pytest.raises(InputError, match="as many features"):
        metrics.kernel_distance(SAMPLES[:, :2], REAL)
    with pytest.raises(InputError, match=r"degree must be at least 1\. Received: 0"):
        metrics.kernel_distance(SAMPLES, REAL, degree=0)
