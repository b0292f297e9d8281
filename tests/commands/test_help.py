"""`--help` and wrong flags of every application: at once, in words, with the right status."""

import subprocess
import sys

import pytest

COMMON = ("dataset", "data_dir", "output_dir", "seed", "steps", "batch_size", "learning_rate")
COMMON += ("strategy", "precision", "evaluate", "export", "resume", "samples", "debug")
BANK = ("generators", "private_layers", "mixture_weights", "samples_per_generator", "same_noise")
FLAGS = {
    "mdgan": (*COMMON, "components", "variance_real", "variance_fake", "likelihood"),
    "gan": (*COMMON, "method", "loss", "penalty", "penalty_weight", "weight_clip", "objective"),
    "mgan": (*COMMON, *BANK, "diversity", "fresh_noise"),
    "mimgan": (*COMMON, *BANK, "diversity", "measure", "classifier", "classifier_network"),
    "madgan": (*COMMON, *BANK, "loss", "fresh_noise"),
    "dmganpl": (*COMMON, *BANK, "diversity", "critic_steps", "penalty_weight", "learn_prior"),
    "maemgan": (*COMMON, "entropy", "local", "buffer_size", "neighbours", "embedding_dim"),
    "invertgan": (*COMMON, "gaussian_loss", "p", "data_consistency", "loss", "fresh_noise"),
    "bigan": (*COMMON, "loss", "fresh_noise"),
    "veegan": (*COMMON, "fresh_noise"),
    "unrolledgan": (*COMMON, "unrolled_steps", "loss", "fresh_noise"),
    "classifier": ("dataset", "data_dir", "epochs", "output", "seed", "debug", "any_attribute"),
}
SPY = """
import atexit, runpy, sys
atexit.register(lambda: print("TENSORFLOW" if "tensorflow" in sys.modules else "LIGHT"))
module = sys.argv.pop(1)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def run(app, *flags):
    return subprocess.run(
        [sys.executable, "-c", SPY, f"apps.{app}", *flags],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("app", FLAGS)
def test_help(app):
    done = run(app, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.endswith("LIGHT\n")  # TensorFlow takes seconds to import.
    assert f"python -m apps.{app} --dataset=fashion_mnist" in done.stdout
    listed = {line.split(":")[0].strip() for line in done.stdout.splitlines()}
    for flag in FLAGS[app]:
        assert {f"--{flag}", f"--[no]{flag}"} & listed, flag
    if app == "mdgan":  # Defaults, and where they are from.
        words = " ".join(done.stdout.split())
        assert "Default: 8 (images: stated); 10 (points: stated)." in words
        assert "0.3 (ring, grid, embedded_grid: ours)" in words or "0.3 (points: ours)" in words


@pytest.mark.parametrize(
    ("app", "flag", "message"),
    [
        ("mdgan", "--componnents=8", "Unknown command line flag 'componnents'"),
        ("mdgan", "--likelihood=most", "--likelihood=most: value should be one of <max|sum>"),
        ("mdgan", "--steps=many", "--steps=many"),
        ("gan", "--components=8", "Unknown command line flag 'components'"),
        ("gan", "grid", "Unknown argument 'grid'"),
        ("gan", "--precision=float8", "--precision=float8: value should be one of"),
    ],
)
def test_wrong_flag(app, flag, message):
    done = run(app, flag)
    assert done.returncode == 2
    assert done.stdout == "LIGHT\n"
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("error: ")
    assert message in sentence
