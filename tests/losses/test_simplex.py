"""MD-GAN's mixture against scipy's Gaussians, and its peak against a search from many starts."""

import itertools
import math

import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from kgan.errors import InputError
from kgan.losses import simplex
from kgan.losses.simplex import SimplexMixture, simplex_vertices

SCALES = ("edge", "unit_norm", "author")
ALL_27 = list(itertools.product((3, 8, 10), (0.05, 0.25, 0.28), SCALES))


@pytest.mark.parametrize("components", [2, 3, 4, 8, 10, 33])
@pytest.mark.parametrize("scale", SCALES)
def test_vertices_form_a_regular_simplex_around_0(components, scale):
    vertices = simplex_vertices(components, scale)
    assert vertices.shape == (components, components - 1)
    np.testing.assert_allclose(vertices.mean(axis=0), 0, atol=1e-12)
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(vertices, 2)]
    np.testing.assert_allclose(distances, distances[0], rtol=1e-10)
    norms = np.linalg.norm(vertices, axis=1)
    np.testing.assert_allclose(norms, norms[0], rtol=1e-10)
    if scale == "edge":
        assert distances[0] == pytest.approx(1, rel=1e-10)
    if scale == "unit_norm":
        assert norms[0] == pytest.approx(1, rel=1e-10)


@pytest.mark.parametrize(
    ("components", "norm"),
    # Printed by `simplex_coordinates` of the authors' utils.py.
    [(2, 1), (3, 0.894427), (4, 0.885852), (6, 0.907888), (8, 0.929021), (10, 0.943568)],
)
def test_authors_norms(components, norm):
    found = np.linalg.norm(simplex_vertices(components, "author")[0])
    assert found == pytest.approx(norm, abs=1e-6)


def test_the_nearest_vertex_and_its_distance():
    mixture = SimplexMixture(4, 0.25)
    places = np.concatenate([0.9 * mixture.vertices[[2, 0]], 3 * mixture.vertices[[3]]])
    nearest, distances = mixture.nearest(places)
    assert ops.convert_to_numpy(nearest).tolist() == [2, 0, 3]
    norm = np.linalg.norm(mixture.vertices[0])
    np.testing.assert_allclose(distances, [0.1 * norm, 0.1 * norm, 2 * norm], rtol=1e-5)


def gaussians(mixture, points):
    """`(n, C)` densities of the components in float64."""
    return np.stack(
        [
            multivariate_normal(mean, mixture.variance * np.eye(mixture.dimension)).pdf(points)
            for mean in simplex_vertices(mixture.components, mixture.vertex_scale)
        ],
        axis=1,
    )


@pytest.mark.parametrize("components", [2, 3, 8, 10])
@pytest.mark.parametrize("variance", [0.05, 0.25])
@pytest.mark.parametrize("scale", SCALES)
def test_density_is_scipys(components, variance, scale):
    points = np.random.default_rng(1).normal(0, 0.7, (40, components - 1))
    for likelihood, reduce in (("max", np.max), ("sum", np.mean)):
        mixture = SimplexMixture(components, variance, likelihood, scale)
        found = ops.convert_to_numpy(mixture.log_density(points))
        assert found.shape == (40,)
        assert found.dtype == np.float32
        expected = np.log(reduce(gaussians(mixture, points).reshape(40, -1), axis=1))
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-5)


def highest_log_density(mixture, starts=30):
    """By ascent from the vertices, the centroid, centres of faces and random places."""
    means, d = simplex_vertices(mixture.components, mixture.vertex_scale), mixture.dimension

    def negated(x):
        logs = -((x - means) ** 2).sum(axis=1) / (2 * mixture.variance)
        total = logsumexp(logs)
        gradient = (np.exp(logs - total)[:, None] * (x - means)).sum(axis=0) / mixture.variance
        return -total, gradient

    rng = np.random.default_rng(0)
    places = [means[:k].mean(axis=0) for k in range(1, mixture.components + 1)]
    places += list(rng.normal(0, np.linalg.norm(means[0]) / math.sqrt(d), (starts, d)))
    best = -min(minimize(negated, x, jac=True, method="BFGS").fun for x in places)
    return best - math.log(mixture.components) - d / 2 * math.log(2 * math.pi * mixture.variance)


@pytest.mark.parametrize(("components", "variance", "scale"), ALL_27)
def test_peak_of_the_sum_is_the_highest_of_many_ascents(components, variance, scale):
    mixture = SimplexMixture(components, variance, "sum", scale)
    assert mixture.log_peak == pytest.approx(highest_log_density(mixture), abs=1e-9)


