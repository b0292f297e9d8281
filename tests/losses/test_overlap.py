"""MIM-GAN's terms against entropies, divergences and mutual information of SciPy and sklearn."""

import math

import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from scipy.optimize import approx_fprime
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr, softmax
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from kgan.errors import InputError
from kgan.losses import overlap as module
from kgan.losses.overlap import generator_class_probabilities, overlap, paired, pairwise

RNG = np.random.default_rng(0)
LOG2 = math.log(2)


def value(term, *arrays):
    return float(term(*(ops.convert_to_tensor(array, "float32") for array in arrays)))


def gradient(term, array):
    """Value and gradient by the input."""
    variable = tf.Variable(array, dtype=tf.float32)
    with tf.GradientTape() as tape:
        result = term(variable)
    return float(result), tape.gradient(result, variable).numpy()


def random_probabilities(*shape, sharpness=2.0):
    return softmax(sharpness * RNG.normal(size=shape), axis=-1)


# The oracles, in float64.


def true_overlap(probabilities, weights=None):
    count = len(probabilities)
    weights = np.full(count, 1 / count) if weights is None else np.asarray(weights)
    divergence = entropy(weights @ probabilities) - weights @ entropy(probabilities, axis=1)
    return entropy(weights) - divergence


def true_pairwise(probabilities):
    return sum(
        LOG2 - jensenshannon(probabilities[i], probabilities[j]) ** 2
        for i in range(len(probabilities))
        for j in range(i)
    )


def true_paired(probabilities):
    total = 0.0
    for i in range(probabilities.shape[1]):
        for j in range(i):
            joint = np.mean([np.outer(z[i], z[j]) for z in probabilities], axis=0)
            total += rel_entr(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0))).sum()
    return total


def on(*classes):
    """Uniform on these of ten classes."""
    return np.isin(np.arange(10), classes) / len(classes)


@pytest.mark.parametrize(("generators", "classes"), [(1, 3), (2, 2), (2, 10), (5, 3), (10, 25)])
def test_terms_are_the_definitions(generators, classes):
    logits = 3 * RNG.normal(size=(7, generators, classes))
    per_sample = softmax(logits, axis=-1)
    means = per_sample.mean(axis=0)
    found = ops.convert_to_numpy(generator_class_probabilities(logits))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, means, rtol=1e-5)
    weights = RNG.dirichlet(np.ones(generators))
    assert value(overlap, means) == pytest.approx(true_overlap(means), abs=1e-6)
    assert value(overlap, means, weights) == pytest.approx(true_overlap(means, weights), abs=1e-6)
    assert value(pairwise, means) == pytest.approx(true_pairwise(means), rel=1e-5, abs=1e-6)
    assert value(paired, per_sample) == pytest.approx(true_paired(per_sample), rel=1e-4, abs=1e-5)


CASES = {
    # Name: (first, second, overlap). The cases of section 3.3, and what lies between.
    "both 0-4": (on(0, 1, 2, 3, 4), on(0, 1, 2, 3, 4), LOG2),
    "0-4 against 5-9": (on(0, 1, 2, 3, 4), on(5, 6, 7, 8, 9), 0),
    "0-4 against 3-7": (on(0, 1, 2, 3, 4), on(3, 4, 5, 6, 7), 0.4 * LOG2),
    "both one class": (on(3), on(3), LOG2),
    "two single classes": (on(3), on(8), 0),
    "both everything": (on(*range(10)), on(*range(10)), LOG2),
}


@pytest.mark.parametrize("name", CASES)
def test_cases_of_two_generators(name):
    first, second, expected = CASES[name]
    both = np.stack([first, second])
    assert value(overlap, both) == pytest.approx(expected, abs=1e-7)
    assert value(pairwise, both) == pytest.approx(expected, abs=1e-7)
    # The complement of the divergence, by SciPy.
    assert value(overlap, both) == pytest.approx(LOG2 - jensenshannon(first, second) ** 2, abs=1e-6)


def hard(labels, classes=10):
    """Certain predictions of `(m, K)` labels."""
    return np.eye(classes)[np.asarray(labels)]


