"""`evaluate` of a mixture: what each generator does, of the same samples as all other scores."""

import json

import keras
import numpy as np
import pytest

from kgan import data, metrics
from kgan.errors import InputError


class Mixture:
    """Four generators of the ring's points: one mode, two modes, the first's mode, nowhere."""

    num_generators = 4
    mixture_weights = np.full(4, 0.25, np.float32)
    draws = 0

    def sample_with_generators(self, count, seed=0):
        self.draws += 1
        rng = np.random.default_rng(seed)
        generators = rng.integers(0, 4, count).astype(np.int32)
        modes = np.array([[0, 0], [1, 2], [0, 0], [0, 4]])[generators, rng.integers(0, 2, count)]
        angles = 2 * np.pi * modes / 8
        points = 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        points[generators == 3] = [30.0, 0.0]
        return points.astype("float32"), generators

    def sample(self, count, seed=0, generator=None):
        return self.sample_with_generators(count, seed)[0]


def test_evaluate_tells_what_each_generator_of_points_does():
    ring, mixture = data.load("ring", points=100), Mixture()
    found = metrics.evaluate(mixture, ring, samples=1_000, seed=3)
    assert mixture.draws == 1
    plain = metrics.evaluate(mixture.sample, ring, samples=1_000, seed=3)
    assert {key: found[key] for key in plain} == plain, "of the very same samples"
    assert found.keys() - plain.keys() == {
        *("generators", "generator_samples", "generator_modes", "generator_overlap"),
        *("effective_generators", "distinct_generators", "own_mode_generators"),
    }
    assert json.loads(json.dumps(found)) == found
    table, samples = np.array(found["generator_modes"]), found["generator_samples"]
    assert table.sum(axis=0).tolist() == found["mode_counts"]
    assert table.shape == (4, 8)
    assert table[0].tolist() == [samples[0]] + [0] * 7
    assert (table > 0).sum(axis=1).tolist() == [1, 2, 1, 0]
    assert (found["generators"], sum(samples)) == (4, 1_000)
    assert found["effective_generators"] == pytest.approx(4, abs=0.02)
    assert found["generator_overlap"] == metrics.generator_overlap(table)
    assert 0.3 < found["generator_overlap"] < 0.5, "two of three that are near modes are alike"
    assert found["distinct_generators"] == metrics.distinct_generators(table)
    assert found["own_mode_generators"] == 1, "one has two modes for itself"


def test_modes_of_weight_zero_have_no_column():
    mixture = data.mixture([[0, 0], [10, 0], [0, 10]], std=0.1, weights=[0.5, 0.0, 0.5])
    points, labels = mixture.sample(100, 0)
    dataset = data.Dataset("mine", "train", points, labels, mixture=mixture)

    class Two(Mixture):
        num_generators = 2

        def sample_with_generators(self, count, seed=0):
            made, labels = mixture.sample(count, seed)
            return made, (labels > 0).astype(np.int32)

    found = metrics.evaluate(Two(), dataset, samples=200)
    assert np.array(found["generator_modes"]).shape == (2, 2)
    assert (found["own_mode_generators"], found["generator_overlap"]) == (2, 0)


def test_evaluate_names_generators_that_are_none():
    class Broken(Mixture):
        num_generators = 3

    with pytest.raises(InputError, match=r"0\.\.2.*from 0 to 3"):
        metrics.evaluate(Broken(), data.load("ring", points=100), samples=100)


def test_evaluate_tells_what_each_generator_of_images_does(tmp_path):
    labels = np.arange(60) % 3
    images = np.full((60, 4, 4, 1), 100, np.uint8) * labels.astype(np.uint8)[:, None, None, None]
    images[:, 0, 0, 0] += np.arange(60, dtype=np.uint8) % 50
    path = tmp_path / "shades.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    dataset = data.load("npz", data_dir=path, split="test")
    inputs = keras.Input((4, 4, 1))
    features = keras.layers.Dense(1, name="features")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3)(features))
    # The logits of an image of mean shade s in 0..255: 0, s - 50 and 2 s - 200.
    slopes, offsets = np.array([[0.0, 255, 510]]), np.array([0.0, -50, -200])
    model.set_weights([np.full((16, 1), 1 / 16), np.zeros(1), slopes, offsets])
    network = metrics.FeatureNetwork.from_classifier(model, "shades")

    class Shades:
        num_generators = 2
        mixture_weights = np.array([0.5, 0.5])

        def sample_with_generators(self, count, seed=0):
            rows = np.arange(count) % 60
            return dataset.floats(rows), (labels[rows] > 1).astype(np.int32)

        def sample(self, count, seed=0):
            return self.sample_with_generators(count)[0]

    options = {"samples": 60, "feature_network": network, "data_dir": path}
    found = metrics.evaluate(Shades(), dataset, **options)
    plain = metrics.evaluate(lambda n, seed: Shades().sample(n), dataset, **options)
    assert {key: found[key] for key in plain} == plain
    assert json.loads(json.dumps(found)) == found
    assert found["generator_classes"] == [[20, 20, 0], [0, 0, 20]]
    assert found["class_histogram"] == [20, 20, 20]
    assert found["generator_samples"] == [40, 20]
    assert found["generator_overlap"] == 0
    assert found["distinct_generators"] == pytest.approx(3 / 4 ** (1 / 3))
    assert "own_mode_generators" not in found
