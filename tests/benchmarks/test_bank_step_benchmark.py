"""The benchmark of banks compares the same algorithm, and its table says what was timed."""

import multiprocessing
import time
import types

import keras
import numpy as np
import pytest

from benchmarks import bank_step, processes, timing
from benchmarks.bank_step import Setting
from benchmarks.plain_banks import plain_twin

K, SAMPLES = 3, 8


def pair(method, **changes):
    """A game on the ring and its twin with SGD, on the same latents at every turn."""
    setting = Setting(method, "ring", K, steps=1)
    if method == "mimgan":
        changes["measure"] = "pairwise"
    keras.utils.set_random_seed(0)
    ours = setting.build(**changes)
    ours.samples_per_generator = SAMPLES
    # The paper's weights N(0, 0.02) give gradients too small to compare.
    for variable in ours.generator.trainable_variables + ours.discriminator.trainable_variables:
        variable.assign(10 * variable)
    twin = plain_twin(ours)
    latents = np.random.default_rng(0).normal(size=(SAMPLES * K, ours.latent_dim))
    latents = latents.astype("float32")
    ours.draw_latents = lambda batch, seed: keras.ops.array(latents)
    twin.draw_latents = lambda: [keras.ops.array(latents[k::K]) for k in range(K)]
    ours.compile(keras.optimizers.SGD(0.1))
    twin.compile(lambda: keras.optimizers.SGD(0.1))
    return ours, twin


def step(ours, twin):
    """One step of both; returns both discriminator losses and both generators' weights after."""
    real = keras.ops.array(2 * np.random.default_rng(1).normal(size=(16, 2)).astype("float32"))
    losses = ours.train_step(real)[0], twin.train_step(real)["discriminator_loss"]
    own = [
        [*head.get_weights(), *(twin.trunk.get_weights() if twin.trunk else [])]
        for head in twin.heads
    ]
    return losses, [ours.generator.generator(k).get_weights() for k in range(K)], own


@pytest.mark.parametrize("method", ["mgan", "mimgan"])
def test_the_joint_step_is_the_naive_twins(method):
    """MGAN's Algorithm 2 and MIM-GAN's Algorithm 1, one generator at a time, others stopped."""
    ours, twin = pair(method, diversity=0.5)
    before = [ours.generator.generator(k).get_weights() for k in range(K)]
    losses, joint, one_at_a_time = step(ours, twin)
    np.testing.assert_allclose(*losses, rtol=1e-5)
    for k in range(K):
        moved = max(np.abs(a - b).max() for a, b in zip(before[k], joint[k], strict=True))
        assert moved > 1e-3
        for a, b in zip(joint[k], one_at_a_time[k], strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5 * moved)
    for a, b in zip(
        ours.discriminator.get_weights(), twin.discriminator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("method", ["mgan", "mimgan"])
def test_the_comparison_sees_the_diversity_term(method):
    """A twin without the term moves its generators elsewhere."""
    ours, twin = pair(method, diversity=0.5)
    twin.diversity = 0.0
    _, joint, without = step(ours, twin)
    difference = max(np.abs(a - b).max() for a, b in zip(joint[0], without[0], strict=True))
    assert difference > 1e-4


def test_mgans_twin_shares_one_trunk():
    twin = plain_twin(Setting("mgan", "ring", K, steps=1).build())
    bank = Setting("mgan", "ring", K, steps=1).build().generator
    assert [len(head.weights) for head in twin.heads] == [2] * K
    assert sum(w.shape.num_elements() for head in twin.heads for w in head.weights) == sum(
        w.shape.num_elements() for w in bank.trainable_weights if w.shape[0] == K
    )
    assert len(twin.trunk.weights) == 4


def test_the_step_without_the_term_has_no_classifier_pass():
    model = Setting("mimgan", "ring", K, steps=1).build(cls=bank_step.WithoutTerm)

    def refuse(*args, **kwargs):
        raise AssertionError("the classifier was called")

    model.classify = refuse
    model.compile(keras.optimizers.SGD(0.1))
    assert float(model.train_step(keras.ops.ones((4, 2)))[-1]) == 0


@pytest.mark.parametrize("generators", bank_step.GENERATORS)
def test_all_k_make_as_many_samples(generators):
    samples = Setting("mgan", "ring", generators, steps=1).samples_per_generator * generators
    assert samples == (128 if generators == 32 else 120)


def test_a_short_comparison(capsys, tmp_path):
    """Two processes, two generators."""
    path = tmp_path / "bank.md"
    bank_step.main(f"--model=ring --generators=2 --repeats=1 --steps=2 --output={path}".split())
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("| 2 |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[:2] == ["2", "120"]
    assert all(float(cell.split()[0].strip("*")) > 0 for cell in cells[2:5])
    assert all(float(cell) > 100 for cell in cells[-2:])
    assert line in path.read_text() and "a mixture of 8 Gaussians" in path.read_text()


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


def test_the_table_says_what_happened():
    setting = Setting("mgan", "ring", 32, steps=1)
    timed = timing.Timing(wall=np.array([4.0, 4.0]), cpu=np.zeros(2))
    good = processes.Cost(timed, graph_seconds=2.04, peak_mb=612.3)
    failed = processes.Cost(problem="graph not built in 120 s")
    row = bank_step.row(setting, {"kgan": good, "naive": failed})
    assert row == (
        "| 32 | 128 | 4.00 (4.00 to 4.00) | graph not built in 120 s |  | 2.0 |  | 612 |  |"
    )
    twice = timing.Timing(wall=np.array([8.0, 8.0]), cpu=np.zeros(2))
    row = bank_step.row(setting, {"kgan": good, "naive": processes.Cost(twice, 3.0, 700.0)})
    assert "| **2.00** (2.00 to 2.00) | 2.0 | 3.0 | 612 | 700 |" in row


def test_the_terms_overhead_is_of_the_same_round(monkeypatch):
    def costs(setting, rivals, **options):
        walls = np.array([1.1, 2.2]), np.array([1.0, 2.0])
        timings = (timing.Timing(wall=wall, cpu=wall) for wall in walls)
        return {rival: processes.Cost(t) for rival, t in zip(rivals, timings, strict=True)}

    monkeypatch.setattr(bank_step, "compare", costs)
    sentence = bank_step.term(Setting("mimgan", "ring", 10, steps=1), repeats=2, limit=1)
    assert "adds **10.0%** (10.0 to 10.0)" in sentence
