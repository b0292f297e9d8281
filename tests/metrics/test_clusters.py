"""Clusters that are used: by hand, and of a model."""

import numpy as np
import pytest

import kgan
from kgan.errors import InputError
from kgan.metrics import cluster_purity, clusters_used
from kgan.metrics.clusters import cluster_scores


def test_perplexity_by_hand():
    assert clusters_used([3, 3, 3]) == pytest.approx(1)
    assert clusters_used([0, 1, 2, 3, 7]) == pytest.approx(5)
    # Real points of a ring in ten clusters: 1511, 245, 244 and none in seven.
    counts = np.array([1511, 245, 244])
    shares = counts / 2000
    found = clusters_used(np.repeat([0, 4, 9], counts))
    assert found == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert found == pytest.approx(2.07, abs=0.01)


def test_purity_by_hand():
    # Cluster 5: labels 0, 0, 1. Cluster 2: labels 1, 1, 2, 2.
    assert cluster_purity([5, 5, 5, 2, 2, 2, 2], [0, 0, 1, 1, 1, 2, 2]) == pytest.approx(4 / 7)
    labels = np.arange(8).repeat(3)
    assert cluster_purity(labels, labels[::-1]) == 1  # Whatever their numbers.
    assert cluster_purity(np.zeros(24), labels) == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("clusters", "labels"), [([], []), ([0, 1], [0]), ([0.5], [0]), ([[0]], [[0]])]
)
def test_bad_arrays(clusters, labels):
    with pytest.raises(InputError, match="Received"):
        cluster_purity(clusters, labels)


class Halves:
    """Ten clusters, of which points left and right of 0 have one each."""

    num_clusters = 10

    def sample(self, num_samples, seed):
        return np.random.default_rng(seed).normal(size=(num_samples, 2)).astype("float32")

    def discriminate(self, samples):
        right = (np.asarray(samples)[:, 0] > 0).astype("int32")
        return {"cluster": 7 * right, "distance": np.abs(np.asarray(samples)[:, 0])}


def test_scores_of_a_source():
    points = np.array([[1.0, 0], [2.0, 0], [-3.0, 0], [-4.0, 0]], "float32")
    found = cluster_scores(Halves(), [points[:3], points[3:]], [0, 0, 1, 2])
    assert found == {
        "clusters": 10,
        "clusters_used": pytest.approx(2),
        "cluster_purity": pytest.approx(0.75),
        "vertex_distance": pytest.approx(2.5),
    }
    told = kgan.metrics.evaluate(Halves(), "ring", samples=400, metrics="clusters")
    # Real data are modes 0 to 7 about 0: two of them on the line, half of whose points are right.
    assert told["real"]["clusters_used"] == pytest.approx(2, abs=0.01)
    assert told["real"]["cluster_purity"] == pytest.approx(0.25, abs=0.05)
    assert told["clusters_used"] == pytest.approx(2, abs=0.05)
    assert "clusters_used" not in kgan.metrics.evaluate(lambda n, s: Halves().sample(n, s), "ring")
