"""Measures beside the packages that people know: `pip install '.[peers]'` brings those of PyTorch.

prdc and POT are in test_precision_recall.py and test_divergences.py, TF-GAN beside each measure.
"""

import numpy as np
import pytest

from kgan import metrics

RNG = np.random.default_rng(0)
REAL = RNG.normal(size=(300, 6))
MADE = 1.2 * RNG.normal(size=(260, 6)) + 0.3


@pytest.fixture
def torch():
    pytest.importorskip("torchmetrics")
    return pytest.importorskip("torch")


@pytest.fixture
def features(torch):
    """A network of torchmetrics' that gives the features that it is given as images."""

    class Given(torch.nn.Module):
        num_features = 6

        def forward(self, images):
            return images.reshape(len(images), -1)

    return Given()


def images(torch, features):
    return torch.as_tensor(features, dtype=torch.float64).reshape(len(features), -1, 1, 1)


def updated(torch, metric):
    metric.update(images(torch, REAL), real=True)
    metric.update(images(torch, MADE), real=False)
    return metric


def test_the_frechet_distance_is_torchmetrics(torch, features):
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(feature=features, input_img_size=(6, 1, 1)).set_dtype(
        torch.float64
    )
    expected = float(updated(torch, metric).compute())
    both = (metrics.FeatureStatistics.from_features(x) for x in (MADE, REAL))
    assert metrics.frechet_distance(*both) == pytest.approx(expected, rel=1e-6)


def test_the_kernel_distance_is_torchmetrics_of_one_subset(torch, features):
    from torchmetrics.image.kid import KernelInceptionDistance

    count = len(MADE)
    metric = KernelInceptionDistance(feature=features, subsets=1, subset_size=count)
    metric.update(images(torch, REAL[:count]), real=True)
    metric.update(images(torch, MADE), real=False)
    expected = float(metric.compute()[0])
    assert metrics.kernel_distance(MADE, REAL[:count]) == pytest.approx(expected, rel=1e-5)


def test_the_classifier_score_is_torchmetrics_inception_score(torch, features):
    from torchmetrics.image.inception import InceptionScore

    metric = InceptionScore(feature=features, splits=1)
    metric.update(images(torch, MADE))
    expected = float(metric.compute()[0])
    odds = np.exp(MADE)
    found = metrics.classifier_score(odds / odds.sum(axis=1, keepdims=True))
    assert found == pytest.approx(expected, rel=1e-5)


def test_neighbours_are_scikit_learns():
    neighbours = pytest.importorskip("sklearn.neighbors")
    index = neighbours.NearestNeighbors(n_neighbors=4, algorithm="brute").fit(REAL)
    distances, rows = index.kneighbors(MADE)
    found = metrics.nearest_neighbours(MADE, [REAL[:100], REAL[100:]], 4)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-9)
    np.testing.assert_array_equal(found.indices, rows)


def test_clusters_are_as_tight_as_scikit_learns():
    """Both start at random; the sum of squares tells how good a clustering is."""
    cluster = pytest.importorskip("sklearn.cluster")
    from kgan.metrics.kmeans import kmeans

    modes = 8 * np.random.default_rng(1).normal(size=(10, 6))
    points = modes[np.arange(500) % 10] + np.random.default_rng(2).normal(size=(500, 6))
    theirs = cluster.KMeans(10, n_init=5, random_state=0).fit(points).inertia_

    def inertia(seed):
        labels = kmeans(points, 10, np.random.default_rng(seed))
        parts = [points[labels == label] for label in np.unique(labels)]
        return sum(np.square(part - part.mean(axis=0)).sum() for part in parts)

    assert min(map(inertia, range(5))) == pytest.approx(theirs, rel=1e-3)
