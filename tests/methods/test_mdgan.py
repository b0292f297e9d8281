"""MD-GAN: the likelihood, its optimum of Eq. (5), warnings and errors."""

import itertools
import math
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.stats import entropy, multivariate_normal

import kgan
from kgan.backend import engine
from kgan.losses import simplex
from kgan.losses.simplex import simplex_vertices

IMAGES = np.random.default_rng(0).random((30, 4, 4, 1)).astype("float32")
LIKELIHOODS = {"max": np.max, "sum": np.mean}


def networks(width):
    """Of images, with a discriminator that spreads over the whole simplex."""
    keras.utils.set_random_seed(4)
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(16, "sigmoid"), layers.Reshape((4, 4, 1))]
    )
    discriminator = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(width)]
    )
    return generator, discriminator


def density(embeddings, components, variance, likelihood, scale="edge"):
    """`lk` of Eq. (3) in float64."""
    parts = [
        multivariate_normal(mean, variance * np.eye(components - 1)).pdf(embeddings)
        for mean in simplex_vertices(components, scale)
    ]
    return LIKELIHOODS[likelihood](np.reshape(parts, (components, -1)), axis=0)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_embeddings_and_likelihood_are_the_formula(likelihood):
    model = kgan.MDGAN(*networks(4), variance_fake=0.06, likelihood=likelihood)
    assert model.components == 5
    embeddings = model.embed(IMAGES, batch_size=7)
    kernel, bias = (np.float64(w) for w in model.discriminator.get_weights())
    np.testing.assert_allclose(embeddings, IMAGES.reshape(30, 16) @ kernel + bias, atol=1e-5)
    found = model.likelihood(IMAGES, batch_size=7)
    assert found.shape == (30,)
    # With clusters as narrow as these the sum's peak is at a vertex, to three digits.
    peak = density(simplex_vertices(5)[:1], 5, 0.06, likelihood)
    expected = density(embeddings, 5, 0.06, likelihood) / peak
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-6)
    assert found.std() > 0.01
    assert ((found >= 0) & (found <= 1)).all()


def turn(real, fake):
    given = engine.Turn(real, None, lambda: None, training=False)
    given._leaves = fake  # No generator's.
    return given


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_losses_are_equation_4_with_two_variances(likelihood):
    epsilon = 1e-6
    options = {"variance_real": 0.28, "variance_fake": 0.25, "vertex_scale": "unit_norm"}
    real, fake = IMAGES[:18], IMAGES[18:]
    for loss in ("saturating", "non_saturating"):
        model = kgan.MDGAN(*networks(3), likelihood=likelihood, loss=loss, **options)
        e_real, e_fake = model.embed(real), model.embed(fake)
        lk_real = density(e_real, 4, 0.28, likelihood, "unit_norm")
        lk_fake = density(e_fake, 4, 0.25, likelihood, "unit_norm")
        # Lambda is the fake density's largest value, not the real one's.
        places = np.linspace(0, 1, 20_001)[:, None] * simplex_vertices(4, "unit_norm")[0]
        peak = density(places, 4, 0.25, likelihood, "unit_norm").max()
        assert density(places, 4, 0.28, likelihood, "unit_norm").max() < 0.9 * peak
        unlikely = np.log(1 - lk_fake / peak + epsilon).mean()
        found, metrics = model.discriminator_loss(turn(real, fake))
        assert float(found) == pytest.approx(-np.log(lk_real / peak).mean() - unlikely, rel=1e-4)
        real_at_fake = density(e_real, 4, 0.25, likelihood, "unit_norm")
        assert float(metrics["real_likelihood"]) == pytest.approx(
            (real_at_fake / peak).mean(), rel=1e-4
        )
        assert float(metrics["fake_likelihood"]) == pytest.approx((lk_fake / peak).mean(), rel=1e-4)
        expected = unlikely if loss == "saturating" else -np.log(lk_fake / peak).mean()
        assert float(model.generator_loss(turn(real, fake))) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("scale", ["edge", "unit_norm", "author"])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_likelihood_at_the_densitys_peak_is_1(likelihood, scale):
    model = kgan.MDGAN(
        *networks(4),
        variance_real=0.4,
        variance_fake=0.1,
        likelihood=likelihood,
        vertex_scale=scale,
    )
    vertices = simplex_vertices(5, scale)
    rays = [t * vertex for vertex in vertices for t in np.linspace(0, 1, 201)]
    model.discriminator.layers[-1].set_weights([np.eye(16, 4), np.zeros(4)])
    images = np.zeros((len(rays), 16), "float32")
    images[:, :4] = rays
    found = model.likelihood(images.reshape(-1, 4, 4, 1)).reshape(5, 201)
    np.testing.assert_allclose(found.max(axis=1), 1, atol=1e-4)
    assert found.max() <= 1


