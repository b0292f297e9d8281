"""Precision, recall, density, coverage: against brute force, by hand, and in pieces."""

import importlib.util

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from kgan.errors import InputError
from kgan.metrics import density_coverage, neighbours, precision_recall
from kgan.metrics.arrays import distinct_rows
from kgan.metrics.neighbours import Neighbourhoods, squared_distances
from kgan.metrics.precision_recall import compare


def pair(seed=0, samples=70, real=90, width=4):
    rng = np.random.default_rng(seed)
    return 0.4 + 0.8 * rng.normal(size=(samples, width)), rng.normal(size=(real, width))


def brute_force(samples, real, k):
    """The papers' formulas, one pair of points at a time."""

    def radius(points, i):
        others = [np.linalg.norm(points[i] - p) for j, p in enumerate(points) if j != i]
        return sorted(others)[k - 1]

    distance = np.array([[np.linalg.norm(s - r) for r in real] for s in samples])
    real_radii = [radius(real, i) for i in range(len(real))]
    sample_radii = [radius(samples, i) for i in range(len(samples))]
    inside = distance < real_radii
    return {
        "precision": np.mean([row.any() for row in inside]),
        "recall": np.mean([(column < sample_radii).any() for column in distance.T]),
        "density": inside.sum() / (k * len(samples)),
        "coverage": np.mean([column.any() for column in inside.T]),
    }


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("chunk", [7, 500])
def test_against_brute_force(k, chunk, monkeypatch):
    monkeypatch.setattr(neighbours, "_CHUNK", chunk)
    samples, real = pair()
    expected = brute_force(samples, real, k)
    found = precision_recall(samples, real, neighbours=k)
    assert found == pytest.approx((expected["precision"], expected["recall"]))
    found = density_coverage(samples, real, neighbours=k)
    assert found == pytest.approx((expected["density"], expected["coverage"]))
    assert len(set(expected.values())) == 4


@pytest.mark.skipif(importlib.util.find_spec("prdc") is None, reason="prdc is not installed")
def test_against_the_authors_package():
    import prdc

    samples, real = pair(1)
    expected = prdc.compute_prdc(real, samples, 3)
    found = precision_recall(samples, real) + density_coverage(samples, real, neighbours=3)
    assert found == pytest.approx(
        [expected[k] for k in ("precision", "recall", "density", "coverage")]
    )


def test_both_from_one_pass_are_each_alone():
    samples, real = pair(2)
    own = Neighbourhoods.of("samples", samples, 3)
    both = compare(own, Neighbourhoods.of("real examples", real, 5))
    assert both == (precision_recall(samples, real), density_coverage(samples, real))


def test_by_hand():
    real = np.float64([[0], [1], [2], [10]])
    samples = np.float64([[0.5], [0.6], [30]])
    # Radii of the real points to their first neighbour: 1, 1, 1, 8. Of the samples': .1, .1, 29.4.
    # 0.5 and 0.6 lie in the balls of 0 and 1, 30 in none; all but 0 lie in the last sample's ball.
    assert precision_recall(samples, real, neighbours=1) == pytest.approx((2 / 3, 3 / 4))
    assert density_coverage(samples, real, neighbours=1) == pytest.approx((4 / 3, 2 / 4))


def test_what_they_tell():
    """Collapse costs recall and coverage, bad samples precision and density."""
    rng = np.random.default_rng(0)
    modes = np.array([[0, 0], [20, 0], [0, 20], [20, 20]])

    def draw(chosen, std=1.0):
        return modes[rng.choice(chosen, 800)] + std * rng.normal(size=(800, 2))

    real = draw([0, 1, 2, 3])
    collapsed, blurred, perfect = draw([0]), draw([0, 1, 2, 3], 4.0), draw([0, 1, 2, 3])
    assert precision_recall(perfect, real) == pytest.approx((0.96, 0.96), abs=0.03)
    assert precision_recall(collapsed, real) == pytest.approx((0.97, 0.25), abs=0.05)
    assert precision_recall(blurred, real).precision < 0.5
    density, coverage = density_coverage(perfect, real)
    assert density == pytest.approx(1, abs=0.1)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.02)
    assert density_coverage(collapsed, real).coverage == pytest.approx(0.25, abs=0.03)
    assert density_coverage(blurred, real).density < 0.3


# Ties: points on a lattice or repeated, where rounding must not decide.


