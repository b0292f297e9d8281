"""The benchmark compares the same algorithm, and its table says what was timed."""

import keras
import numpy as np
import pytest

import kgan
from benchmarks import timing, train_step
from benchmarks.plain_keras import plain_twin
from kgan import presets
from kgan.backend import engine


@pytest.mark.parametrize("method", ["mdgan", "gan"])
def test_the_plain_step_is_the_same_algorithm(method, monkeypatch):
    """From the same weights, noise and batch, one step with SGD leads to the same weights."""
    noise = np.random.default_rng(0).uniform(-1, 1, (16, 2)).astype("float32")
    for draw in ("uniform", "normal"):
        monkeypatch.setattr(keras.random, draw, lambda *_, **__: keras.ops.array(noise))
    monkeypatch.setattr(engine, "replica_noise", lambda *_: keras.ops.array(noise))
    preset = presets.get(f"{method}_grid")
    ours = preset.build(instance_noise=0.5, instance_noise_steps=10)
    twin = plain_twin(ours, preset)
    twin.set_weights(
        [*ours.generator.get_weights(), *ours.discriminator.get_weights(), *_rest(twin)]
    )
    twin.discriminator_optimizer, twin.generator_optimizer = (
        keras.optimizers.SGD(0.1) for _ in range(2)
    )
    ours.compile(keras.optimizers.SGD(0.1))
    real = 4 * np.random.default_rng(1).normal(size=(16, 2)).astype("float32")
    before = ours.generator.get_weights()
    logs = ours.train_step(keras.ops.array(real))
    plain_logs = twin.train_step(keras.ops.array(real))

    np.testing.assert_allclose(logs[:2], [float(v) for v in plain_logs.values()], rtol=1e-5)
    for player in ("generator", "discriminator"):
        weights = getattr(ours, player).get_weights()
        for a, b in zip(weights, getattr(twin, player).get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    assert any((a != b).any() for a, b in zip(before, ours.generator.get_weights(), strict=True))


def _rest(twin):
    networks = len(twin.generator.weights) + len(twin.discriminator.weights)
    return twin.get_weights()[networks:]


def test_ratios_are_of_the_same_round():
    ours = timing.Timing(wall=np.array([1.0, 2.0, 4.0]), cpu=np.array([1.0, 2.0, 4.0]))
    plain = timing.Timing(wall=np.array([2.0, 3.0, 6.0]), cpu=np.array([2.0, 3.0, 6.0]))
    assert ours.speedup(plain) == (1.5, 1.5, 1.75)
    kgan_row, plain_row = timing.table({"kgan": ours, "plain Keras": plain}).splitlines()[-2:]
    assert kgan_row == "| kgan | 2.00 | 1.50 to 3.00 | 2.00 | 500.00 |  |"
    assert plain_row.endswith("| 333.33 | **1.50** (1.50 to 1.75) |")


def test_rivals_take_turns():
    turns = []
    rivals = {name: lambda steps, name=name: turns.append((name, steps)) for name in "ab"}
    timings = timing.interleaved(rivals, steps=3, repeats=3, warm_up=1)
    assert [name for name, _ in turns] == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert {steps for _, steps in turns} == {3}
    assert timings["a"].wall.shape == timings["b"].cpu.shape == (3,)


def test_a_short_comparison(monkeypatch):
    rivals = {"plain Keras": {"jit_compile": False}, "two": {"steps_per_execution": 2}}
    monkeypatch.setitem(train_step.RIVALS, "grid", rivals)
    dataset = kgan.data.load("grid", points=1_000)
    timings = train_step.compare("mdgan", "grid", repeats=2, steps=4, dataset=dataset)
    assert list(timings) == ["kgan, 250 steps a call", *rivals]
    assert all((t.wall > 0).all() for t in timings.values())


def test_without_fashion_mnist_there_are_random_images(monkeypatch):
    def missing(name):
        raise kgan.DataError(f"{name} is not there")

    monkeypatch.setattr(kgan.data, "load", missing)
    dataset = train_step.load("fashion_mnist")
    assert (dataset.example_shape, dataset.source) == ((28, 28, 1), "random numbers")


def test_the_file_says_on_what_it_ran(tmp_path):
    path = tmp_path / "results" / "table.md"
    timing.write(path, "Title", timing.conditions())
    text = path.read_text()
    assert text.startswith("# Title\n\n`python")
    assert "tensorflow 2." in text and "cores" in text and "load average" in text
