"""Runs that are killed and started again, against one that never was."""

import contextlib
import os
import shutil
import signal
import time

import numpy as np
import pytest
import run_commands

FLAGS = ("--dataset=grid", "--batch_size=32", "--seed=3", "--ema_decay=0.99")
FLAGS += ("--instance_noise=0.5", "--instance_noise_steps=2000", "--noevaluate", "--noexport")
STEPS = 3_000  # Rows of the log at 500, 1000, ...; checkpoints at 1000, 2000, 3000.


@pytest.fixture(scope="module")
def start(commands, tmp_path_factory):
    """Starts the command in a directory."""
    logs = tmp_path_factory.mktemp("logs")

    def begin(directory, *changes):
        log = logs / f"{len(list(logs.iterdir()))}.log"
        flags = (*FLAGS, f"--steps={STEPS}", f"--output_dir={directory}", *changes)
        return commands.start("apps.mdgan", *flags, log=log)

    return begin


@pytest.fixture(scope="module")
def whole(start, tmp_path_factory):
    """The directory of a run that was never killed."""
    directory = tmp_path_factory.mktemp("whole") / "run"
    command = start(directory)
    assert command.wait() == 0, command.output
    return directory


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of it."""
    return shutil.copytree(whole, tmp_path / "run")


def moments(directory):
    """Yields five random moments: each an event to wait for, and a time to wait then."""
    rng = np.random.default_rng(20)

    def rows(count):
        return lambda: len(run_commands.rows(directory)) >= count

    yield directory.exists, rng.uniform(0, 1)  # Before the first step, perhaps before config.json.
    yield rows(1), rng.uniform(0, 0.2)  # No checkpoint yet.
    yield rows(3), rng.uniform(0, 0.2)
    there = files(directory / "checkpoints")
    yield lambda: files(directory / "checkpoints") != there, 0  # Within a checkpoint.
    yield rows(int(rng.integers(5, 7))), rng.uniform(0, 0.1)  # Near the end.


def files(folder):
    """Names and times of what is in a folder."""
    found = set()
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # A temporary file, gone again.
            found.add((path.name, path.stat().st_mtime_ns))
    return found


def test_killed_at_five_moments(start, whole, tmp_path):
    directory = tmp_path / "run"
    killed = []
    for event, delay in moments(directory):
        command = start(directory)
        if command.wait_for(event):
            time.sleep(delay)
            command.send(signal.SIGKILL)
        assert command.wait() == -signal.SIGKILL, command.output
        killed.append(command.output)
    command = start(directory)
    assert command.wait() == 0, command.output
    run_commands.assert_same(directory, whole)
    # They went on, and did not begin again.
    assert any("Going on from the checkpoint of step 1000" in output for output in killed)
    assert "Going on from the checkpoint of step 2000" in command.output
    # Time counts over all processes: at least what was spent in steps that were kept.
    seconds = [float(row["seconds"]) for row in run_commands.rows(directory)]
    assert seconds == sorted(seconds)
    # What a kill leaves behind is hidden, and gone where it could be much.
    left = [path for path in directory.rglob("*") if path.name.startswith(".")]
    assert not [path for path in left if path.stat().st_size > 1_000_000]
    assert len(list((directory / "checkpoints").iterdir())) == 6


def test_interrupted(start, tmp_path):
    """Ctrl-C ends it at once with one sentence."""
    command = start(tmp_path / "run")
    assert command.wait_for(lambda: len(run_commands.rows(tmp_path / "run")) >= 1)
    command.send(signal.SIGINT)
    assert command.wait() == 130
    assert command.output.endswith(
        "\nerror: Interrupted. The same command goes on from what it has kept.\n"
    )
    assert "Traceback" not in command.output


def test_a_broken_checkpoint_gives_way_to_the_one_before(start, copy, whole):
    path = copy / "checkpoints" / f"step-{STEPS}.data-00000-of-00001"
    os.truncate(path, path.stat().st_size - 1000)
    command = start(copy)
    assert command.wait() == 0, command.output
    assert f"The checkpoint of step {STEPS} in" in command.output
    assert "is broken" in command.output
    assert "Going on from the checkpoint of step 2000." in command.output
    assert "Traceback" not in command.output
    run_commands.assert_same(copy, whole)
