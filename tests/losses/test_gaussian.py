"""Distances of latents from N(0, I) against SciPy, POT and NumPy in float64, and at their traps."""

import keras
import numpy as np
import ot
import pytest
import scipy.linalg
import tensorflow as tf
from keras import ops
from scipy import stats

from kgan.errors import InputError
from kgan.losses import gaussian
from kgan.losses.gaussian import KL_RIDGE, moments

RNG = np.random.default_rng(0)
EXPONENTS = (1, 1.5, 2, 3, np.inf)


# The oracles, in float64. Each takes the mean and the covariance.


def true_wasserstein(mean, covariance):
    root = scipy.linalg.sqrtm(covariance).real
    eye = np.eye(len(mean))
    return np.sqrt(mean @ mean + np.trace(covariance + eye - 2 * root))


def true_kl(mean, covariance, ridge=0.0):
    covariance = covariance + ridge * np.eye(len(mean))
    inverse = np.linalg.inv(covariance)
    _, log_determinant = np.linalg.slogdet(covariance)
    return 0.5 * (log_determinant - len(mean) + np.trace(inverse) + mean @ inverse @ mean)


def true_wasserstein_1d(mean, covariance):
    return np.sqrt(np.sum(mean**2) + np.sum((np.sqrt(np.diag(covariance)) - 1) ** 2))


def true_p_norm(p):
    def oracle(mean, covariance):
        difference = (covariance - np.eye(len(mean))).ravel()
        return np.linalg.norm(mean, p) + np.linalg.norm(difference, p)

    return oracle


def library_p_norm(p):
    return lambda mean, covariance: gaussian.p_norm(mean, covariance, p)


# Name: (the library's, the oracle). The ridge of the divergence is part of its documented form.
TERMS = {
    **{f"p_norm-{p}": (library_p_norm(p), true_p_norm(p)) for p in EXPONENTS},
    "wasserstein": (gaussian.wasserstein, true_wasserstein),
    "kl": (gaussian.kl, lambda mean, covariance: true_kl(mean, covariance, KL_RIDGE)),
    "wasserstein_1d": (gaussian.wasserstein_1d, true_wasserstein_1d),
}


def evaluate(name, latents, dtype="float32"):
    """Value and gradient in the latents of one of the losses."""
    variable = tf.constant(latents, dtype)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        value = TERMS[name][0](*moments(variable))
    assert value.dtype == "float32"
    assert value.shape == ()
    gradient = tape.gradient(value, variable)
    assert gradient.dtype == dtype
    return float(value), gradient.numpy().astype("float64")


def oracle(name, latents):
    mean = latents.mean(axis=0)
    return TERMS[name][1](mean, np.atleast_2d(np.cov(latents, rowvar=False)))


def central_differences(function, point, step=1e-5):
    found = np.zeros(point.size)
    for i in range(point.size):
        shift = np.zeros(point.size)
        shift[i] = step
        shift = shift.reshape(point.shape)
        found[i] = (function(point + shift) - function(point - shift)) / (2 * step)
    return found.reshape(point.shape)


def correlated(rows, size, scale=1.0):
    """Ordinary latents, of a mean and a covariance of no symmetry; singular only by their rows."""
    mixing = stats.ortho_group.rvs(size, random_state=RNG) if size > 1 else np.eye(1)
    mixing = np.linspace(0.6, 1.7, size)[:, None] * mixing
    return scale * (RNG.normal(size=(rows, size)) @ mixing + RNG.uniform(0.5, 1, size))


def standard(size=3):
    """Latents whose mean is exactly 0 and covariance exactly I, in any floating type: 9 rows."""
    assert size == 3
    return np.concatenate([2 * np.eye(3), -2 * np.eye(3), np.zeros((3, 3))])


# Values and gradients at ordinary points -----------------------------------------------------


