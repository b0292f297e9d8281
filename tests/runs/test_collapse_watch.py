"""The callback: what it measures, that it warns once, and that it goes on where it was."""

import csv
import io

import keras
import numpy as np
import pytest
from absl import logging

import kgan
from kgan.data import Dataset, GaussianMixture
from kgan.metrics.collapse import CollapseDetector
from kgan.runs.collapse_watch import CollapseWatch
from kgan.runs.live import LiveMeasurement, count_modes

MIXTURE = GaussianMixture(
    np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]]), 0.1, np.array([0.5, 0.25, 0.25, 0])
)


class Model:
    """Samples by a script: where each of the modes' points go."""

    value_range = (-1.0, 1.0)
    regularizer = None
    players = ("discriminator", "generator")
    steps_taken = 0
    centres = MIXTURE.means[:3]

    def sample(self, count, seed=0, *, batch_size=500):
        rng = np.random.default_rng(seed)
        modes = np.arange(count) % len(self.centres)
        return (self.centres[modes] + 0.1 * rng.normal(size=(count, 2))).astype("float32")

    def discriminate(self, samples):
        return {"logits": samples[:, 0], "probability": 1 / (1 + np.exp(-samples[:, 0]))}


class Mixture(Model):
    num_generators = 2
    same = False

    def sample_with_generators(self, count, seed=0, *, batch_size=500):
        generators = np.arange(count) % 2
        modes = np.zeros(count, int) if self.same else generators
        points = MIXTURE.means[modes] + 0.1 * np.random.default_rng(seed).normal(size=(count, 2))
        return points.astype("float32"), generators


@pytest.fixture
def points():
    examples, labels = MIXTURE.sample(5_000, seed=3)
    return Dataset("three", "train", examples, labels, mixture=MIXTURE)


def test_points(points):
    model = Model()
    measure = LiveMeasurement(model, points, None)
    found = measure()
    assert found.modes == "xxx-"
    assert found.values["modes_covered"] == found.values["modes_strict"] == 3
    assert found.values["high_quality"] == pytest.approx(0.989, abs=0.01)
    assert found.values["diversity"] == pytest.approx(1, abs=0.15)
    assert found.values["mode_spread"] == pytest.approx(1, abs=0.05)
    assert found.values["separation"] < 0.3
    assert "generator_overlap" not in found.values
    assert measure.cross_entropy
    model.centres = MIXTURE.means[1:2]
    found = measure()
    assert found.modes == ".x.-"
    # Distances within one mode: the mean distance of two Gaussians is sqrt(pi) std.
    wide = np.mean(np.linalg.norm(points.examples[:500, None] - points.examples[500:1000], axis=-1))
    expected = 0.1 * np.sqrt(np.pi) / wide
    assert found.values["diversity"] == pytest.approx(expected, rel=0.15)
    assert found.values["separation"] > 0.5
    assert count_modes(model, MIXTURE) == {k: found.values[k] for k in count_modes(model, MIXTURE)}


def test_what_a_model_does_not_have_is_not_measured(points):
    class Silent(Model):
        def discriminate(self, samples):
            raise kgan.InputError("no discriminator")

    measure = LiveMeasurement(Silent(), points, None)
    assert "separation" not in measure().values
    assert not measure.cross_entropy
    model = Model()
    model.regularizer = object()
    assert not LiveMeasurement(model, points, None).cross_entropy
    # Of plain examples nothing is known but how far apart they lie.
    found = LiveMeasurement(Model(), points.examples, None)()
    assert (found.modes, found.values.keys()) == ("", {"diversity", "separation"})


def test_generators_that_do_the_same_overlap(points):
    model = Mixture()
    measure = LiveMeasurement(model, points, None)
    assert measure().values["generator_overlap"] == 0
    model.same = True
    assert measure().values["generator_overlap"] > 0.99


class Painter(Model):
    """Images of one grey level a class; each generator has `levels`."""

    num_generators = 2
    levels = (-1.0, 1.0)

    def sample_with_generators(self, count, seed=0, *, batch_size=500):
        generators = np.arange(count) % 2
        shades = np.array(self.levels)[generators].reshape(-1, 1, 1, 1)
        return np.broadcast_to(shades, (count, 4, 4, 1)).astype("float32"), generators

    def discriminate(self, samples):
        light = (samples.mean(axis=(1, 2, 3)) > 0).astype(float)
        classes = np.stack([1 - light, light, 0 * light], axis=1)
        return {"value": samples.mean(axis=(1, 2, 3)), "class_probabilities": classes}


def test_images_and_the_model_s_own_classifier():
    examples = np.repeat(np.array([0, 255] * 200, np.uint8), 16).reshape(-1, 4, 4, 1)
    model = Painter()
    measure = LiveMeasurement(model, Dataset("shades", "train", examples), None)
    found = measure()
    assert (found.modes, found.values["classes_covered"]) == ("xx.", 2)
    assert found.values["diversity"] == pytest.approx(1, abs=0.05)
    assert found.values["generator_overlap"] == 0
    assert not measure.cross_entropy
    model.levels = (0.5, 0.5)
    found = measure()
    assert (found.modes, found.values["diversity"]) == (".x.", 0)
    assert found.values["generator_overlap"] == pytest.approx(1)