def lattice(rng, kind, count=400):
    """Whole numbers, so that every squared distance is exact."""
    if kind == "binary":
        return (rng.random((count, 12)) < 0.5).astype(float)
    if kind == "quantised":
        return np.round(10 * rng.normal(size=(count, 3)))
    return rng.integers(0, 9, (count // 4, 3)).astype(float)[rng.integers(0, count // 4, count)]


def with_exact_distances(samples, real):
    """All four of whole numbers, as prdc has them on exact distances."""
    across, own, true = (
        cdist(*pair, "sqeuclidean") for pair in ((samples, real), (samples,) * 2, (real,) * 2)
    )
    radii, dense = (np.sort(true, axis=1)[:, k] for k in (3, 5))
    recalled = across < np.sort(own, axis=1)[:, [3]]
    inside = across < dense
    shares = (across < radii).any(axis=1), recalled.any(axis=0)
    return [
        *(s.mean() for s in shares),
        inside.sum() / (5 * len(samples)),
        inside.any(axis=0).mean(),
    ]


@pytest.mark.parametrize("kind", ["binary", "quantised", "repeated"])
def test_ties_are_exact_wherever_the_origin_is(kind):
    samples, real = (lattice(np.random.default_rng(seed), kind) for seed in (1, 2))
    expected = with_exact_distances(samples, real)
    assert min(expected) > 0.1
    # Tenths, and most shifts, are rounded.
    for scale, shift in ((1, 0), (0.1, 0), (1, 0.1), (0.1, 7.7), (1, 1e6 + 0.1), (1e-9, 0)):
        moved = scale * samples + shift, scale * real + shift
        found = precision_recall(*moved) + density_coverage(*moved)
        assert found == pytest.approx(expected, abs=1e-12), (scale, shift)


def test_ties_are_prdcs():
    prdc = pytest.importorskip("prdc")
    samples, real = (lattice(np.random.default_rng(seed), "binary") for seed in (1, 2))
    # Its distances are exact as long as whole numbers are.
    expected = prdc.compute_prdc(real, samples, 5)
    found = precision_recall(samples, real, neighbours=5) + density_coverage(samples, real)
    assert found == pytest.approx(list(expected.values()), abs=1e-12)


def test_distances_keep_their_digits_far_from_the_origin():
    points = 1e6 + np.random.default_rng(0).normal(size=(30, 3))
    (distances,) = squared_distances(points, points)
    expected = np.square(points[:, None] - points[None]).sum(axis=2)
    assert distances.rows.start == 0
    assert abs(distances.squared - expected).max() < distances.error < 1e-12
    assert distances.squared.min() >= 0
    pairs = np.indices((30, 30)).reshape(2, -1)
    np.testing.assert_allclose(distances.exact(*pairs), expected.ravel(), rtol=1e-15)
    np.testing.assert_allclose(distances.exact([4, 9], [4, 2]), expected[[4, 9], [4, 2]], 1e-15)


def test_copies_are_neighbours_at_distance_0():
    points = 0.1 + np.repeat(np.random.default_rng(0).normal(size=(2, 3)), 4, axis=0)
    found = Neighbourhoods.of("points", points, 4)
    np.testing.assert_array_equal(found.squared[:, :3], 0)
    assert (found.squared[:, 3] > 0.1).all()
    # A wholly collapsed generator: balls of no radius hold nothing, and one point covers little.
    collapsed, real = np.full((50, 3), 0.1), pair(samples=50, width=3)[1]
    assert precision_recall(collapsed, real).recall == 0
    assert precision_recall(real, np.full((50, 3), 0.1)).precision == 0


def test_distinct_rows():
    rows, which = distinct_rows(np.float64([[2, 0.0], [1, 5], [2, -0.0], [1, 5], [0, 1]]))
    assert rows.tolist() == [0, 1, 4]
    assert which.tolist() == [0, 1, 0, 1, 2]


@pytest.mark.parametrize("k", [0, 5, 6])
def test_neighbours_out_of_range(k):
    samples, real = pair(samples=5)
    with pytest.raises(InputError, match=f"Received: {k} neighbours in 5 samples"):
        precision_recall(samples, real, neighbours=k)
    with pytest.raises(InputError, match=f"Received: {k} neighbours in 5 real examples"):
        density_coverage(real, samples, neighbours=k)


@pytest.mark.parametrize("score", [precision_recall, density_coverage])
def test_bad_features(score):
    samples, real = pair()
    with pytest.raises(InputError, match=r"as many features\. Received: 3 and 4"):
        score(samples[:, :3], real)
    with pytest.raises(InputError, match="real examples must be finite"):
        score(samples, np.full_like(real, np.nan))