# Real and generated examples of six kinds, the last never generated.
REAL, FAKE = np.array([4, 2, 1, 1, 3, 1]), np.array([1, 2, 3, 1, 5, 0])


def one_hot(counts):
    return tf.constant(np.eye(6, dtype="float32")[np.repeat(np.arange(6), counts)])


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_optimal_discriminator_is_equation_5(likelihood):
    """`lk(D*) / lambda = p_data / (p_data + p_generator)` when only the embedding learns."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(6)])
    # A free embedding for every kind.
    embedding = layers.Dense(3, use_bias=False, kernel_initializer="random_normal")
    model = kgan.MDGAN(
        generator,
        keras.Sequential([keras.Input((6,)), embedding]),
        variance_real=0.05,
        variance_fake=0.05,
        likelihood=likelihood,
    )
    (kernel,) = model.discriminator.trainable_variables
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.02, 600))
    optimizer.build([kernel])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss, _ = model.discriminator_loss(turn(one_hot(REAL), one_hot(FAKE)))
        (gradient,) = tape.gradient(loss, [kernel.value])
        optimizer.apply([gradient], [kernel])
        return gradient

    for _ in range(600):
        gradient = step()
    p, q = REAL / REAL.sum(), FAKE / FAKE.sum()
    np.testing.assert_allclose(model.likelihood(np.eye(6, dtype="float32")), p / (p + q), atol=2e-3)
    np.testing.assert_allclose(gradient[:5], 0, atol=1e-3)
    # What is never generated lies on a vertex.
    places = model.embed(np.eye(6, dtype="float32"))
    assert np.linalg.norm(places[5] - simplex_vertices(4), axis=1).min() < 0.02
    loss, _ = model.discriminator_loss(turn(one_hot(REAL), one_hot(FAKE)))
    seen = q > 0  # The game's value: 2 log 2 - 2 JSD.
    value = -(p * np.log(p / (p + q))).sum() - (q * np.log(np.where(seen, q / (p + q), 1))).sum()
    assert float(loss) == pytest.approx(value, abs=2e-3)


def test_with_two_variances_the_optimum_is_weighed_and_the_probability_is_not():
    """By Newton's equation: u maximises a p log u + q log(1 - u), a = variance_fake / _real."""
    model = kgan.MDGAN(*networks(4), variance_real=0.28, variance_fake=0.25)
    shares = np.array([0.1, 0.5, 0.9])  # p / (p + q)
    optimum = 0.25 / 0.28 * shares / (0.25 / 0.28 * shares + 1 - shares)
    # At a distance from a vertex with that likelihood, and the loss's slope is 0 there.
    places = np.sqrt(-2 * 0.25 * np.log(optimum))
    slope = -shares * places / 0.28 + (1 - shares) * optimum * places / 0.25 / (1 - optimum)
    np.testing.assert_allclose(slope, 0, atol=1e-12)
    vertex = simplex_vertices(5)[3]
    rows = vertex + places[:, None] * vertex / np.linalg.norm(vertex)
    model.discriminator.layers[-1].set_weights([np.eye(16, 4), np.zeros(4)])
    images = np.zeros((3, 16), "float32")
    images[:, :4] = rows
    told = model.discriminate(images.reshape(3, 4, 4, 1))
    np.testing.assert_allclose(told["probability"], shares, rtol=1e-4)
    np.testing.assert_allclose(model.likelihood(images.reshape(3, 4, 4, 1)), optimum, rtol=1e-4)
    assert told["cluster"].numpy().tolist() == [3, 3, 3]
    np.testing.assert_allclose(told["distance"], places, rtol=1e-4)


