"""Whole runs from Python: `kgan.train`, killed and called again, and `kgan.Run`."""

import html
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import run_commands

import kgan
from kgan.commands import jobs
from kgan.errors import InputError, RunError
from kgan.studies import bench

STEPS = 3_000  # Rows of the log at 500, 1000, ...; checkpoints at 1000, 2000, 3000.
SCRIPT = Path(__file__).with_name("python_run.py")
QUIET = {"evaluate": False, "export": False, "verbose": False, "strategy": "none"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The directory of a run that was never killed, made by a script in a process of its own."""
    directory = tmp_path_factory.mktemp("whole") / "run"
    words = [sys.executable, str(SCRIPT), str(directory), str(STEPS)]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        words, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"Run('{directory}') {STEPS} (2500, 2)" in done.stdout
    return directory


def test_killed_and_called_again(commands, whole, tmp_path):
    directory = tmp_path / "run"

    def start(name):
        log = tmp_path / f"{name}.log"
        return commands.start("tests.commands.python_run", str(directory), str(STEPS), log=log)

    # After a checkpoint; at other moments in `test_resume.py`.
    command = start("first")
    assert command.wait_for(lambda: len(run_commands.rows(directory)) >= 3)
    command.send(signal.SIGKILL)
    assert command.wait() == -signal.SIGKILL, command.output
    there = kgan.Run(directory)
    assert there.checkpoints and not there.finished
    with pytest.raises(RunError, match=r"has not finished.* Go on with it by kgan\.train\('mdgan'"):
        there.model()
    command = start("last")
    assert command.wait() == 0, command.output
    run_commands.assert_same(directory, whole)


def test_the_call_that_makes_it_again_is_kept(whole):
    run = kgan.Run(whole)
    call = run.description["command"]
    assert call.startswith("kgan.train('mdgan', dataset='grid', seed=3, output_dir='")
    assert "batch_size=32" in call and call.endswith("evaluate=False, export=False)")
    assert call in html.unescape(run.report_path.read_text())


def test_a_run_is_opened(whole):
    run = kgan.Run(whole)
    assert (run.config.method, run.config.dataset, run.config.seed) == ("mdgan", "grid", 3)
    assert (run.config.steps, run.config.batch_size) == (STEPS, 32)
    assert run.config.arguments["ema_decay"] == 0.99
    assert run.metrics["step"].tolist() == list(range(500, STEPS + 1, 500))
    assert run.checkpoints == [1000, 2000, 3000]
    assert run.scores == run.real_scores == {}
    assert run.problems == ()
    np.testing.assert_array_equal(run.samples(), run.snapshots[-1].samples)
    np.testing.assert_array_equal(run.samples(0), run.snapshots[0].samples)
    with pytest.raises(InputError, match="samples of the steps 0, 1000, 2000, 3000"):
        run.samples(7)
    model = run.model()
    assert isinstance(model, kgan.MDGAN) and model.steps_taken == STEPS
    np.testing.assert_allclose(model.sample(2500, seed=1), run.samples(), rtol=1e-5, atol=1e-6)


def test_a_model_is_loaded_in_a_process_that_has_only_opened_the_run(whole):
    code = (
        "import sys, kgan; run = kgan.Run(sys.argv[1]); run.problems, run.metrics, run.scores; "
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules; "
        "print(type(run.model()).__name__)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(whole)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "MDGAN\n", done.stderr


def test_scores_and_another_call(tmp_path):
    arguments = {"seed": 2, "output_dir": tmp_path / "run", "batch_size": 32, "std": 0.05}
    arguments |= {"components": 5, "samples": 300, "strategy": "none", "verbose": False}
    run = kgan.train("mdgan", dataset="ring", steps=50, **arguments)
    assert run.scores["modes_total"] == run.real_scores["modes_covered"] == 8
    assert run.scores["steps"] == 50 and "real" not in run.scores
    assert run.report_path.exists() and run.saved_model_path.is_dir()
    assert run.config.arguments["components"] == 5 and run.config.data_options == {"std": 0.05}
    again = kgan.train("mdgan", dataset="ring", steps=75, **arguments)
    assert again.scores["steps"] == 75
    with pytest.raises(RunError, match="with `components=5`, and this one has `components=6`"):
        kgan.train("mdgan", dataset="ring", steps=75, **{**arguments, "components": 6})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"steps": 0}, "`steps` must be over 0. Received: 0"),
        ({"seed": -1}, "`seed` must lie in"),
        ({"component": 8}, "MDGAN has no argument `component`.*it takes .*components"),
        ({"dataset": "gird"}, "There is no data set 'gird'"),
        ({"dataset": np.zeros((9, 2))}, "trains on a data set by its name"),
        ({"method": "mdgna"}, "There is no preset 'mdgna_images'"),
        ({"test": 3}, "leave it out"),
    ],
)
def test_what_cannot_work_is_one_sentence(tmp_path, arguments, told):
    given = {"method": "mdgan", "dataset": "grid", "output_dir": tmp_path / "run", **QUIET}
    with pytest.raises(InputError, match=told) as error:
        kgan.train(**{**given, **arguments})
    assert "--" not in str(error.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.filterwarnings("ignore:.*own gradient:UserWarning", "ignore:Codes:UserWarning")
def test_games_of_the_bench_of_norms_run(archive, configured):
    """Two steps on small images, each game with another norm of its discriminator."""
    rows = {row.crossed: row for row in bench.BENCHES["norms"].rows}
    bounded = "MD-GAN, bounded and non-saturating"
    for place in (("WGAN-GP", "batch"), (bounded, "spectral"), ("MaEM-GAN", "batch_convolution")):
        row = rows[place]
        flags = {**row.flags, "steps": 2, "batch_size": 10}
        words = [f"--{name}={value}" for name, value in flags.items()]
        config = configured(row.method, "--dataset=npz", f"--data_dir={archive}", *words)
        model, _ = jobs.build_model(config.resolved(), kgan.data.load("npz", data_dir=archive))
        images = np.random.default_rng(0).random((20, 8, 8, 1), np.float32)
        model.compile(steps_per_execution=1, run_eagerly=True)
        model.fit(images, batch_size=10, verbose=0)
        assert model.steps_taken == 2
        assert config.arguments["discriminator_norm"] == flags["discriminator_norm"]


def own_model(width=8):
    keras.utils.set_random_seed(5)
    layers = keras.layers
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(width, "relu"), layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(8, "relu"), layers.Dense(1)])
    gan = kgan.GAN(generator, discriminator, seed=4)
    gan.compile(kgan.Adam(1e-3))
    return gan


def test_a_model_and_data_of_ones_own(tmp_path):
    ring = kgan.data.load("ring", points=500)
    given = {"batch_size": 20, "verbose": False, "samples": 100}
    once = kgan.train(own_model(), ring, steps=60, test=ring, output_dir=tmp_path / "once", **given)
    assert once.scores["modes_total"] == 8 and once.scores["seed"] == 4
    assert once.config.method == "GAN" and once.saved_model_path.is_dir()
    parts = tmp_path / "parts"
    kgan.train(own_model(), ring, steps=40, test=ring, output_dir=parts, **given)
    twice = kgan.train(own_model(), ring, steps=60, test=ring, output_dir=parts, **given)
    np.testing.assert_array_equal(once.samples(), twice.samples())
    np.testing.assert_array_equal(once.model().sample(50, 0), twice.model().sample(50, 0))
    before = (parts / "config.json").read_bytes()
    with pytest.raises(RunError, match="holds a run with `model="):
        kgan.train(own_model(9), ring, steps=60, output_dir=parts, **given)
    with pytest.raises(RunError, match="holds a run with `data="):
        kgan.train(own_model(), kgan.data.load("grid", points=500), steps=60, output_dir=parts,
                   **given)  # fmt: skip
    assert (parts / "config.json").read_bytes() == before
    with pytest.raises(InputError, match="`learning_rate` is set where it is built"):
        kgan.train(own_model(), ring, steps=60, learning_rate=0.1, **given)
    with pytest.raises(InputError, match="give `steps` and `batch_size`"):
        kgan.train(own_model(), ring, batch_size=20)


def test_command_lines_can_be_pasted(commands, tmp_path):
    """A directory with a blank in its name."""
    directory = tmp_path / "my runs"
    flags = (
        "--dataset=ring",
        "--steps=1",
        "--noevaluate",
        "--noexport",
        f"--output_dir={directory}",
    )
    status, output = commands.run("apps.gan", *flags, log=tmp_path / "log")
    assert status == 0, output
    told = json.loads((directory / "config.json").read_text())["command"]
    assert shlex.split(told)[1:] == ["-m", "apps.gan", *flags]