class Log(list):
    """Messages of absl's log."""

    def __call__(self, text, *arguments):
        self.append(text % arguments)


@pytest.fixture
def log(monkeypatch):
    warnings, notes = Log(), Log()
    monkeypatch.setattr(logging, "warning", warnings)
    monkeypatch.setattr(logging, "info", notes)
    return warnings, notes


def epochs(watch, model, script):
    """Feed the callback measurements; the rows as metrics.csv would have them."""
    watch.set_model(model)
    watch.on_train_begin()
    rows = []
    for step, centres in script:
        model.steps_taken, model.centres = step, MIXTURE.means[list(centres)]
        logs = {"discriminator_loss": 1.2}
        watch.on_epoch_end(0, logs)
        rows.append({"step": step, **logs, **watch.cells()})
    return rows


ALL, ONE = (0, 1, 2), (1,)
SCRIPT = [(10 * i, ONE if 4 < i < 13 else ALL) for i in range(1, 19)]


def test_one_warning_for_an_event_and_a_note_when_it_is_over(points, log):
    watch = CollapseWatch(points)
    rows = epochs(watch, Model(), SCRIPT)
    warnings, notes = log
    assert warnings[0] == (
        "Collapse watch: 2 of 3 modes lost that were covered (0, 2), since step 50."
    )
    assert [w.split(":")[1].split()[0] for w in warnings] == ["2", "only", "samples"]
    assert notes[0].endswith("lost that were covered (0, 2), from step 50 to step 130.")
    assert len(notes) == 3
    assert [event.kind for event in watch.events] == ["modes_lost", "modes_missing", "diversity"]
    assert [row["since_modes_lost"] for row in rows] == [0] * 6 + [50] * 8 + [0] * 4
    assert rows[6]["modes"] == ".x.-"
    assert {"modes_covered", "diversity", "separation", "since_loss"} <= rows[0].keys()


@pytest.mark.parametrize("cut", [1, 5, 6, 8, 13, 17])
def test_a_run_that_was_cut_off_goes_on_with_the_same_rows_and_events(points, log, cut):
    whole = CollapseWatch(points)
    rows = epochs(whole, Model(), SCRIPT)
    first = epochs(CollapseWatch(points), Model(), SCRIPT[:cut])
    file = io.StringIO()
    writer = csv.DictWriter(file, first[0])
    writer.writeheader()
    writer.writerows(first)
    file.seek(0)
    second = CollapseWatch(points, rows=csv.DictReader(file))
    assert first + epochs(second, Model(), SCRIPT[cut:]) == rows
    assert second.events == whole.events


def test_a_plain_fit_has_the_measurements_in_its_history(make_gan, points, state, same):
    gan, other = make_gan(), make_gan()
    watch = CollapseWatch(points)
    history = gan.fit(
        points, batch_size=10, steps_per_epoch=3, epochs=4, verbose=2, callbacks=[watch]
    ).history
    assert {"modes_covered", "diversity", "separation"} <= history.keys()
    assert [len(history[name]) for name in ("diversity", "discriminator_loss")] == [4, 4]
    assert watch.cells().keys() >= {"modes", "since_diversity", "since_loss"}
    # Training is the same with and without it.
    other.fit(points, batch_size=10, steps_per_epoch=3, epochs=4, verbose=0)
    same(state(gan), state(other))


def test_samples_and_examples_that_are_not_numbers_are_told(make_gan, points):
    gan = make_gan(ema_decay=None)
    with pytest.raises(kgan.InputError, match=r"The real examples must be finite\. Received: NaN"):
        LiveMeasurement(gan, np.full((20, 2), np.nan, "float32"), None)
    live = LiveMeasurement(gan, points, None)
    bias = gan.generator.weights[-1]
    bias.assign(np.full(bias.shape, np.nan))
    with pytest.raises(kgan.NonFiniteLossError, match=r"finite|Samples became NaN"):
        live()


def test_a_named_network_counts_classes(points):
    inputs = keras.Input((4, 4, 1))
    features = keras.layers.Flatten(name="features")(inputs)
    weights = np.stack([-np.ones(16), np.ones(16)], axis=1)
    network = keras.Model(inputs, keras.layers.Dense(2, name="logits")(features))
    network.get_layer("logits").set_weights([weights, np.zeros(2)])
    named = kgan.metrics.FeatureNetwork.from_classifier(network, "shades", (-1.0, 1.0))
    examples = np.repeat(np.array([0, 255] * 200, np.uint8), 16).reshape(-1, 4, 4, 1)
    model = Painter()
    model.levels = (0.9, 0.5)
    found = LiveMeasurement(model, Dataset("shades", "train", examples), named)()
    assert (found.modes, found.values["classes_covered"]) == (".x", 1)
    assert CollapseDetector(["modes_missing"]).update(1, {"modes": found.modes}) == []
