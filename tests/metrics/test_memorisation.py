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


def test_crowded_modes_are_no_copies_within_cells():
    rng = np.random.default_rng(0)

    def draw(count, std):
        return rng.integers(0, 4, (count, 1)) * 5.0 + std * rng.normal(size=(count, 2))

    train, held_out = draw(4_000, 1.0), draw(1_000, 1.0)

    def compared(samples, whole=False):
        both = np.concatenate([samples, held_out])
        distances = nearest_neighbours(both, [train]).distances[:, 0]
        cells = nearest_neighbours(both, [train[:200]]).indices[:, 0]
        count = len(samples)
        told = None if whole else (cells[:count], cells[count:])
        return nearness(distances[:count], distances[count:], told)

    crowded, copies = draw(1_000, 0.7), train[:1_000] + 1e-3
    copies = np.concatenate([copies[:300], draw(700, 1.0)])
    found = compared(draw(1_000, 1.0))
    assert found.share == pytest.approx(0.5, abs=3 * found.error)
    assert 0.01 < found.error < 0.02
    assert compared(crowded, whole=True).share > 0.57
    assert compared(crowded).share == pytest.approx(0.5, abs=0.05)
    assert compared(copies).share > 0.6


def test_cells_count_as_the_held_out_data_in_them():
    # Cell 7: the sample is nearer than both, 3 / 3 in all; cell 9: further; cell 1: nothing there.
    found = nearness([1.0, 5.0, 2.0], [2.0, 3.0, 4.0], ([7, 9, 1], [7, 7, 9]))
    assert found.share == pytest.approx(2 / 3)
    assert found.error == pytest.approx(np.sqrt((4 / 9) * (4 / 24) + (1 / 9) * (3 / 12)))
    assert np.isnan(nearness([1.0], [2.0], ([0], [1])).share)
    with pytest.raises(InputError, match=r"Each distance must have a cell.*\(1,\) and \(1,\)"):
        nearness([1.0, 2.0], [2.0], ([0], [1]))


def test_the_error_is_that_of_samples_like_held_out_data():
    rng = np.random.default_rng(1)
    shares = [nearness(rng.random(30), rng.random(50)).share for _ in range(2_000)]
    error = nearness(rng.random(30), rng.random(50)).error
    assert np.mean(shares) == pytest.approx(0.5, abs=0.01)
    assert np.std(shares) == pytest.approx(error, rel=0.08)