def test_mutual_information_of_predictions_does_not_tell_which_classes():
    # z decides the class: the same for both generators, or five classes on.
    z = np.tile(np.arange(5), 20)
    same, disjoint = hard(np.stack([z, z], 1)), hard(np.stack([z, z + 5], 1))
    assert value(paired, same) == pytest.approx(math.log(5), abs=1e-5)
    assert value(paired, disjoint) == pytest.approx(math.log(5), abs=1e-5)
    # Independent latents: 0 in both.
    a, b = (axis.ravel() for axis in np.meshgrid(np.arange(5), np.arange(5)))
    for shift in (0, 5):
        independent = hard(np.stack([a, b + shift], 1))
        assert value(paired, independent) == pytest.approx(0, abs=1e-5)
    # The terms of the library do tell.
    assert value(overlap, same.mean(axis=0)) == pytest.approx(LOG2, abs=1e-6)
    assert value(overlap, disjoint.mean(axis=0)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("generators", [2, 8])
def test_total_collapse_is_the_worst_for_overlap_and_the_best_for_paired(generators):
    collapsed = hard(np.full((16, generators), 4))
    spread = hard(np.tile(np.arange(generators), (16, 1)))
    pairs = generators * (generators - 1) / 2
    assert value(overlap, collapsed[0]) == pytest.approx(math.log(generators), rel=1e-6)
    assert value(pairwise, collapsed[0]) == pytest.approx(pairs * LOG2, rel=1e-6)
    assert value(overlap, spread[0]) == value(pairwise, spread[0]) == 0
    assert value(paired, collapsed) == pytest.approx(0, abs=1e-6)
    assert value(paired, spread) == pytest.approx(0, abs=1e-5)


def test_paired_of_hard_labels_is_sklearns():
    labels = RNG.integers(0, 4, (60, 3))
    labels[:, 1] = np.where(RNG.random(60) < 0.7, labels[:, 0], labels[:, 1])
    expected = sum(
        mutual_info_score(labels[:, i], labels[:, j]) for i in range(3) for j in range(i)
    )
    assert value(paired, hard(labels, 4)) == pytest.approx(expected, rel=1e-5)


def test_overlap_is_what_the_class_leaves_open_about_the_generator():
    # Counts: rows are generators, columns classes; sklearn has I(generator; class).
    counts = np.array([[5, 0, 3], [1, 4, 0], [0, 2, 9], [7, 7, 7]])
    generators, classes = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices((4, 3)))
    weights = counts.sum(axis=1) / counts.sum()
    probabilities = counts / counts.sum(axis=1, keepdims=True)
    expected = entropy(weights) - mutual_info_score(generators, classes)
    assert value(overlap, probabilities, weights) == pytest.approx(expected, rel=1e-5)


def test_generators_of_no_weight_do_not_count():
    probabilities = random_probabilities(3, 6)
    assert value(overlap, probabilities, [0.5, 0.5, 0]) == pytest.approx(
        value(overlap, probabilities[:2]), rel=1e-6
    )
    assert np.isfinite(gradient(lambda w: overlap(probabilities, w), [0.5, 0.5, 0.0])[1]).all()


def test_small_values_are_not_rounded_away():
    # Each generator makes the other's class once in 1e9: log K - JSD would be 0 in float32.
    rare = 1e-9
    probabilities = np.array([[1 - rare, rare], [rare, 1 - rare]])
    exact = -np.sum(probabilities * np.log(probabilities)) / 2
    assert value(overlap, probabilities) == pytest.approx(exact, rel=0.05)
    assert value(pairwise, probabilities) == pytest.approx(exact, rel=0.05)
    for _ in range(20):
        almost = random_probabilities(6, 9, sharpness=30.0)
        assert min(value(overlap, almost), value(pairwise, almost)) >= 0


