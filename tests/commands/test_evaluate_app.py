"""`apps.evaluate`: runs, SavedModels and foreign generators, from the command to the file."""

import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kgan import data, metrics
from kgan.commands.evaluations import results
from kgan.runs import Run

POINTS = ("--dataset=ring", "--samples=300", "--seeds=2")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return {"KGAN_CACHE": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(scope="module")
def evaluate(commands, tmp_path_factory, cache):
    """Runs the command; returns its status and output."""
    log = tmp_path_factory.mktemp("logs") / "log"
    return lambda *flags: commands.run("apps.evaluate", *flags, log=log, env=cache)


@pytest.fixture(scope="module")
def run(commands, tmp_path_factory, cache):
    """The directory of a finished run of MaEM-GAN."""
    directory = tmp_path_factory.mktemp("runs") / "run"
    flags = ("--dataset=ring", "--mode_std=0.2", "--steps=3", "--batch_size=32", "--samples=200")
    flags += (f"--output_dir={directory}",)
    status, output = commands.run("apps.maemgan", *flags, log=directory.parent / "log", env=cache)
    assert status == 0, output
    return directory


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """A Keras file that kgan has not made: latents (4, 3) to points of one mode of the ring."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 3))
    x = layers.Dense(2, kernel_initializer=keras.initializers.RandomNormal(stddev=0.02))(
        layers.Flatten()(inputs)
    )
    model = keras.Model(inputs, layers.Rescaling(1.0, offset=[2.0, 0.0])(x))
    path = tmp_path_factory.mktemp("foreign") / "mine.keras"
    model.save(path)
    return path


def test_samples_that_somebody_has_drawn(evaluate, tmp_path):
    points = data.load("ring", points=400).examples
    np.savez(tmp_path / "drawn.npz", samples=np.float64(points))
    status, output = evaluate(f"--sample_files={tmp_path / 'drawn.npz'}", *POINTS)
    assert status == 0, output
    assert "samples of " in output
    assert re.search(r"Modes covered, of 8 +8 ± 0 +8 ± 0 +300 +300\n", output)
    assert (tmp_path / "evaluations" / "drawn-default-on-ring-300-samples-seeds0-1.json").exists()
    status, output = evaluate(f"--sample_files={tmp_path / 'drawn.npz'}", *POINTS, "--samples=500")
    assert status == 2
    assert "holds 400 samples. Received: 500 to measure; ask for as many at most" in output


def test_a_foreign_generator_by_one_command(foreign, cache):
    """In a process of its own, as a user starts it."""
    command = [sys.executable, "-m", "apps.evaluate", f"--generator={foreign}", *POINTS]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env={**os.environ, **cache}
    )
    assert done.returncode == 0, done.stderr
    assert f"generator {foreign} on ring: 300 samples, 2 seeds from 0" in done.stdout
    assert re.search(r"Modes covered, of 8 +1 ± 0 +8 ± 0 +300 +300\n", done.stdout)
    path = foreign.parent / "evaluations" / "mine-default-on-ring-300-samples-seeds0-1.json"
    page = path.with_suffix(".html")
    assert done.stdout.endswith(f"\n{path}\n{page}\n")
    told = page.read_text()
    assert f"<title>Generator {foreign} on ring" in told and "1 of 8 modes" in told
    assert "Generated points over real ones<" in told and "Wall time" not in told
    assert "Latents of the shape (4, 3), from N(0, 1)" in done.stderr
    found = json.loads(path.read_text())
    assert (found["samples"], found["seeds"], found["dataset"]) == (300, [0, 1], "ring")
    assert found["scores"]["modes_covered"]["values"] == [1, 1]
    assert found["scores"]["modes_covered"]["real"]["mean"] == 8
    distances = [one["wasserstein"] for one in found["evaluations"]]
    score = found["scores"]["wasserstein"]
    assert score["mean"] == pytest.approx(np.mean(distances))
    assert score["std"] == pytest.approx(np.std(distances, ddof=1))
    assert score["real"]["mean"] < score["mean"] / 5


def test_a_files_name_tells_apart_what_was_measured():
    def name(metrics=None, samples=9, first=0, seeds=2, **settings):
        return results.default_name(metrics, samples, first, seeds, settings)

    assert name() == "default-9-samples-seeds0-1"
    assert name(["modes", "overlap"], seeds=1) == "modes+overlap-9-samples-seed0"
    assert name(on="imagenet_resized/32x32", weights=[0.25, 0.75]) == (
        "default-on-imagenet_resized_32x32-weights-0.25,0.75-9-samples-seeds0-1"
    )
    digest = hashlib.sha256(b"/a/b/net.keras").hexdigest()[:10]
    assert name(feature_network="/a/b/net.keras", std=0.1) == (
        f"default-feature_network-net.keras-{digest}-std-0.1-9-samples-seeds0-1"
    )
    assert name(data_dir="/a/photos") != name(data_dir="/b/photos")
    long = [name(weights=[1 / n] * 60) for n in (3, 7)]
    assert len(set(long)) == 2 and all(len(text) == 200 for text in long)


def test_a_run(run, evaluate, digests):
    before = digests(run)
    status, output = evaluate(f"--run={run}", "--seeds=3", "--seed=1")
    assert status == 0, output
    path = run / "evaluations" / "default-200-samples-seeds1-3.json"
    after = digests(run)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {str(path.relative_to(run))}
    found = json.loads(path.read_text())
    # As many samples as the run took, of its own data, and its embedding.
    assert found["data_options"] == {"std": 0.2}
    assert [one["seed"] for one in found["evaluations"]] == [1, 2, 3]
    assert found["scores"]["embedding_effective_rank"]["real"]["mean"] > 1
    model = Run(run).model()
    ring = data.load("ring", std=0.2, split="test")
    expected = metrics.evaluate(model, ring, samples=200, seed=2)
    one = found["evaluations"][1]
    assert one.keys() == expected.keys()
    assert (one["mode_counts"], one["real"]["mode_counts"]) == (
        expected["mode_counts"],
        expected["real"]["mode_counts"],
    )
    for key in ("wasserstein", "embedding_first_share"):
        assert one[key] == pytest.approx(expected[key], rel=1e-4)
    assert "Effective rank of the discriminator's embedding, of " in output


def test_the_runs_own_evaluation_and_report_have_the_rank(run):
    own = json.loads((run / "evaluation.json").read_text())
    assert own["embedding_dimensions"] > 1
    assert 1 <= own["embedding_effective_rank"] <= own["embedding_dimensions"]
    assert 0 < own["real"]["embedding_first_share"] <= 1
    page = (run / "report.html").read_text()
    assert "Effective rank of the discriminator&#39;s embedding" in page
    assert "Share of the embedding&#39;s energy in its first component" in page


def test_the_same_scores_from_its_saved_model(run, evaluate):
    flags = ("--samples=200", "--seeds=1", "--metrics=modes,embedding_rank", "--name=served")
    status, output = evaluate(f"--saved_model={run}/saved_model", *flags)
    assert status == 0, output
    found = json.loads((run / "evaluations" / "served.json").read_text())
    own = json.loads((run / "evaluation.json").read_text())
    assert found["evaluations"][0]["mode_counts"] == own["mode_counts"]
    assert found["scores"]["embedding_first_share"]["mean"] == pytest.approx(
        own["embedding_first_share"], rel=1e-4
    )
    assert found["evaluations"][0].keys() < own.keys()


def test_a_foreign_saved_model(evaluate, tmp_path):
    """A tf.Module with a sampling signature of its own name: latents (3,) to points of one mode."""

    class Foreign(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32, name="codes")])
        def draw(self, codes):
            return {"points": tf.stack([2 + 0.02 * codes[:, 0], 0.02 * codes[:, 1]], axis=1)}

    module, path = Foreign(), tmp_path / "theirs" / "1"
    tf.saved_model.save(module, str(path), signatures={"draw": module.draw})
    status, output = evaluate(f"--saved_model={path}", *POINTS)
    assert status == 0, output
    found = json.loads(
        (
            tmp_path / "evaluations" / "theirs-1-default-on-ring-300-samples-seeds0-1.json"
        ).read_text()
    )
    assert found["scores"]["modes_covered"]["values"] == [1, 1]
    assert found["scores"]["wasserstein"]["mean"] > 1


def test_images_and_real_statistics_that_are_found_again(archive, tmp_path, evaluate, cache):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(64, "tanh"), layers.Reshape((8, 8, 1))]
    )
    model.save(tmp_path / "mine.keras")
    flags = (f"--generator={tmp_path}/mine.keras", "--dataset=npz", f"--data_dir={archive}")
    flags += ("--samples=60", "--seeds=2", f"--output={tmp_path}/scores.json")
    status, output = evaluate(*flags)
    assert status == 2
    assert "said to lie in 0 to 1" in output.splitlines()[-1]
    assert not (tmp_path / "scores.json").exists()
    status, output = evaluate(*flags, "--value_range=-1,1", "--metrics=all")
    assert status == 0, output
    first = json.loads((tmp_path / "scores.json").read_text())
    keys = {"frechet_distance", "precision", "coverage", "f_8", "feature_spread", "mode_score"}
    assert first["scores"].keys() >= keys | {"tfgan_frechet_distance"}
    assert re.search(r"F1/8, precision of the PRD curve +\S+ ± \S+ +\S+ ± \S+ +60 +60\n", output)
    kept = cache["KGAN_CACHE"] + "/statistics"
    times = {path: path.stat().st_mtime_ns for path in sorted_files(kept) if "key" not in path.name}
    status, output = evaluate(*flags, "--value_range=-1,1", "--metrics=all")
    assert status == 0, output
    again = json.loads((tmp_path / "scores.json").read_text())
    assert again["evaluations"] == first["evaluations"]
    assert times == {
        path: path.stat().st_mtime_ns for path in sorted_files(kept) if "key" not in path.name
    }


def sorted_files(folder):
    from pathlib import Path

    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def test_layers_of_the_users_own(tmp_path, commands, cache, monkeypatch):
    module = tmp_path / "my_layers.py"
    module.write_text(
        "import keras\n"
        '@keras.saving.register_keras_serializable("mine")\n'
        "class Doubled(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        return 2 * x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    doubled = importlib.import_module("my_layers").Doubled()
    keras.Sequential([keras.Input((2,)), doubled]).save(tmp_path / "mine.keras")
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    flags = ("apps.evaluate", f"--generator={tmp_path}/mine.keras", *POINTS)
    status, output = commands.run(*flags, log=tmp_path / "log", env=cache)
    assert status == 1
    assert "import the module that registers its own layers" in output.splitlines()[-1]
    done = subprocess.run(
        [sys.executable, "-m", *flags, "--module=my_layers", "--metrics=modes"],
        capture_output=True,
        text=True,
        env={**os.environ, **env, **cache},
    )
    assert done.returncode == 0, done.stderr
    assert "Modes covered, of 8" in done.stdout


@pytest.fixture
def broken(tmp_path):
    """A generator that gives NaN."""
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layers.Rescaling(float("nan"))(layers.Dense(2)(inputs)))
    model.save(tmp_path / "nan.keras")
    return tmp_path / "nan.keras"


def test_bad_input(run, foreign, broken, evaluate, digests, tmp_path):
    unfinished = shutil.copytree(run, tmp_path / "unfinished")
    (unfinished / "model.keras").unlink()
    here, mine = f"--run={run}", f"--generator={foreign}"
    before = digests(run)
    for status, flags, message in [
        (2, (), "--saved_model, --generator, --function and --sample_files. Received: none"),
        (2, (here, mine), "Received: --run, --generator"),
        (1, (f"--run={tmp_path}/none",), "There is no run at"),
        (1, (f"--run={tmp_path}",), "is no run of kgan: it has no config.json"),
        (1, (f"--run={unfinished}",), "has not finished: model.keras is missing. Go on with it by"),
        (2, (here, "--metrics=fid"), "Received: fid; known are modes"),
        (2, (here, f"--output={tmp_path}/scores.html"), "--output is the file of the results"),
        (2, (here, "--metrics=inverse"), "'inverse' needs a model with an inverse"),
        (2, (here, "--latents=normal"), "--latents goes with --saved_model or --generator"),
        (2, (here, "--signature=sample"), "--signature goes with --saved_model"),
        (1, (f"--saved_model={tmp_path}", *POINTS), "There is no SavedModel at"),
        (1, (f"--generator={tmp_path}/none.keras", *POINTS), "There is no file"),
        (2, (mine,), "does not say which data it was made for: name them"),
        (2, (mine, "--dataset=fashion_mnist", "--samples=9"), "of the shape (9, 28, 28, 1), as"),
        (2, (f"--generator={broken}", *POINTS), "NaN or infinite values in 300 of 300"),
        (2, (mine, *POINTS, "--value_range=1,-1"), "two numbers, the lower first, as -1,1"),
        (2, (f"--generator={run}/model.keras", *POINTS, "--latents=normal"), "is a kgan model"),
        (2, (mine, *POINTS, "--module=not_there"), "--module=not_there cannot be imported"),
        (2, (mine, *POINTS, "--module=.relative"), "--module=.relative cannot be imported"),
        (2, ("--function=draw", *POINTS), "must be module:name, as my_module:draw. Received: draw"),
        (2, ("--function=no_such:draw", *POINTS), "--function=no_such cannot be imported"),
        (2, ("--function=json:draw", *POINTS), "json has no function draw"),
        (1, ("--generator=none.onnx", *POINTS), "There is no file none.onnx"),
        (2, (here, f"--output={run}/evaluation.json"), "is left as it is"),
        (1, (here, "--output=/proc/mine.json"), "cannot be written"),
        (2, (here, "--seeds=0"), "--seeds=0"),
        (2, (here, "--samples=1"), "--samples=1"),
    ]:
        ended, output = evaluate(*flags)
        assert ended == status, output
        assert "Traceback" not in output
        assert output.splitlines()[-1].startswith("error: ")
        assert message in output.splitlines()[-1], output
    assert digests(run) == before


def test_help_comes_at_once():
    spy = (
        "import atexit, runpy, sys\n"
        'atexit.register(lambda: print("tensorflow" in sys.modules))\n'
        'sys.argv = ["apps.evaluate", "--help"]\n'
        'runpy.run_module("apps.evaluate", run_name="__main__", alter_sys=True)\n'
    )
    done = subprocess.run([sys.executable, "-c", spy], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("False\n")
    assert "python -m apps.evaluate --run=runs/mdgan-grid-seed0" in done.stdout
    for flag in ("run", "saved_model", "signature", "generator", "metrics", "seeds", "output"):
        assert f"  --{flag}:" in done.stdout
