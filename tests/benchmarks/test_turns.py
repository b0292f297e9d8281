"""Rivals take turns, processes that fail are told of, and tables say on what they ran."""

import multiprocessing
import time
import types

import numpy as np
import pytest

import kgan
from benchmarks import processes, timing
from benchmarks.peers import __main__ as peers
from benchmarks.peers import games, roofline
from benchmarks.peers.games import Game


def test_ratios_are_of_the_same_round():
    ours = timing.Timing(wall=np.array([1.0, 2.0, 4.0]), cpu=np.array([1.0, 2.0, 4.0]))
    plain = timing.Timing(wall=np.array([2.0, 3.0, 6.0]), cpu=np.array([2.0, 3.0, 6.0]))
    assert ours.speedup(plain) == (1.5, 1.5, 1.75)


def test_rivals_take_turns():
    turns = []
    rivals = {name: lambda steps, name=name: turns.append((name, steps)) for name in "ab"}
    timings = timing.interleaved(rivals, steps=3, repeats=3, warm_up=1)
    assert [name for name, _ in turns] == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert {steps for _, steps in turns} == {3}
    assert timings["a"].wall.shape == timings["b"].cpu.shape == (3,)


def test_the_file_says_on_what_it_ran(tmp_path):
    path = tmp_path / "results" / "table.md"
    timing.write(path, "Title", timing.conditions())
    text = path.read_text()
    assert text.startswith("# Title\n\n`python")
    assert "tensorflow 2." in text and "cores" in text and "load average" in text


def test_who_takes_too_long_is_stopped():
    costs = processes.compare({"slow": _sleep}, steps=1, repeats=1, limit=0)
    assert costs == {"slow": processes.Cost(problem="model not built in 0 s")}


def _sleep():
    time.sleep(60)


def test_of_a_process_that_dies_the_status_is_told(monkeypatch):
    ended = types.SimpleNamespace(start=lambda: None, join=lambda: None, exitcode=-9)
    context = types.SimpleNamespace(Pipe=multiprocessing.Pipe, Process=lambda **_: ended)
    monkeypatch.setattr(multiprocessing, "get_context", lambda method: context)
    worker = processes._Worker(_sleep, steps=1)
    with pytest.raises(processes.RivalError, match="model: the process ended with status -9"):
        worker.start(limit=5)


def test_without_fashion_mnist_there_are_random_images(monkeypatch):
    def missing(name):
        raise kgan.DataError(f"{name} is not there")

    monkeypatch.setattr(kgan.data, "load", missing)
    dataset = games.load("fashion_mnist")
    assert (dataset.example_shape, dataset.source) == ((28, 28, 1), "random numbers")


# The table of peers ---------------------------------------------------------------------


@pytest.mark.parametrize("generators", peers.GENERATORS)
def test_banks_make_as_many_samples(generators):
    game = Game("mgan_ring", generators)
    assert games.samples(game.build(), 1) * generators == (128 if generators == 32 else 120)


def test_the_table_says_what_happened():
    game = Game("mdgan_grid")
    recipe = games.recipe(game.build(), game.preset, np.zeros((1, 2)))
    machine = roofline.Machine(100.0, 200.0, 20.0)
    once, twice = (timing.Timing(wall=np.full(2, ms), cpu=np.zeros(2)) for ms in (4.0, 8.0))
    costs = {
        "kgan": processes.Cost(once, graph_seconds=2.04, peak_mb=612.3),
        "Keras": processes.Cost(twice, 3.0, 700.0),
        "PyTorch": processes.Cost(problem="graph not built in 120 s"),
    }
    first, second, third = peers.rows(game, costs, recipe, machine)
    rate = roofline.step_flops(recipe) / 4e6
    assert first == (
        f"| `mdgan_grid` | kgan | 4.00 | 4.00 to 4.00 |  | {rate:.0f} | {rate:.0f}% | 2.0 | 612 |"
    )
    assert "| 8.00 to 8.00 | **2.00** (2.00 to 2.00) |" in second
    assert "graph not built in 120 s" in third


def test_operations_of_a_step_by_hand():
    game = Game("mdgan_grid")  # Generator 2, 128, 128, 128, 2; discriminator 2, 128, 128, 128, 9.
    recipe = games.recipe(game.build(), game.preset, np.zeros((1, 2)))
    generator = 2 * (2 * 128 + 2 * 128 * 128 + 128 * 2)
    judge = 2 * (2 * 128 + 2 * 128 * 128 + 128 * 9)
    of_first = 2 * 2 * 128
    # Latents anew for the generator's move; the discriminator sees 256 real and generated each.
    expected = 512 * (3 * judge - of_first) + 256 * (2 * judge + 4 * generator - of_first)
    assert roofline.step_flops(recipe) == expected


def test_operations_of_images_are_tensorflows():
    """A profile of the discriminator's forward pass counts as many, and some for the rest."""
    import tensorflow as tf

    model = Game("mdgan_fashion_mnist").build()
    recipe = games.recipe(model, Game("mdgan_fashion_mnist").preset, np.zeros((1, 28, 28, 1)))
    expected, _ = roofline.network_flops(recipe.discriminator, (28, 28, 1))
    network = Game("gan_fashion_mnist").build().discriminator
    graph = tf.function(lambda x: network(x)).get_concrete_function(tf.zeros((1, 28, 28, 1)))
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    found = tf.compat.v1.profiler.profile(
        graph.graph,
        options={**options, "output": "none"},
    )
    assert found.total_float_ops == pytest.approx(expected, rel=0.02)