TERMS = {
    "overlap": (
        lambda logits: overlap(generator_class_probabilities(logits)),
        lambda logits: true_overlap(softmax(logits, axis=-1).mean(axis=0)),
    ),
    "weighted": (
        lambda logits: overlap(generator_class_probabilities(logits), [0.2, 0.5, 0.3]),
        lambda logits: true_overlap(softmax(logits, axis=-1).mean(axis=0), [0.2, 0.5, 0.3]),
    ),
    "pairwise": (
        lambda logits: pairwise(generator_class_probabilities(logits)),
        lambda logits: true_pairwise(softmax(logits, axis=-1).mean(axis=0)),
    ),
    "paired": (
        lambda logits: paired(ops.softmax(logits, axis=-1)),
        lambda logits: true_paired(softmax(logits, axis=-1)),
    ),
}


@pytest.mark.parametrize("name", TERMS)
def test_gradients_are_the_oracles_differences(name):
    term, oracle = TERMS[name]
    logits = 2 * RNG.normal(size=(4, 3, 5))
    expected = approx_fprime(logits.ravel(), lambda x: oracle(x.reshape(logits.shape)), 1e-6)
    _, found = gradient(term, logits)
    assert abs(expected).max() > 1e-2
    np.testing.assert_allclose(found.ravel(), expected, atol=5e-6)


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("scale", [1e2, 1e4])
def test_finite_where_the_classifier_is_certain(name, scale):
    # Softmax underflows to 0 and 1, where log p is infinite.
    for labels in (
        np.zeros((6, 3), int),
        np.tile(np.arange(3), (6, 1)),
        RNG.integers(0, 5, (6, 3)),
    ):
        result, gradients = gradient(TERMS[name][0], scale * hard(labels, 5))
        assert np.isfinite(result)
        assert np.isfinite(gradients).all()


@pytest.mark.parametrize("term", [overlap, pairwise])
def test_finite_at_zeros(term):
    for array in (np.eye(4), np.eye(4)[[0, 0, 1, 1]], np.zeros((4, 4)), np.full((2, 3), 1 / 3)):
        result, gradients = gradient(term, array)
        assert np.isfinite(result)
        assert np.isfinite(gradients).all()
        # Twice 1 - log 1e-30, and the sum over three others in `pairwise`.
        assert abs(gradients).max() < 300


def test_paired_is_finite_at_zeros():
    for labels in (np.zeros((6, 3), int), RNG.integers(0, 3, (6, 3))):
        result, gradients = gradient(paired, hard(labels, 5))
        assert np.isfinite(result)
        assert np.isfinite(gradients).all()


@pytest.mark.parametrize("name", ["overlap", "weighted", "pairwise"])
def test_equal_generators_are_a_saddle(name):
    term, _ = TERMS[name]
    # Other samples, the same distribution over classes: no force at all by the means.
    logits = np.repeat(RNG.normal(size=(4, 1, 5)), 3, axis=1)
    most, gradients = gradient(term, logits)
    np.testing.assert_allclose(gradients, 0, atol=1e-7)
    for _ in range(20):  # And any difference is less.
        assert value(term, logits + 0.3 * RNG.normal(size=logits.shape)) < most


def test_force_is_that_of_the_closed_form_posterior():
    """MGAN's classifier loss, with the Bayes-optimal classifier and held fixed."""
    weights = np.array([0.2, 0.5, 0.3])
    logits = RNG.normal(size=(4, 3, 5))
    joint = weights[:, None] * softmax(logits, axis=-1).mean(axis=0)
    log_posterior = np.log(joint / joint.sum(axis=0)).astype("float32")

    def cross_entropy(x):
        classes = generator_class_probabilities(x)
        return -ops.sum(ops.cast(weights, "float32")[:, None] * classes * log_posterior)

    result, expected = gradient(cross_entropy, logits)
    found, gradients = gradient(TERMS["weighted"][0], logits)
    assert found == pytest.approx(result, rel=1e-5)
    np.testing.assert_allclose(gradients, expected, atol=1e-6)


def information(first, second):
    """I_ij of two rows."""
    return overlap(ops.stack([first, second]))


def one_by_one(probabilities):
    """Algorithm 1: every generator descends Cal-MI while the others stand still."""
    rows = [tf.Variable(row, dtype=tf.float32) for row in probabilities]
    gradients = []
    for i, row in enumerate(rows):
        with tf.GradientTape() as tape:
            total = sum(information(row, other) for j, other in enumerate(rows) if j != i)
        gradients.append(tape.gradient(total, row).numpy())
    return np.stack(gradients)


