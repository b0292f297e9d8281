"""Two worker processes on this machine train one model, by `fit` and by the application."""

import json
import re
import shutil
import signal
import socket
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs"
GOING_ON = "Going on from the checkpoint of step 1000."


def free_ports(size):
    sockets = [socket.socket() for _ in range(size)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def cluster(size=2):
    """The environment of each worker of a cluster on free ports."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(size)]
    task = {"type": "worker"}
    told = [{"cluster": {"worker": addresses}, "task": {**task, "index": i}} for i in range(size)]
    return [{"TF_CONFIG": json.dumps(one)} for one in told]


def slurm(size=2):
    """What Slurm gives to tasks on one node, whose ports are free."""
    step = {
        "SLURM_STEP_NUM_TASKS": str(size),
        "SLURM_STEP_NODELIST": "127.0.0.1",
        "SLURM_STEP_TASKS_PER_NODE": str(size),
        "SLURMD_NODENAME": "127.0.0.1",
        "SLURM_JOB_ID": str(free_job(size)),
    }
    return [{**step, "SLURM_PROCID": str(index)} for index in range(size)]


def free_job(size):
    """A job's number whose ports nobody uses."""
    for job in range(free_ports(1)[0] % 5_000, 10_000, 7):
        try:
            for offset in range(size):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", 20_000 + job + offset))
        except OSError:
            continue
        return job
    raise AssertionError("no free ports")


@pytest.fixture
def begin(commands, tmp_path):
    """Starts a command on two workers, each with its own TMPDIR."""

    def both(module, *flags, each=lambda index: (), environments=cluster):
        running = []
        for index, env in enumerate(environments()):
            scratch = tmp_path / f"scratch{index}"
            scratch.mkdir(exist_ok=True)
            running.append(
                commands.start(
                    module,
                    *flags,
                    *each(index),
                    log=tmp_path / f"worker{index}.log",
                    env={**env, "TMPDIR": str(scratch)},
                )
            )
        return running

    return both


@pytest.fixture
def run(begin):
    """The same, and waits for both; returns statuses and outputs."""

    def both(*args, **kwargs):
        running = begin(*args, **kwargs)
        return [c.wait(120) for c in running], [c.output for c in running]

    return both


def test_fit(commands, run, tmp_path):
    module = "tests.runs.fit_worker"
    files = [tmp_path / f"{name}.npz" for name in (0, 1, "alone")]
    statuses, outputs = run(module, "multi_worker", each=lambda index: (str(files[index]),))
    assert statuses == [0, 0], outputs
    status, output = commands.run(module, "none", str(files[2]), log=tmp_path / "alone.log")
    assert status == 0, output
    first, second, alone = (dict(np.load(file)) for file in files)
    assert list(first) == list(alone)
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
        np.testing.assert_allclose(value, alone[name], atol=1e-6, rtol=0, err_msg=name)
    assert len(first["generator_loss"]) == 2


def documented(directory):
    """Module and flags of the page's two processes, for another directory and with less to do."""
    (line,) = re.findall(r'^train="python -m (.*)"$', (DOCS / "machines.md").read_text(), re.M)
    module, *flags = line.split()
    assert "--strategy=multi_worker" in flags
    flags = [flag for flag in flags if not flag.startswith("--output_dir")]
    less = ("--batch_size=32", "--samples=500", "--noexport", f"--output_dir={directory}")
    return module, *flags, *less


def test_the_application(begin, run, tmp_path):
    """As the page has it: until a worker dies, and started again."""
    directory = tmp_path / "run"
    command = *documented(directory), "--steps=1250"
    chief, other = begin(*command)
    checkpoint = directory / "checkpoints" / "step-1000.index"
    assert chief.wait_for(checkpoint.exists, 120), chief.output
    other.send(signal.SIGKILL)
    assert chief.wait(60) == 1
    assert "error: Another worker is gone" in chief.output and "Traceback" not in chief.output
    for left in (tmp_path / "scratch1").glob("kgan-*"):
        shutil.rmtree(left)
    statuses, outputs = run(*command)
    assert statuses == [0, 0], outputs
    scores = [re.findall(r"^.* (?:higher|lower|as real data)$", o, re.MULTILINE) for o in outputs]
    assert len(scores[0]) >= 8
    # All scores of their own samples: the weights are the same (test_fit: to the bit).
    assert scores[0] == scores[1]
    for index, output in enumerate(outputs):
        assert GOING_ON in output
        assert f"Training on the CPU; worker {index}, 2 in all." in output
    # The chief alone writes, and alone says where.
    assert f"Report: {directory / 'report.html'}" in outputs[0]
    assert "Report:" not in outputs[1]
    assert json.loads((directory / "evaluation.json").read_text())["steps"] == 1250
    assert not [p for p in (tmp_path / "scratch1").iterdir() if "kgan" in p.name]
    kept = {p.name for p in directory.iterdir()}
    kept -= {".lock", "checkpoints", "samples", "events"}
    assert kept == {"config.json", "metrics.csv", "model.keras", "evaluation.json", "report.html"}
    assert len(list((directory / "events").iterdir())) == 2  # One file a run, not two.
    steps = [line.split(",")[0] for line in (directory / "metrics.csv").read_text().split()]
    assert steps == ["step", "500", "1000", "1250"]


def test_a_chief_that_refuses_ends_the_others_of_a_slurm_job(run, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("mine")
    flags = ("--strategy=slurm", f"--output_dir={tmp_path / 'run'}", "--steps=250")
    statuses, outputs = run("apps.mdgan", *flags, environments=slurm)
    assert statuses == [1, 1], outputs
    assert "is not empty and no run of kgan" in outputs[0]
    assert "Another worker" in outputs[1]
    assert not any("Traceback" in output for output in outputs)
