"""What each generator does: by hand, against loops and definitions in NumPy, and its errors."""

import json

import numpy as np
import pytest

from kgan import metrics
from kgan.errors import InputError
from kgan.metrics import generators as measured

MEANS = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def entropy(p):
    """In nats, by the definition."""
    p = np.asarray(p, np.float64)
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def divergence(table):
    """The generalised Jensen-Shannon divergence of the rows, and the entropy of their shares."""
    table = np.asarray(table, np.float64)
    table = table[table.sum(axis=1) > 0]
    shares = table.sum(axis=1) / table.sum()
    rows = table / table.sum(axis=1, keepdims=True)
    mixture = (shares[:, None] * rows).sum(axis=0)
    spread = sum(share * entropy(row) for share, row in zip(shares, rows, strict=True))
    return entropy(mixture) - spread, entropy(shares)


def random_table(seed, shape=(5, 7)):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 200, shape) * (rng.uniform(size=shape) < 0.6)


@pytest.mark.parametrize(
    ("table", "overlap", "distinct"),
    [
        # The cases of MIM-GAN's text: both make classes 0-4; one 0-4, the other 5-9.
        ([[9] * 5 + [0] * 5, [9] * 5 + [0] * 5], 1.0, 1.0),
        ([[9] * 5 + [0] * 5, [0] * 5 + [9] * 5], 0.0, 2.0),
        # One mode each; twice as many samples in one, shares 1/2, 1/4, 1/4: I = 1.5 log 2.
        (np.diag([20, 10, 10]), 0.0, 2**1.5),
        # Two of four make the same: three modes of shares 1/2, 1/4, 1/4, and H(pi) = 2 log 2.
        ([[8, 0, 0], [8, 0, 0], [0, 8, 0], [0, 0, 8]], 0.25, 2**1.5),
        # The first on both modes, the second on one: H(G | mode) = 3/4 H(1/3), H(G) = log 2.
        ([[5, 5], [10, 0]], 0.75 * (np.log2(3) - 2 / 3), None),
        # Equal distributions of unequal shares.
        ([[30, 60], [1, 2]], 1.0, 1.0),
        # A generator without samples does not count; nor does one alone overlap.
        ([[4, 4], [0, 0], [4, 4]], 1.0, 1.0),
        ([[4, 4], [0, 0]], 0.0, 1.0),
        ([[3, 1, 2]], 0.0, 1.0),
        (np.zeros((3, 2)), None, 0.0),
    ],
)
def test_tables_by_hand(table, overlap, distinct):
    assert metrics.generator_overlap(table) == pytest.approx(overlap, abs=1e-12)
    if distinct is not None:
        assert metrics.distinct_generators(table) == pytest.approx(distinct, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_overlap_and_distinct_generators_are_the_divergence(seed):
    table = random_table(seed)
    if seed == 3:
        table[2] = 0
    information, whole = divergence(table)
    assert metrics.generator_overlap(table) == pytest.approx(1 - information / whole, abs=1e-12)
    assert metrics.distinct_generators(table) == pytest.approx(np.exp(information), rel=1e-12)


def test_overlap_is_zero_only_without_a_shared_mode():
    assert metrics.generator_overlap(np.diag([1, 7, 3, 12345])) == 0.0
    assert metrics.generator_overlap([[100_000, 0], [1, 100_000]]) > 0
    assert metrics.generator_overlap([[1, 3], [3, 9], [7, 21]]) <= 1.0
    assert metrics.generator_overlap([[100, 301], [100, 300]]) < 1.0


def test_numbers_do_not_depend_on_the_order():
    table, rng = random_table(1), np.random.default_rng(0)
    shuffled = table[rng.permutation(5)][:, rng.permutation(7)]
    assert metrics.generator_overlap(shuffled) == pytest.approx(metrics.generator_overlap(table))
    assert metrics.distinct_generators(shuffled) == pytest.approx(
        metrics.distinct_generators(table)
    )


def test_effective_generators_by_hand():
    assert metrics.effective_generators([5, 5, 5, 5]) == pytest.approx(4)
    assert metrics.effective_generators([0, 9, 0]) == pytest.approx(1)
    assert metrics.effective_generators([2, 1, 1]) == pytest.approx(2**1.5)
    assert metrics.effective_generators([0.5, 0.25, 0.25]) == pytest.approx(2**1.5)


@pytest.mark.parametrize(
    ("table", "samples", "own"),
    [
        (np.diag([95, 95, 95]), [100, 100, 100], 3),
        # Exactly 90% is enough, less is not.
        (np.diag([90, 89]), [100, 100], 1),
        # Both on mode 0, a third alone.
        ([[99, 0], [99, 0], [0, 99]], [100, 100, 100], 1),
        # The second is spread, and takes the others' modes from them.
        ([[95, 0, 0], [40, 30, 30], [0, 0, 95]], [100, 100, 100], 0),
        # Four generators with two modes each, and the same where one shares one of its modes.
        (np.kron(np.eye(4), [49, 49]), [100] * 4, 4),
        ([[49, 49, 0, 0], [0, 0, 49, 49], [0, 0, 0, 95]], [100] * 3, 1),
        # Its own mode holds too few of its samples.
        ([[50, 40], [0, 400]], [100, 400], 1),
        # A few samples of another generator do not take the mode away.
        ([[95, 0], [9, 91]], [100, 100], 2),
        # No sample near a mode, and no sample at all: neither claims mode 0.
        ([[0, 0], [95, 0], [0, 0]], [100, 100, 0], 1),
    ],
)
def test_generators_on_modes_of_their_own_by_hand(table, samples, own):
    assert metrics.own_mode_generators(table, samples) == own


def test_table_against_a_loop():
    rng = np.random.default_rng(0)
    points, generators = rng.uniform(-3, 13, (600, 2)), rng.integers(0, 4, 600)
    generators[generators == 2] = 3  # The third makes nothing.
    std = np.array([1.0, 0.5, 2.0])
    expected = np.zeros((5, 3), int)
    for point, generator in zip(points, generators, strict=True):
        in_std = [np.hypot(*(point - mean)) / s for mean, s in zip(MEANS, std, strict=True)]
        if min(in_std) <= 3:
            expected[generator, int(np.argmin(in_std))] += 1
    table = metrics.generator_table(points, generators, MEANS, std, 5)
    assert table.tolist() == expected.tolist()
    assert table.dtype == np.int64
    assert table[2].sum() == table[4].sum() == 0 < table.sum() < 600
    assert table.sum(axis=0).tolist() == metrics.mode_counts(points, MEANS, std).near.tolist()
    samples = metrics.generator_samples(generators, 5)
    assert samples.tolist() == [(generators == k).sum() for k in range(5)]


def test_class_table_by_hand():
    probabilities = [[0.9, 0.1, 0], [0.2, 0.3, 0.5], [0, 1, 0], [0.1, 0.6, 0.3]]
    table = metrics.generator_class_table(probabilities, np.array([1, 1, 0, 0], np.int32), 3)
    assert table.tolist() == [[0, 2, 0], [1, 0, 1], [0, 0, 0]]


def test_scores_are_plain_and_are_the_functions():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 300)
    points = MEANS[labels] + 0.1 * rng.standard_normal((300, 2))
    points[:4] = 500.0
    table = metrics.generator_table(points, labels, MEANS, 0.1, 3)
    samples = metrics.generator_samples(labels, 3)
    found = measured.generator_scores("generator_modes", table, samples)
    assert json.loads(json.dumps(found)) == found
    assert found["generator_modes"] == table.tolist()
    assert found["generator_samples"] == np.bincount(labels).tolist()
    assert table.sum() <= 296
    assert found["generator_overlap"] == 0
    assert (found["generators"], metrics.own_mode_generators(table, samples)) == (3, 3)
    assert found["distinct_generators"] == metrics.distinct_generators(table)
    assert found["effective_generators"] == metrics.effective_generators(np.bincount(labels))
    images = metrics.generator_class_table(np.eye(3)[labels], labels, 3)
    assert images.tolist() == np.diag(np.bincount(labels)).tolist()


