"""The code in the documentation runs as it stands."""

import functools
import re
from pathlib import Path

import numpy as np
import pytest

import kgan
from kgan.backend import strategies

ROOT = Path(__file__).parents[2]


def python_blocks(path):
    return re.findall(r"```python\n(.*?)```", path.read_text(), flags=re.DOTALL)


def test_the_method_of_the_documentation_trains_and_is_saved(tmp_path):
    (code,) = python_blocks(ROOT / "docs" / "new_method.md")
    names = {}
    exec(compile(code, "docs/new_method.md", "exec"), names)
    gan, points = names["gan"], names["points"]
    assert points.shape == (1000, 2)
    assert np.isfinite(points).all()
    gan.save(tmp_path / "mine.keras")
    loaded = type(gan).from_config(gan.get_config())
    loaded.load_weights(tmp_path / "mine.keras")
    np.testing.assert_array_equal(loaded.sample(1000, seed=0), points)


def test_the_plug_in_of_the_documentation_trains():
    (code,) = [c for c in python_blocks(ROOT / "docs/methods/maemgan.md") if "import" in c]
    names = {}
    exec(compile(code, "docs/methods/maemgan.md", "exec"), names)
    assert names["gan"].steps_taken == 20
    assert names["gan"].regularizer.real_codes.pushed.numpy() == 20 * 64


def test_the_page_of_parts_runs():
    (code,) = python_blocks(ROOT / "docs" / "parts.md")
    names = {}
    exec(compile(code, "docs/parts.md", "exec"), names)
    assert {"r1_penalty", "r2_penalty", "sample_spread"} <= set(names["history"])
    assert names["told"].shape == (3,)


def test_the_page_of_keras_habits_runs():
    (code,) = python_blocks(ROOT / "docs" / "keras.md")
    names = {}
    exec(compile(code, "docs/keras.md", "exec"), names)
    losses = {f"{player}_loss" for player in names["gan"].players}
    assert losses | {f"val_{name}" for name in losses} <= set(names["history"].history)
    assert names["rates"] == pytest.approx(dict.fromkeys(names["gan"].players, 1e-3 / 4))


def test_the_readme_example_compiles_and_has_five_lines():
    (code,) = python_blocks(ROOT / "README.md")
    compile(code, "README.md", "exec")
    assert len([line for line in code.splitlines() if line.strip()]) == 5


def test_the_page_of_runs_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # A MirroredStrategy of other tests must not meet another one here.
    make = strategies.make_strategy
    monkeypatch.setattr(strategies, "make_strategy", lambda name: make("none"))
    # A plan of 10,000 samples takes seconds for each score.
    monkeypatch.setattr(kgan, "train", functools.partial(kgan.train, samples=500))
    names = {}
    for code in python_blocks(ROOT / "docs" / "runs.md"):
        exec(compile(code, "docs/runs.md", "exec"), names)
    assert names["points"].shape == (2500, 2)
    assert len(names["loss"]) == 2
    assert names["page"].exists()
    assert names["more"].shape == (64, 2)
    assert names["run"].config.method == "GAN" and names["run"].scores["steps"] == 500


def test_the_page_of_trained_models_runs():
    take, tune = python_blocks(ROOT / "docs" / "zoo.md")
    names = {}
    exec(compile(take, "docs/zoo.md", "exec"), names)
    assert names["points"].shape == (64, 2)
    exec(compile(tune, "docs/zoo.md", "exec"), names)
    assert names["gan"].steps_taken == 10_300
    # The rare modes are rarer than they were.
    assert names["after"]["balance_chi_square"] < 0.5 * names["before"]["balance_chi_square"]


def test_pytorch_as_the_page_of_scores_has_it():
    pytest.importorskip("torch")
    module, measured = python_blocks(ROOT / "docs" / "evaluate.md")
    names = {}
    exec(compile(module, "docs/evaluate.md", "exec"), names)
    exec(compile(measured, "docs/evaluate.md", "exec"), names)
    assert names["scores"]["modes_total"] == 8 and names["scores"]["samples"] == 2_000


def test_the_page_of_machines_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = python_blocks(ROOT / "docs" / "machines.md")
    names = {}
    exec(compile(code, "docs/machines.md", "exec"), names)
    run = names["run"]
    assert run.finished and run.config.strategy == "OneDeviceStrategy"
    assert "strategy=<OneDeviceStrategy>" in run.description["command"]
