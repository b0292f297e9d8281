"""Whether two revisions learn the same."""

import subprocess
import sys

import pytest

from benchmarks import same_training
from kgan.studies import bench
from kgan.studies.runs import plan


@pytest.fixture
def logs(tmp_path):
    def write(name, *lines):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


HEADER = "step,seconds,discriminator_loss,generator_loss"


def test_the_time_that_it_took_is_no_difference(logs):
    one = logs("one", HEADER, "5,1.0,0.5,0.25", "10,2.0,0.5,0.125")
    same = logs("same", HEADER, "5,9.0,0.5,0.25", "10,9.5,0.5,0.125")
    other = logs("other", HEADER, "5,1.0,0.5,0.25", "10,2.0,0.5,0.12500001")
    assert same_training.difference(one, same) == same_training.SAME
    assert same_training.difference(one, other) == "another loss at step 10"


def test_other_losses_are_named(logs):
    one = logs("one", HEADER, "5,1.0,0.5,0.25")
    other = logs("other", "step,critic_loss", "5,0.5")
    told = same_training.difference(one, other)
    assert told == "other losses: discriminator_loss, generator_loss and critic_loss"


def test_rows_of_other_steps_are_no_other_losses(logs):
    one = logs("one", HEADER, "5,1.0,0.5,0.25")
    other = logs("other", HEADER, "10,1.0,0.5,0.25")
    assert same_training.difference(one, other) == "rows of other steps: 5, ... and 10, ..."


def test_a_run_that_fails_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(same_training, "_git", lambda *arguments: None)
    failed = subprocess.CompletedProcess([], 2, "", "words\nerror: no such flag")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: failed)
    runs = plan(bench.find("ring", ["gan"]), seeds=1, spread=None, output_dir=tmp_path, changes={})
    found = same_training.compare(runs, "abc", tmp_path)
    assert found["GAN"].startswith("failed in ") and found["GAN"].endswith("error: no such flag")


def test_a_revision_trains_as_itself():
    """The command, on the checkout's own last commit where there is one."""
    root = same_training._ROOT
    if subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True
    ).returncode:
        pytest.skip("not a git checkout")
    changed = subprocess.run(
        ["git", "-C", str(root), "status", "--porcelain", "kgan", "apps"],
        capture_output=True,
        text=True,
    ).stdout
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.same_training", "--revision=HEAD"),
            *("--bench=ring", "--methods=gan", "--steps=50"),
        ],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert changed or done.returncode == 0, done.stdout + done.stderr
    assert "GAN on ring: " in done.stdout