def test_the_authors_real_term_is_bounded():
    far = 100 * IMAGES
    losses = [
        float(kgan.MDGAN(*networks(3), real_epsilon=e).discriminator_loss(turn(far, IMAGES))[0])
        for e in (0.0, 1e-7, 1e-8)
    ]
    assert losses[0] > 1e3
    assert losses[1] < losses[2] == pytest.approx(losses[1] + np.log(10), rel=1e-5)


def test_embeddings_are_whitened_by_real_data_and_bounded(tmp_path):
    model = kgan.MDGAN(*networks(3), whiten=0.25, embedding_bound=2.0, loss="non_saturating")
    model.compile(run_eagerly=True)
    before = model.embed(IMAGES)
    model.fit(IMAGES, batch_size=30, epochs=1, shuffle=False, verbose=0)
    # The map is that of the real examples, before the discriminator moved.
    squares = np.square(before).sum(axis=1, keepdims=True)
    raw = before / np.sqrt(1 - squares / 4)  # The bound taken off.
    np.testing.assert_allclose(model.whitening.offset, raw.mean(axis=0), rtol=1e-3, atol=1e-4)
    matrix = model.whitening.matrix.numpy()
    np.testing.assert_allclose(
        matrix @ np.cov(raw.T) @ matrix, 0.25 * np.eye(3), rtol=1e-2, atol=1e-3
    )
    assert np.linalg.norm(model.embed(100 * IMAGES), axis=1).max() <= 2
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.embed(IMAGES), model.embed(IMAGES), atol=1e-6)
    model.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1").signatures["discriminate"](
        samples=tf.constant(IMAGES[:5])
    )
    np.testing.assert_allclose(served["embedding"], model.embed(IMAGES[:5]), atol=1e-5)


def caught(components, **kwargs):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        kgan.MDGAN(*networks(components - 1), **kwargs)
    return [str(w.message) for w in found if "melt into one hill" in str(w.message)]