@pytest.mark.parametrize(("components", "variance", "scale"), ALL_27)
def test_peak_of_the_max_has_a_closed_form(components, variance, scale):
    mixture = SimplexMixture(components, variance, "max", scale)
    expected = (2 * math.pi * variance) ** (-(components - 1) / 2)
    assert math.exp(mixture.log_peak) == pytest.approx(expected, rel=1e-10)
    assert not mixture.is_unimodal


def is_hill(mixture):
    """Whether ascent from beside every vertex ends at the centroid: one hill and no cluster."""
    means = simplex_vertices(mixture.components, mixture.vertex_scale)

    def negated(x):
        return -logsumexp(-((x - means) ** 2).sum(axis=1) / (2 * mixture.variance))

    end = minimize(negated, 0.99 * means[0], method="BFGS", options={"gtol": 1e-8}).x
    return np.linalg.norm(end) < 0.05 * np.linalg.norm(means[0])


@pytest.mark.parametrize(("components", "variance", "scale"), ALL_27)
def test_unimodal_is_where_ascent_from_a_vertex_ends_at_the_centroid(components, variance, scale):
    mixture = SimplexMixture(components, variance, "sum", scale)
    assert mixture.is_unimodal == is_hill(mixture)


@pytest.mark.parametrize("likelihood", ["max", "sum"])
@pytest.mark.parametrize("variance", [0.01, 0.25])
def test_log_likelihood_is_at_most_0_and_0_at_the_peak(likelihood, variance):
    mixture = SimplexMixture(8, variance, likelihood, "unit_norm")
    rays = np.linspace(0, 1.2, 4001)[:, None] * mixture.vertices[3]
    noise = np.random.default_rng(2).normal(0, 0.5, (4000, 7))
    found = ops.convert_to_numpy(mixture.log_likelihood(np.concatenate([rays, noise])))
    assert found.max() <= 0
    assert found.max() == pytest.approx(0, abs=1e-4)
    assert found.min() < -1


@pytest.mark.parametrize("likelihood", ["max", "sum"])
def test_gradients_far_from_every_vertex_pull_to_the_nearest(likelihood):
    mixture = SimplexMixture(4, 0.25, likelihood, "edge")
    far = 1e3 * mixture.vertices[2]
    embedding = tf.Variable(far[None], dtype=tf.float32)
    with tf.GradientTape() as tape:
        value = mixture.log_likelihood(embedding)[0]
    assert np.isfinite(float(value))
    expected = (mixture.vertices[2] - far) / 0.25
    np.testing.assert_allclose(tape.gradient(value, embedding)[0], expected, rtol=1e-4, atol=1e-2)


LOGS = np.array([0.0, -1e-9, -1e-6, -1e-3, -0.5, -20.0, -1e3])


@pytest.mark.parametrize("epsilon", [1e-6, 1e-8])
def test_log_unlikelihood_and_its_gradient(epsilon):
    logs = tf.Variable(LOGS, dtype=tf.float32)
    with tf.GradientTape() as tape:
        values = simplex.log_unlikelihood(logs, epsilon)
    gradients = tape.gradient(values, logs).numpy()
    exact = np.float64(np.float32(LOGS))  # What the function was given.
    expected = np.log(epsilon - np.expm1(exact))
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        gradients, -np.exp(exact) / (epsilon - np.expm1(exact)), rtol=1e-4, atol=1e-30
    )
    assert np.isfinite(values).all()
    assert np.isfinite(gradients).all()


def test_losses_are_equation_4():
    rng = np.random.default_rng(3)
    real, fake = -rng.exponential(1, 32), -rng.exponential(1, 24)
    epsilon = 1e-6
    unlikely = np.log(1 - np.exp(fake) + epsilon).mean()
    tensors = [ops.convert_to_tensor(x, "float32") for x in (real, fake)]
    assert float(simplex.discriminator_loss(*tensors, epsilon)) == pytest.approx(
        -real.mean() - unlikely, rel=1e-5
    )
    assert float(simplex.saturating_generator_loss(tensors[1], epsilon)) == pytest.approx(
        unlikely, rel=1e-5
    )
    assert float(simplex.non_saturating_generator_loss(tensors[1])) == pytest.approx(
        -fake.mean(), rel=1e-5
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"components": 1}, "at least 2 components. Received: components=1"),
        ({"components": -3}, "Received: components=-3"),
        ({"variance": 0.0}, "over 0. Received: 0.0"),
        ({"variance": -0.25}, "over 0. Received: -0.25"),
        ({"variance": math.nan}, "over 0. Received: nan"),
        ({"likelihood": "mean"}, "likelihood must be one of .* Received: 'mean'"),
        ({"vertex_scale": "paper"}, "vertex_scale must be one of .* Received: 'paper'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        SimplexMixture(**{"components": 8, "variance": 0.25, **arguments})
