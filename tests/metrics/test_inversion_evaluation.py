"""`evaluate` of a source with an inverse: errors by hand, and perfect inverses at the optimum."""

import json

import keras
import numpy as np
import pytest

from kgan import data, metrics
from kgan.errors import InputError

LATENTS = {"latent_mean", "latent_covariance_error", "latent_ks", "latent_radius_ks"}


class Linear:
    """Points `z / 2`, whose inverse is off by `shift`, and which reconstructs to `kept` of x."""

    shift, kept = 0.0, 1.0

    def sample_latents(self, count, seed=0):
        return np.random.default_rng(seed).standard_normal((count, 2)).astype("float32")

    def sample(self, count, seed=0):
        return self.sample_latents(count, seed) / 2

    def invert(self, examples):
        return 2 * examples + np.float32(self.shift)

    def reconstruct(self, examples):
        return np.float32(self.kept) * examples


@pytest.fixture
def gaussian():
    """One Gaussian of the standard deviation that `Linear` makes."""
    mixture = data.mixture([[0.0, 0.0]], std=0.5)
    points, labels = mixture.sample(100, 0)
    return data.Dataset("mine", "train", points, labels, mixture=mixture)


def test_a_perfect_inverse_is_at_the_floor(gaussian):
    found = metrics.evaluate(Linear(), gaussian, samples=4_000, seed=3)
    assert json.loads(json.dumps(found)) == found
    inverse = found["inverse"]
    assert inverse.keys() == {"real_samples", "data_error", "latent_error", "floor"} | LATENTS
    assert inverse["real_samples"] == 4_000
    assert (inverse["data_error"], inverse["latent_error"]) == (0, 0)
    assert inverse["floor"] == metrics.gaussian_floor(4_000, 2, 3)
    for key in LATENTS:
        assert 0 < inverse[key] < 0.07
    assert inverse["latent_mean"] != inverse["floor"]["latent_mean"]


def test_errors_by_hand(gaussian):
    source = Linear()
    source.shift, source.kept = 1.0, 0.75
    inverse = metrics.evaluate(source, gaussian, samples=4_000)["inverse"]
    # The radius of points of deviation 0.5 is Rayleigh's: its mean is 0.5 sqrt(pi / 2).
    assert inverse["data_error"] == pytest.approx(0.25 * 0.5 * np.sqrt(np.pi / 2), rel=0.03)
    assert inverse["latent_error"] == pytest.approx(np.sqrt(2), rel=1e-6)
    assert inverse["latent_mean"] == pytest.approx(np.sqrt(2), rel=0.03)
    assert inverse["latent_covariance_error"] < 3 * inverse["floor"]["latent_covariance_error"]
    # N(1, 1) against N(0, 1): the gap is largest in the middle, Phi(0.5) - Phi(-0.5).
    assert inverse["latent_ks"] == pytest.approx(0.383, abs=0.03)


def test_the_latents_are_those_of_the_samples(gaussian):
    class Other(Linear):
        def sample_latents(self, count, seed=0):
            return super().sample_latents(count, seed + 1)

        def sample(self, count, seed=0):
            return Linear().sample(count, seed)

    inverse = metrics.evaluate(Other(), gaussian, samples=4_000)["inverse"]
    # |z - z'| of unrelated draws in two dimensions.
    assert inverse["latent_error"] == pytest.approx(np.sqrt(np.pi), rel=0.05)


def test_only_gaussian_latents_are_held_against_a_gaussian(gaussian):
    source = Linear()
    source.latent_distribution = "uniform"
    inverse = metrics.evaluate(source, gaussian, samples=100)["inverse"]
    assert inverse.keys() == {"real_samples", "data_error", "latent_error"}


def test_sources_without_an_inverse_have_no_such_scores(gaussian):
    assert "inverse" not in metrics.evaluate(Linear().sample, gaussian, samples=100)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("reconstruct", lambda x: x[:, :1], "same shape"),
        ("reconstruct", lambda x: x * np.nan, "NaN or infinite values in 100 of 100"),
        ("invert", lambda x: x[:, :1], "same shape"),
        ("invert", lambda x: x / 0.0 * 0.0, "NaN"),
    ],
)
def test_bad_inverses(gaussian, name, value, message):
    source = Linear()
    setattr(source, name, value)
    with np.errstate(all="ignore"), pytest.raises(InputError, match=message):
        metrics.evaluate(source, gaussian, samples=100)


@pytest.fixture
def shades(tmp_path):
    """An .npz of 4x4 images, `(data set of the test split, path, feature network)`."""
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    images = (rng.integers(0, 100, (80, 4, 4, 1)) + 100 * labels[:, None, None, None]).astype("u1")
    path = tmp_path / "shades.npz"
    np.savez(path, x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    inputs = keras.Input((4, 4, 1))
    features = keras.layers.Dense(2, name="features")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2)(features))
    network = metrics.FeatureNetwork.from_classifier(model, "shades")
    return data.load("npz", data_dir=path, split="test"), path, network


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0)])
def test_images_are_measured_from_0_to_1(shades, value_range):
    test, path, network = shades
    low, high = value_range
    width = high - low

    class Darker:
        """Reconstructions a tenth of the range darker; latents are the first pixels."""

        def __init__(self):
            self.value_range, self.seen = value_range, []

        def sample_latents(self, count, seed=0):
            return np.random.default_rng(seed).uniform(low, high, (count, 3)).astype("float32")

        def sample(self, count, seed=0):
            images = np.full((count, 4, 4, 1), low, np.float32)
            images[:, 0, :3, 0] = self.sample_latents(count, seed)
            return images

        def invert(self, examples):
            return examples[:, 0, :3, 0]

        def reconstruct(self, examples):
            self.seen.append(examples)
            return examples - np.float32(width / 10)

    source = Darker()
    found = metrics.evaluate(source, test, samples=60, feature_network=network, data_dir=path)
    assert json.loads(json.dumps(found)) == found
    inverse = found["inverse"]
    assert inverse.keys() == LATENTS | {
        *("real_samples", "data_error", "data_rmse", "latent_error", "floor")
    }
    assert inverse["real_samples"] == 40
    assert inverse["data_rmse"] == pytest.approx(0.1, rel=1e-5)
    assert inverse["data_error"] == pytest.approx(0.1 * np.sqrt(16), rel=1e-5)
    assert inverse["latent_error"] == 0
    seen = np.concatenate(source.seen)
    np.testing.assert_allclose(seen, test.with_value_range(value_range).floats())
    expected = metrics.latent_scores(seen[:, 0, :3, 0])
    assert inverse["latent_mean"] == pytest.approx(expected["latent_mean"])