@pytest.mark.parametrize(("rows", "size"), [(2, 1), (7, 3), (64, 20), (5, 9)])
def test_moments_are_numpys(rows, size):
    latents = correlated(rows, size)
    mean, covariance = moments(tf.constant(latents, "float32"))
    assert mean.shape == (size,)
    assert covariance.shape == (size, size)
    np.testing.assert_allclose(mean, latents.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(covariance, np.atleast_2d(np.cov(latents.T)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize(("rows", "size"), [(40, 1), (9, 4), (128, 20)])
def test_values_are_the_oracles(name, rows, size):
    for scale in (0.3, 1.0, 8.0):
        latents = correlated(rows, size, scale)
        value, _ = evaluate(name, latents)
        assert value == pytest.approx(oracle(name, latents), rel=2e-3)
        assert value > 0.1


def test_wasserstein_is_pots():
    latents = correlated(50, 6)
    mean, covariance = latents.mean(axis=0), np.cov(latents.T)
    expected = ot.gaussian.bures_wasserstein_distance(mean, np.zeros(6), covariance, np.eye(6))
    assert evaluate("wasserstein", latents)[0] == pytest.approx(float(expected), rel=1e-4)


def test_kl_is_the_mean_log_ratio_of_standard_draws():
    latents = correlated(200, 3)
    mean, covariance = latents.mean(axis=0), np.cov(latents.T)
    found = float(
        gaussian.kl(tf.constant(mean, "float32"), tf.constant(covariance, "float32"), ridge=0.0)
    )
    assert found == pytest.approx(true_kl(mean, covariance), rel=1e-4)
    # KL(N(0, I) || N(mean, covariance)), in this direction, by draws of the first.
    draws = RNG.normal(size=(200_000, 3))
    ratios = stats.multivariate_normal(np.zeros(3)).logpdf(draws)
    ratios -= stats.multivariate_normal(mean, covariance).logpdf(draws)
    assert abs(found - ratios.mean()) < 4 * stats.sem(ratios)
    other_way = true_kl_reversed(mean, covariance)
    assert abs(found - other_way) > 20 * stats.sem(ratios)


def true_kl_reversed(mean, covariance):
    _, log_determinant = np.linalg.slogdet(covariance)
    return 0.5 * (np.trace(covariance) + mean @ mean - len(mean) - log_determinant)


def test_only_the_one_dimensional_loss_is_blind_to_correlation():
    # Both dimensions are standard, and the same.
    latents = np.repeat(standard()[:, :1], 2, axis=1)
    latents *= np.sqrt(8 / np.sum(latents[:, 0] ** 2))
    assert evaluate("wasserstein_1d", latents)[0] < 1e-4
    for name in set(TERMS) - {"wasserstein_1d"}:
        assert evaluate(name, latents)[0] > 0.5


@pytest.mark.parametrize("name", TERMS)
def test_gradients_are_the_oracles_differences(name):
    latents = correlated(12, 4)
    expected = central_differences(lambda z: oracle(name, z), latents)
    _, found = evaluate(name, latents)
    scale = np.abs(expected).max()
    assert scale > 1e-2
    np.testing.assert_allclose(found, expected, atol=1e-3 * scale)


@pytest.mark.parametrize("name", TERMS)
def test_gradients_at_repeated_eigenvalues(name):
    # Variances of 4, and of 4, 4, 1: the eigenvectors are free to turn. A little off the ties
    # that give the p-norms of 1 and infinity their kinks, by the mean alone.
    for scales in ([2, 2, 2], [2, 2, 1]):
        latents = standard() * scales + [0.3, 0.2, -0.1]
        if name not in {"p_norm-1", "p_norm-inf"}:
            expected = central_differences(lambda z: oracle(name, z), latents)
            np.testing.assert_allclose(evaluate(name, latents)[1], expected, atol=2e-4)
        assert np.isfinite(evaluate(name, latents)[1]).all()


@pytest.mark.parametrize("name", TERMS)
def test_descent_arrives_at_the_standard_normal(name):
    size = 3
    latents = tf.Variable(correlated(30, size), dtype=tf.float32)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 400))
    optimizer.build([latents])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = TERMS[name][0](*moments(latents))
        optimizer.apply([tape.gradient(value, latents)], [latents])

    for _ in range(400):
        step()
    mean, covariance = latents.numpy().mean(axis=0), np.cov(latents.numpy().T)
    np.testing.assert_allclose(mean, 0, atol=0.02)
    if name == "wasserstein_1d":
        covariance = np.diag(np.diag(covariance))
    np.testing.assert_allclose(covariance, np.eye(size), atol=0.03)


# The traps -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_zero_with_a_finite_gradient_at_the_optimum(name, dtype):
    value, gradient = evaluate(name, standard(), dtype)
    # Of the epsilon in eigenvalues of 1, half goes to each root; of the ridge its square.
    assert 0 <= value < 1e-5
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() < 2
    assert evaluate(name, standard() + 0.1)[0] > 0.01
    assert evaluate(name, 1.1 * standard())[0] > 0.01


SINGULAR = {
    "all rows equal": np.tile(RNG.normal(size=(1, 4)), (8, 1)),
    "all rows 0": np.zeros((8, 4)),
    "a collapsed dimension": RNG.normal(size=(8, 4)) * [1, 1, 0, 1] + [0, 0, 0.3, 0],
    "two equal dimensions": RNG.normal(size=(8, 4))[:, [0, 1, 2, 2]],
    "fewer rows than dimensions": RNG.normal(size=(3, 12)),
    "two rows": RNG.normal(size=(2, 4)),
    "as many rows as dimensions": RNG.normal(size=(12, 12)),
}
FAR = {
    "large": RNG.normal(size=(40, 4)) * 1e4,
    "a far mean": RNG.normal(size=(40, 4)) + 1e4,
    "one large dimension": RNG.normal(size=(40, 4)) * [1e4, 1, 1, 1e-3],
    "large, fewer rows than dimensions": RNG.normal(size=(3, 12)) * 1e4,
    "large, two equal dimensions": RNG.normal(size=(40, 4))[:, [0, 1, 2, 2]] * 1e4,
    "large, of rank one": RNG.normal(size=(40, 1)) * RNG.normal(size=(1, 64)) * 1e4,
    "large and wide": RNG.normal(size=(64, 128)) * 1e4,
}


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_finite_for_singular_and_far_batches(name, dtype):
    # Far latents are past float16's largest number, or their gradients are: loss scaling's task.
    far = FAR if dtype != "float16" else {"not so large": 1e-2 * FAR["large"]}
    for case, latents in {**SINGULAR, **far}.items():
        value, gradient = evaluate(name, latents, dtype)
        assert np.isfinite(value), case
        assert np.isfinite(gradient).all(), case
        assert value > 0.1, case


def test_the_ridge_is_the_documented_one_up_to_a_trace_of_100():
    mean = tf.constant([0.3, -0.2])
    for variances in ([1.0, 1e-4], [90.0, 0.5]):
        found = float(gaussian.kl(mean, tf.linalg.diag(variances)))
        expected = true_kl(mean.numpy().astype("float64"), np.diag(variances), KL_RIDGE)
        assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_not_finite_latents_make_a_loss_that_is_not_finite(name, wrong):
    """And no error of a decomposition: training tells of its losses."""
    latents = standard()
    latents[2, 1] = wrong

    @tf.function
    def value_and_gradient(latents):
        with tf.GradientTape() as tape:
            tape.watch(latents)
            value = TERMS[name][0](*moments(latents))
        return value, tape.gradient(value, latents)

    assert not np.isfinite(value_and_gradient(tf.constant(latents, tf.float32))[0])


@pytest.mark.filterwarnings("ignore:Matrix is singular")  # SciPy's, of the oracle.
@pytest.mark.parametrize("name", TERMS)
def test_one_row_that_is_known_in_the_graph_alone(name):
    """It has the covariance 0, and no NaN for what is left of an array."""
    graph = tf.function(
        lambda z: TERMS[name][0](*moments(z)),
        input_signature=[tf.TensorSpec((None, 2), tf.float32)],
    )
    latents = np.array([[0.3, -0.2]])
    expected = TERMS[name][1](latents[0], np.zeros((2, 2)))
    assert float(graph(tf.constant(latents, tf.float32))) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("name", TERMS)
def test_a_collapsed_dimension_is_pushed_apart(name):
    latents = standard()
    latents[:, 1] *= 1e-3
    _, gradient = evaluate(name, latents)
    spread = latents[:, 1] - latents[:, 1].mean()
    assert gradient[:, 1] @ spread < 0
    assert (latents - 1e-3 * gradient)[:, 1].std() > latents[:, 1].std()


@pytest.mark.parametrize("name", ["wasserstein", "wasserstein_1d"])
def test_the_push_on_a_collapsed_dimension_is_no_little_one(name):
    # A clamp of the eigenvalues at 1e-5 would have none. Of W2 = |std - 1| it is 1.
    latents = standard()
    latents[:, 1] *= 1e-3
    _, gradient = evaluate(name, latents)
    per_std = gradient[:, 1] @ latents[:, 1] / 1e-3
    assert -1.01 < per_std < -0.2


def test_compiled_by_xla():
    """One function of all losses, as a matrix root and others have no XLA kernel."""

    def all_losses(latents):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(latents)
            values = {name: term(*moments(latents)) for name, (term, _) in TERMS.items()}
        return values, {name: tape.gradient(value, latents) for name, value in values.items()}

    compiled = tf.function(all_losses, jit_compile=True, reduce_retracing=True)
    for latents in (correlated(24, 6), correlated(24, 6, 1e-3), np.zeros((24, 6))):
        latents = tf.constant(latents, "float32")
        for found, expected in zip(compiled(latents), all_losses(latents), strict=True):
            for name in TERMS:
                scale = np.abs(expected[name]).max()
                np.testing.assert_allclose(
                    found[name], expected[name], rtol=0, atol=1e-3 * scale + 1e-6, err_msg=name
                )


def test_batches_of_unknown_size():
    signature = [tf.TensorSpec((None, 4), tf.float32)]
    latents = correlated(12, 4)
    for name, (term, _) in TERMS.items():
        graph = tf.function(lambda z, term=term: term(*moments(z)), input_signature=signature)
        expected = oracle(name, latents)
        assert float(graph(tf.constant(latents, tf.float32))) == pytest.approx(expected, rel=1e-3)


# The norm and the consistency ----------------------------------------------------------------


@pytest.mark.parametrize("p", [*EXPONENTS, 1.01, 7, 50])
def test_norm_is_numpys(p):
    for values in (RNG.normal(size=5), RNG.normal(size=(4, 4)), -np.ones((2, 3)), np.eye(3)):
        for scale in (1e-3, 1.0, 1e8):
            found = float(gaussian.norm(tf.constant(scale * values, tf.float32), p))
            assert found == pytest.approx(scale * np.linalg.norm(values.ravel(), p), rel=1e-5)


@pytest.mark.parametrize("p", [*EXPONENTS, 7])
def test_norm_at_zeros(p):
    for values in (np.zeros((3, 3)), np.array([0.0, 1e-30, 0.0]), np.array([0.0, -2.0, 1e-9])):
        variable = tf.constant(values, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(variable)
            value = gaussian.norm(variable, p)
        assert float(value) == pytest.approx(np.linalg.norm(values.ravel(), p), abs=2e-6)
        gradient = tape.gradient(value, variable).numpy()
        assert (np.abs(gradient) <= 1 + 1e-5).all()


@pytest.mark.parametrize("p", [0.5, 0.999, 0, -1, -np.inf, np.nan])
def test_bad_exponents(p):
    with pytest.raises(InputError, match=r"p must be at least 1\. Received: p="):
        gaussian.norm(tf.zeros((3,)), p)
    with pytest.raises(InputError, match=r"p must be at least 1\. Received: p="):
        gaussian.p_norm(*moments(tf.zeros((3, 2))), p)


def test_a_single_row_has_no_covariance():
    with pytest.raises(InputError, match=r"at least 2 latents\. Received: a batch of 1"):
        moments(tf.zeros((1, 4)))


def test_consistency_is_the_mean_distance():
    for shape in ((7, 3), (5, 4, 4, 2)):
        values, others = RNG.normal(size=shape), RNG.normal(size=shape)
        expected = np.mean(np.linalg.norm((values - others).reshape(len(values), -1), axis=1))
        both = tf.constant(values, tf.float32), tf.constant(others, tf.float32)
        assert float(gaussian.consistency(*both)) == pytest.approx(expected, rel=1e-6)
        # Real data is float32 where a generator's samples are of half precision.
        mixed = gaussian.consistency(both[0], tf.cast(both[1], tf.bfloat16))
        assert mixed.dtype == tf.float32
        assert float(mixed) == pytest.approx(expected, rel=1e-2)


def test_consistency_of_equals_is_zero_with_a_finite_gradient():
    values = tf.constant(RNG.normal(size=(6, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(values)
        error = gaussian.consistency(tf.identity(values), tf.stop_gradient(values))
    assert 0 <= float(error) < 2e-6
    np.testing.assert_array_equal(tape.gradient(error, values), 0)


def test_consistency_gradient_is_the_oracles():
    values, others = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
    expected = central_differences(lambda x: np.mean(np.linalg.norm(x - others, axis=1)), values)
    variable = tf.Variable(values, dtype=tf.float32)
    with tf.GradientTape() as tape:
        error = gaussian.consistency(others, variable)
    np.testing.assert_allclose(tape.gradient(error, variable), expected, atol=1e-5)


def test_numpy_and_keras_tensors_are_taken():
    latents = correlated(9, 3).astype("float32")
    mean, covariance = moments(latents)
    same = moments(ops.convert_to_tensor(latents))
    np.testing.assert_array_equal(mean, same[0])
    np.testing.assert_array_equal(covariance, same[1])
