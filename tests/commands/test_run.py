"""The whole job: every file of the run directory, and what is in it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import run_commands
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from kgan.classifiers import training as classifier
from kgan.commands import train as runner
from kgan.commands.train import run
from kgan.errors import InputError
from kgan.runs import Config, Run

FILES = {"config.json", "metrics.csv", "evaluation.json", "model.keras", "report.html"}
FOLDERS = {"checkpoints", "events", "samples", "saved_model"}
ENDING = {"interpolations.npz", "neighbours.npz"}
ALWAYS = {"method", "dataset", "seed", "steps", "samples", "real"}
ALWAYS |= {"wall_seconds", "steps_per_second", "peak_rss_mb"}
POINTS = {"modes_total", "modes_covered", "modes_strict", "high_quality"}
POINTS |= {"reverse_kl", "symmetric_kl", "wasserstein"}
IMAGES = {"frechet_distance", "classifier_score", "class_histogram"}


def assert_whole(directory, method, dataset, keys):
    """Assert that all of a run is there, that it can be read, and that nothing else is."""
    assert {p.name for p in directory.iterdir()} == FILES | FOLDERS | {".lock"}
    result = json.loads((directory / "evaluation.json").read_text())
    assert result.keys() >= ALWAYS | keys
    assert result["real"].keys() >= keys - {"feature_network", "modes_total"}
    assert (result["method"], result["dataset"]) == (method, dataset)
    assert result["wall_seconds"] > 0 and result["peak_rss_mb"] > 100
    assert result["steps_per_second"] == pytest.approx(
        result["steps"] / result["wall_seconds"], abs=1e-3
    )
    config = json.loads((directory / "config.json").read_text())
    assert (config["method"], config["dataset"]) == (method, dataset)
    assert config["flags"]["steps"] == result["steps"]
    report = (directory / "report.html").read_text()
    assert report.lstrip().lower().startswith("<!doctype html>")
    assert 'src="http' not in report and 'href="http' not in report.split("<body")[0]
    assert (directory / "saved_model" / "1" / "saved_model.pb").exists()
    assert [int(row["step"]) for row in run_commands.rows(directory)][-1] == result["steps"]
    assert len(list((directory / "events").iterdir())) == 1
    return result


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """The configuration and the directory of a run on points."""
    directory = tmp_path_factory.mktemp("runs") / "grid"
    config = Config(
        "mdgan",
        "grid",
        output_dir=str(directory),
        seed=2,
        steps=600,
        batch_size=32,
        samples=500,
        strategy="none",
        arguments={"components": 5},
    )
    return config, directory, run(config).evaluation


def test_points(grid):
    _, directory, result = grid
    assert assert_whole(directory, "mdgan", "grid", POINTS) == result
    assert (result["seed"], result["steps"], result["samples"]) == (2, 600, 500)
    assert result["modes_total"] == 25
    assert 0 <= result["high_quality"] <= 1
    assert result["real"]["modes_covered"] == 25
    described = json.loads((directory / "config.json").read_text())
    assert described["flags"]["components"] == 5
    assert described["model"]["class"] == "MDGAN"
    assert described["model"]["weights"].keys() == {"generator", "discriminator"}
    rows = run_commands.rows(directory)
    assert [row["step"] for row in rows] == ["500", "600"]
    assert rows[0].keys() >= {
        *("step", "seconds", "steps_per_second", "discriminator_loss", "generator_loss"),
        *("modes_covered", "modes_strict", "high_quality"),
        *("diversity", "separation", "modes", "since_modes_lost", "since_diversity"),
    }
    assert set(rows[0]["modes"]) <= {"x", "."} and len(rows[0]["modes"]) == 25
    assert rows[0]["modes"].count("x") == int(rows[0]["modes_covered"])
    names = {path.name for path in (directory / "samples").iterdir()}
    assert names == {*ENDING, "real.npz", "step_000000000.npz", "step_000000600.npz"}
    last = np.load(directory / "samples" / "step_000000600.npz")
    assert last["samples"].shape == (2500, 2)
    assert last["embeddings"].shape == (2000, 4)
    real = np.load(directory / "samples" / "real.npz")
    assert real["means"].shape == (25, 2)
    assert set(last["labels"]) == set(range(25))


def test_tensorboard_has_samples_and_scores(grid):
    _, directory, result = grid
    found = EventAccumulator(str(directory / "events"), size_guidance={"tensors": 0})
    found.Reload()
    assert [event.step for event in found.Tensors("samples")] == [0, 600]
    (score,) = found.Tensors("evaluation/high_quality")
    assert score.step == 600
    assert tf.make_ndarray(score.tensor_proto) == pytest.approx(result["high_quality"])
    (score,) = found.Tensors("evaluation/real/modes_covered")
    assert tf.make_ndarray(score.tensor_proto) == 25
    assert [event.step for event in found.Tensors("diversity")] == [500, 600]


def test_the_watch_can_be_switched_off_at_any_time(grid, tmp_path):
    config, directory, _ = grid
    off = {"watch_collapse": False, "evaluate": False, "export": False}
    run(Config(**{**vars(config), "output_dir": str(tmp_path / "off"), **off}))
    rows = run_commands.rows(tmp_path / "off")
    watched = run_commands.rows(directory)
    assert not [name for name in rows[0] if name in ("diversity", "modes") or "since" in name]
    for name in rows[0].keys() - set(run_commands.CLOCKS):
        assert [row[name] for row in rows] == [row[name] for row in watched]
    assert "Warnings while it trained" not in (tmp_path / "off" / "report.html").read_text()
    assert "Warnings while it trained" in (directory / "report.html").read_text()
    # The columns stay the first row's.
    on = {**off, "watch_collapse": True, "steps": 700}
    run(Config(**{**vars(config), "output_dir": str(tmp_path / "off"), **on}))
    assert [list(row) for row in run_commands.rows(tmp_path / "off")] == [list(rows[0])] * 3


def test_a_finished_run_is_evaluated_again_and_not_trained(grid, tmp_path):
    config, directory, before = grid
    copy = shutil.copytree(directory, tmp_path / "copy")
    (copy / "report.html").unlink()
    again = run(
        Config(
            **{**vars(config), "output_dir": str(copy), "samples": 700, "export": False},
        )
    ).evaluation
    assert again["samples"] == 700
    assert (again["steps"], again["wall_seconds"]) == (600, before["wall_seconds"])
    assert json.loads((copy / "evaluation.json").read_text()) == again
    assert (copy / "report.html").exists()
    assert (copy / "metrics.csv").read_bytes() == (directory / "metrics.csv").read_bytes()
    for path in (directory / "checkpoints").iterdir():
        assert (copy / "checkpoints" / path.name).read_bytes() == path.read_bytes()
    run_commands.assert_same(copy, directory)


def test_a_run_that_fails_after_its_evaluation_is_not_done(grid, tmp_path, monkeypatch):
    """Whoever looks for evaluation.json would never make the rest of it."""
    config, directory, _ = grid
    copy = shutil.copytree(directory, tmp_path / "copy")
    longer = Config(**{**vars(config), "output_dir": str(copy), "steps": 602, "export": False})

    def fail(*arguments):
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(runner, "find_neighbours", fail)
        run(longer)
    assert (copy / "model.keras").exists()
    # What was there before is kept, and not taken for the run's end.
    assert json.loads((copy / "evaluation.json").read_text())["steps"] == 600
    found = Run(copy)
    assert found.evaluation is None
    assert found.problems == ("evaluation.json is of step 600, and the run goes on to 602.",)
    assert run(longer).scores["steps"] == 602
    assert Run(copy).evaluation["steps"] == 602


def test_images(archive, tmp_path, monkeypatch):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))
    directory = tmp_path / "run"
    config = {"data_dir": str(archive), "output_dir": str(directory), "strategy": "none"}
    result = run(Config("gan", "npz", steps=30, batch_size=8, samples=50, **config)).evaluation
    assert assert_whole(directory, "gan", "npz", IMAGES | {"feature_network"}) == result
    assert result["feature_network"].startswith("npz_classifier-")
    assert sum(result["class_histogram"]) == 50
    names = {path.name for path in (directory / "samples").iterdir()}
    steps = [f"step_{step:09d}.{kind}" for step in (0, 30) for kind in ("npz", "png")]
    assert names == {*ENDING, "real.npz", *steps}
    network = np.load(directory / "samples" / "neighbours.npz")["space"]
    assert str(network) == result["feature_network"]
    last = np.load(directory / "samples" / "step_000000030.npz")
    assert list(last) == ["samples"]
    assert last["samples"].shape == (64, 8, 8, 1)


def test_images_without_classes_are_refused_before_training(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(classifier, "is_installed", lambda: False)
    path = tmp_path / "bare.npz"
    np.savez(path, x=np.load(archive)["x_train"])
    config = {"data_dir": str(path), "output_dir": str(tmp_path / "run"), "strategy": "none"}
    with pytest.raises(InputError, match=r"no classes.*kgan\[features\].*`feature_network`, or"):
        run(Config("gan", "npz", **config))
    assert not (tmp_path / "run").exists()


def test_flags_have_the_names_of_the_command_line():
    config = Config(
        "mdgan", "ring", data_options={"std": 0.1, "weights": [0.5, 0.5]}, arguments={"epsilon": 1}
    )
    flags = config.resolved().flags()
    assert (flags["mode_std"], flags["mode_weights"], flags["epsilon"]) == (0.1, [0.5, 0.5], 1)
    assert not {"std", "weights", "data_options", "arguments"} & flags.keys()
    assert flags["output_dir"] == "runs/mdgan-ring-seed0"


@pytest.mark.real_data
def test_fashion_mnist(tmp_path):
    if not Path("/usr/share/datasets/fashion-mnist").is_dir():
        pytest.skip("apt-get install dataset-fashion-mnist puts the real data in place")
    directory = tmp_path / "run"
    config = {"steps": 2, "batch_size": 8, "strategy": "none", "evaluate": False, "export": False}
    assert run(Config("mdgan", "fashion_mnist", output_dir=str(directory), **config)).scores == {}
    real = np.load(directory / "samples" / "real.npz")
    assert real["samples"].shape == (64, 28, 28, 1)
    assert "Sneaker" in real["class_names"]
    last = np.load(directory / "samples" / "step_000000002.npz")
    assert last["samples"].shape == (64, 28, 28, 1)
    assert last["embeddings"].shape == (2000, 7)
    assert 0 <= last["samples"].min() < last["samples"].max() <= 1
    assert not (directory / "evaluation.json").exists()
    assert (directory / "report.html").stat().st_size > 10_000