@pytest.mark.parametrize("count", [1, 3])
def test_equal_generators_seem_to_differ_no_more_than_the_bias(count):
    rng = np.random.default_rng(2)
    table = metrics.generator_class_table(
        np.eye(10)[rng.integers(0, 10, 10_000)], rng.integers(0, count, 10_000), count
    )
    bias = (count - 1) * 9 / 20_000
    assert 0 <= np.log(metrics.distinct_generators(table)) <= 2.5 * bias + 1e-12
    assert (metrics.generator_overlap(table) > 0.99) == (count > 1)


@pytest.mark.parametrize(
    ("generators", "count", "message"),
    [
        ([0, 1, 2, 3], 3, "0..2.*from 0 to 3"),
        ([0, -1, 2, 1], 3, "from -1 to 2"),
        ([0.0, 1.0, 2.0, 1.0], 3, "float64"),
        ([0, 1, 2], 3, "shape"),
        ([[0], [1], [2], [1]], 3, "shape"),
        ([0, 0, 0, 0], 0, "at least one generator"),
    ],
)
def test_bad_generators(generators, count, message):
    with pytest.raises(InputError, match=message):
        metrics.generator_table(np.zeros((4, 2)), generators, MEANS, 1.0, count)
    with pytest.raises(InputError, match=message):
        metrics.generator_class_table(np.eye(4), generators, count)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.generator_overlap([1, 2]), "shape"),
        (lambda: metrics.generator_overlap(np.zeros((0, 3))), "shape"),
        (lambda: metrics.generator_overlap([[1, -2]]), "Received: -2"),
        (lambda: metrics.distinct_generators([[1, np.nan]]), "finite"),
        (lambda: metrics.effective_generators([0, 0]), "not all 0"),
        (lambda: metrics.effective_generators([1, -1]), "finite and >= 0"),
        (lambda: metrics.own_mode_generators([[5, 5]], [9]), "at least the row's sum"),
        (lambda: metrics.own_mode_generators([[5, 5]], [10, 10]), "each of the 1 rows"),
        (lambda: metrics.generator_samples([0, 3], 2), "0..1"),
        (lambda: metrics.generator_table(np.zeros((1, 3)), [0], MEANS, 1.0, 1), "shape"),
        (lambda: metrics.generator_class_table([[2.0, 3.0]], [0], 1), "logits"),
    ],
)
def test_bad_tables(call, message):
    with pytest.raises(InputError, match=message):
        call()
