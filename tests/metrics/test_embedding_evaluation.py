"""`evaluate` of sources whose discriminator embeds: the rank of what it sees, and of real data."""

import json

import keras
import numpy as np
import pytest

import kgan
from kgan import data, metrics, networks
from kgan.errors import InputError

KEYS = {"embedding_dimensions", "embedding_first_share", "embedding_effective_rank"}


class Embedding:
    """Uniform points, embedded by a matrix."""

    matrix = np.array([[1.0, 0.0, 1.0], [0.0, 3.0, 0.0]])

    def sample(self, count, seed):
        rng = np.random.default_rng(seed)
        return rng.uniform(-1, 1, (count, 2)).astype("float32")

    def discriminate(self, points):
        return {"value": points[:, 0], "embedding": points @ self.matrix}


@pytest.fixture(scope="module")
def ring():
    return data.load("ring", points=100)


def oracle(embeddings):
    """Share and effective rank, by eigenvalues in place of singular values."""
    values = np.linalg.eigvalsh(np.cov(embeddings.T))[::-1].clip(0)
    roots = np.sqrt(values)
    shares = (roots / roots.sum())[roots > 1e-7]
    return values[0] / values.sum(), np.exp(-(shares * np.log(shares)).sum())


def test_samples_and_real_points(ring):
    source = Embedding()
    # More than a batch, and the last of another size.
    found = metrics.evaluate(source, ring, samples=1_234, seed=3)
    assert json.loads(json.dumps(found)) == found
    real = ring.mixture.sample(100_000, 0)[0]
    for scores, points, near in (
        (found, source.sample(1_234, 3), 1e-6),
        (found["real"], real, 0.03),
    ):
        assert scores.keys() >= KEYS
        assert scores["embedding_dimensions"] == 3
        share, rank = oracle(points @ source.matrix)
        assert scores["embedding_first_share"] == pytest.approx(share, rel=near)
        assert scores["embedding_effective_rank"] == pytest.approx(rank, rel=near)
    assert found["embedding_effective_rank"] < 2.01


def test_an_embedding_that_collapsed_has_no_rank(ring):
    source = Embedding()
    source.matrix = np.zeros((2, 3))
    found = metrics.evaluate(source, ring, samples=50)
    assert (found["embedding_dimensions"], found["embedding_first_share"]) == (3, None)
    assert found["real"]["embedding_effective_rank"] is None


def test_broken_embeddings_are_named(ring):
    source = Embedding()
    source.matrix = np.full((2, 3), np.inf)
    with pytest.raises(InputError, match="embeddings must be finite"):
        metrics.evaluate(source, ring, samples=50)


@pytest.mark.parametrize(
    ("model", "dimensions"),
    [
        (lambda g: kgan.MaEMGAN(g, networks.mlp(2, [8], 5)), 5),
        (lambda g: kgan.MDGAN(g, networks.mlp(2, [8], 4)), 4),
        (lambda g: kgan.GAN(g, networks.mlp(2, [8], 3), loss="wasserstein"), 3),
        (lambda g: kgan.GAN(g, networks.mlp(2, [8], 1)), None),
    ],
)
def test_models(ring, model, dimensions):
    keras.utils.set_random_seed(0)
    found = metrics.evaluate(model(networks.mlp(3, [8], 2)), ring, samples=60)
    assert found.get("embedding_dimensions") == dimensions
    assert bool(KEYS & found.keys()) == bool(KEYS & found["real"].keys()) == bool(dimensions)


def test_images_are_the_test_splits(archive, halves):
    class Pixels(Embedding):
        value_range = (-1, 1)

        def sample(self, count, seed):
            return np.random.default_rng(seed).uniform(-1, 1, (count, 8, 8, 1)).astype("float32")

        def discriminate(self, images):
            return {"embedding": images[:, :4, 0, 0]}

    test = data.load("npz", data_dir=archive, split="test")
    found = metrics.evaluate(Pixels(), test, samples=40, feature_network=halves, data_dir=archive)
    real = test.with_value_range((-1, 1)).floats()[:, :4, 0, 0]
    share, rank = oracle(real)
    assert found["real"]["embedding_first_share"] == pytest.approx(share, rel=1e-5)
    assert found["real"]["embedding_effective_rank"] == pytest.approx(rank, rel=1e-5)