def test_a_joint_step_is_algorithm_1():
    probabilities = random_probabilities(5, 7)
    _, joint = gradient(pairwise, probabilities)
    expected = one_by_one(probabilities)
    np.testing.assert_allclose(joint, expected, rtol=1e-4, atol=1e-5)

    def stopped(factor):
        """`factor sum_{i != j} I(p_i, stop(p_j))`, in one step."""

        def term(rows):
            pairs = [(i, j) for i in range(5) for j in range(5) if i != j]
            return factor * sum(information(rows[i], ops.stop_gradient(rows[j])) for i, j in pairs)

        return gradient(term, probabilities)[1]

    np.testing.assert_allclose(stopped(1.0), expected, rtol=1e-4, atol=1e-5)
    # With Eq. (5)'s 1/2 and the second of each pair fixed, half of the force is lost.
    np.testing.assert_allclose(stopped(0.5), expected / 2, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("samples", "generators", "classes", "seen"),
    [
        (6, 10, 10, 0.68),
        (12, 10, 10, 0.82),
        (50, 10, 10, 0.96),
        (64, 10, 10, 0.97),
        (12, 10, 1_000, 0.03),
    ],
)
def test_what_equal_generators_seem_to_share(samples, generators, classes, seen):
    """Of log K, by draws of certain, even classes."""
    expected = module.expected_overlap(samples, generators, classes) / math.log(generators)
    assert expected == pytest.approx(seen, abs=0.01)
    even = np.full((generators, classes), 1 / classes)
    draws = [true_overlap(RNG.multinomial(samples, even) / samples) for _ in range(60)]
    assert np.mean(draws) / math.log(generators) == pytest.approx(expected, abs=0.01)


def test_few_samples_look_less_overlapping():
    truth = np.full((1, 10), 0.1)
    small, large = (
        np.mean(
            [value(overlap, RNG.multinomial(n, truth.repeat(4, axis=0)) / n) for _ in range(50)]
        )
        for n in (8, 64)
    )
    assert small < large - 0.05 < math.log(4) - 0.05


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(dtype):
    logits = ops.cast(RNG.normal(size=(512, 3, 5)), dtype)
    exact = softmax(ops.convert_to_numpy(ops.cast(logits, "float32")).astype("float64"), axis=-1)
    found = overlap(generator_class_probabilities(logits))
    assert found.dtype == tf.float32
    assert float(found) == pytest.approx(true_overlap(exact.mean(axis=0)), rel=1e-5)


def test_the_number_of_samples_may_be_unknown():
    @tf.function(input_signature=[tf.TensorSpec((None, 3, 5))])
    def terms(logits):
        classes = generator_class_probabilities(logits)
        return overlap(classes), pairwise(classes), paired(ops.softmax(logits))

    logits = RNG.normal(size=(6, 3, 5))
    oracles = (TERMS[name][1](logits) for name in ("overlap", "pairwise", "paired"))
    found = terms(tf.constant(logits, tf.float32))
    np.testing.assert_allclose(found, list(oracles), rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "shapes", "message"),
    [
        (
            "generator_class_probabilities",
            [(6, 5)],
            r"logits must have the shape \(m, K, classes\)",
        ),
        ("overlap", [(4, 3, 5)], r"probabilities must have the shape \(K, classes\).*\(4, 3, 5\)"),
        ("overlap", [(3, 5), (2,)], "one weight for each of the 3 generators. Received: 2"),
        ("overlap", [(3, 5), (3, 1)], r"weights must have the shape \(K,\)"),
        ("pairwise", [(5,)], r"Received: \(5,\)"),
        ("paired", [(3, 5)], r"\(m, K, classes\). Received: \(3, 5\)"),
    ],
)
def test_bad_shapes(name, shapes, message):
    with pytest.raises(InputError, match=message):
        getattr(module, name)(*(np.ones(shape, "float32") for shape in shapes))