@pytest.mark.parametrize(
    ("components", "scale"), list(itertools.product((8, 10), ("edge", "unit_norm", "author")))
)
def test_a_mixture_without_clusters_is_warned_of(components, scale):
    found = caught(components, likelihood="sum", vertex_scale=scale)
    # With variance 0.25 all but the widest simplex melt.
    assert len(found) == (0 if (components, scale) == (8, "unit_norm") else 1)
    assert all(
        f"{components} components of variance 0.25 on vertices '{scale}'" in w for w in found
    )
    assert not caught(components, likelihood="max", vertex_scale=scale)
    assert not caught(components, likelihood="sum", vertex_scale=scale, variance_fake=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"components": 8}, r"components - 1 = 7 dimensions\. Received: .* width 3"),
        ({"components": 1}, r"at least 2 components\. Received: components=1"),
        ({"components": 0}, r"at least 2 components\. Received: components=0"),
        ({"components": -8}, r"Received: components=-8"),
        ({"variance_real": 0.0}, r"over 0\. Received: 0\.0"),
        ({"variance_fake": -1.0}, r"over 0\. Received: -1\.0"),
        ({"likelihood": "mean"}, r"likelihood must be one of .*'mean'"),
        ({"vertex_scale": "paper"}, r"vertex_scale must be one of .*'paper'"),
        ({"loss": "minimax"}, r"loss must be one of .*'minimax'"),
        ({"epsilon": 0.0}, r"epsilon must be over 0\. Received: 0\.0"),
        ({"real_epsilon": -1.0}, r"real_epsilon must be at least 0\. Received: -1\.0"),
        ({"embedding_bound": 0.0}, r"embedding_bound must be over 0\. Received: 0\.0"),
        ({"whiten": -1.0}, r"whiten must be over 0\. Received: -1\.0"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        kgan.MDGAN(*networks(3), **arguments)


def test_the_generators_losses_differ_in_gradient_alone():
    # Both are lowest where the likelihood is 1; far from it only one still has a gradient.
    gradients = {}
    for loss in ("saturating", "non_saturating"):
        model = kgan.MDGAN(*networks(3), loss=loss, variance_fake=0.01)
        far = tf.Variable(10 * IMAGES)
        with tf.GradientTape() as tape:
            value = model.generator_loss(turn(None, far))
        gradients[loss] = np.abs(tape.gradient(value, far)).max()
    assert gradients["saturating"] < 1e-6
    assert gradients["non_saturating"] > 1


def test_an_even_share_is_drawn_to():
    """`balance` is log C less the entropy of the mean share, by SciPy; by hand at its ends."""
    mixture = simplex.SimplexMixture(4, 0.1)
    vertices = mixture.vertices
    embeddings = np.random.default_rng(0).normal(size=(30, 3))
    parts = np.stack(
        [multivariate_normal(v, 0.1 * np.eye(3)).pdf(embeddings) for v in vertices], axis=1
    )
    shares = parts / parts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(mixture.shares(embeddings), shares, atol=1e-5)
    expected = math.log(4) - entropy(shares.mean(axis=0))
    assert float(simplex.imbalance(shares)) == pytest.approx(expected, abs=1e-6)
    assert float(simplex.imbalance(np.eye(4))) == pytest.approx(0, abs=1e-6)
    assert float(simplex.imbalance(np.eye(4)[[1, 1]])) == pytest.approx(math.log(4), abs=1e-6)

    real, fake = IMAGES[:18], IMAGES[18:]
    plain, even = (kgan.MDGAN(*networks(3), balance=weight) for weight in (0.0, 0.5))
    lost = [float(model.discriminator_loss(turn(real, fake))[0]) for model in (plain, even)]
    of_real = simplex.SimplexMixture(4, 0.25).shares(even.embed(real))
    assert lost[1] - lost[0] == pytest.approx(0.5 * float(simplex.imbalance(of_real)), abs=1e-5)
    with pytest.raises(kgan.InputError, match=r"balance.*Received: .*-1"):
        kgan.MDGAN(*networks(3), balance=-1.0)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_log_odds_at_a_vertex(likelihood):
    """Cross-entropy of `lk / (lk + lambda exp(-m))`, in float64; a half where they are even."""
    real, fake = IMAGES[:18], IMAGES[18:]
    options = {"variance_real": 0.06, "variance_fake": 0.06, "likelihood": likelihood}
    for loss, generators in {
        "saturating": lambda p: np.log(1 - p).mean(),
        "non_saturating": lambda p: -np.log(p).mean(),
    }.items():
        model = kgan.MDGAN(*networks(4), vertex_log_odds=1.5, loss=loss, **options)
        # With clusters as narrow as these the sum's peak is at a vertex, to three digits.
        even = density(simplex_vertices(5)[:1], 5, 0.06, likelihood) * np.exp(-1.5)
        found = [density(model.embed(x), 5, 0.06, likelihood) for x in (real, fake)]
        of_real, of_fake = (lk / (lk + even) for lk in found)
        given = turn(real, fake)
        expected = -np.log(of_real).mean() - np.log(1 - of_fake).mean()
        assert float(model.discriminator_loss(given)[0]) == pytest.approx(expected, rel=2e-3)
        assert float(model.generator_loss(given)) == pytest.approx(generators(of_fake), rel=2e-3)
        probability = model.discriminate(fake)["probability"]
        np.testing.assert_allclose(probability, of_fake, rtol=2e-3)
    assert of_real.std() > 0.01


def test_a_sample_at_a_vertex_has_a_bounded_loss():
    """Where the paper's loss of it has a gradient without bound, kept finite by `epsilon`."""
    model = kgan.MDGAN(*networks(2), vertex_log_odds=2.0)
    mixture = model.fake_mixture
    for distance in (1e-1, 1e-2, 1e-3):
        at = tf.constant(mixture.vertices[:1] * (1 - distance), "float32")
        with tf.GradientTape() as tape:
            tape.watch(at)
            log = mixture.log_likelihood(at)
            loss = keras.ops.mean(keras.ops.softplus(log + model.vertex_log_odds))
        slope = float(tf.norm(tape.gradient(loss, at)))
        length = distance * np.linalg.norm(mixture.vertices[0])
        u = math.exp(-(length**2) / 0.5 + 2.0)
        assert slope == pytest.approx(u / (1 + u) * length / 0.25, rel=1e-3)
    with pytest.raises(kgan.InputError, match=r"both variances must be the same. Received: .*0\.3"):
        kgan.MDGAN(*networks(2), vertex_log_odds=2.0, variance_real=0.3)
