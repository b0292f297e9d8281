import numpy as np
import pytest
from scipy.spatial import cKDTree

from kgan.errors import InputError
from kgan.metrics import nearest_neighbours, nearness

RNG = np.random.default_rng(0)
REFERENCES = RNG.normal(size=(730, 4))
QUERIES = RNG.normal(size=(610, 4))


@pytest.mark.parametrize("size", [1, 7, 100, 730])
def test_nearest_as_a_tree_finds_them_however_the_references_are_cut(size):
    parts = (REFERENCES[start : start + size] for start in range(0, 730, size))
    found = nearest_neighbours(QUERIES, parts, 5)
    distances, indices = cKDTree(REFERENCES).query(QUERIES, 5)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-9)


def test_a_copy_is_found_at_no_distance_far_from_the_origin():
    references = 1e4 + REFERENCES
    found = nearest_neighbours(references[[700, 3]], [references[:400], references[400:]])
    assert found.indices.tolist() == [[700], [3]]
    assert found.distances.max() == 0


def test_bad_arrays():
    with pytest.raises(InputError, match=r"as many references.*3 neighbours among 2"):
        nearest_neighbours(QUERIES, [REFERENCES[:1], REFERENCES[1:2]], 3)
    with pytest.raises(InputError, match=r"at least 1\. Received: 0"):
        nearest_neighbours(QUERIES, [REFERENCES], 0)
    with pytest.raises(InputError, match=r"\(n, 4\)"):
        nearest_neighbours(QUERIES, [REFERENCES[:, :3]])
    with pytest.raises(InputError, match="finite"):
        nearest_neighbours(np.full((2, 4), np.nan), [REFERENCES])
    with pytest.raises(InputError, match="distances of samples"):
        nearness([], [1.0])


def test_nearness_counts_pairs():
    samples, held_out = np.array([1.0, 2.0, 5.0]), np.array([2.0, 3.0])
    wins = sum((s < t) + 0.5 * (s == t) for s in samples for t in held_out)
    found = nearness(samples, held_out)
    assert found.share == pytest.approx(wins / 6)
    assert nearness(np.zeros(50), np.ones(40)).share == 1.0
    assert nearness(np.ones(50), np.zeros(40)).share == 0.0


def test_the_error_is_that_of_samples_like_held_out_data():
    rng = np.random.default_rng(1)
    shares = [nearness(rng.random(30), rng.random(50)).share for _ in range(2_000)]
    error = nearness(rng.random(30), rng.random(50)).error
    assert np.mean(shares) == pytest.approx(0.5, abs=0.01)
    assert np.std(shares) == pytest.approx(error, rel=0.08)
