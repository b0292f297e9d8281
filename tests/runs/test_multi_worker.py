"""Two worker processes on this machine train one model, by `fit` and by the application."""

import json
import re
import socket

import numpy as np
import pytest


def cluster(size=2):
    """The environment of each worker of a cluster on free ports."""
    sockets = [socket.socket() for _ in range(size)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return [
        {
            "TF_CONFIG": json.dumps(
                {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            )
        }
        for index in range(size)
    ]


@pytest.fixture
def run(commands, tmp_path):
    """Runs a command on two workers, each with its own TMPDIR; returns statuses and outputs."""

    def both(module, *flags, each=lambda index: ()):
        running = []
        for index, env in enumerate(cluster()):
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


def test_the_application(run, tmp_path):
    directory = tmp_path / "run"
    flags = ("--dataset=grid", "--batch_size=32", "--samples=500", "--noexport")
    flags += ("--strategy=multi_worker", f"--output_dir={directory}")
    for steps, before in ((250, 0), (500, 250)):
        statuses, outputs = run("apps.mdgan", *flags, f"--steps={steps}")
        assert statuses == [0, 0], outputs
        scores = [
            re.findall(r"^.* (?:higher|lower|as real data)$", o, re.MULTILINE) for o in outputs
        ]
        assert len(scores[0]) >= 8
        # All scores of their own samples: the weights are the same (test_fit: to the bit).
        assert scores[0] == scores[1]
        for output in outputs:
            assert ("Going on from the checkpoint of step 250." in output) == bool(before)
        # The chief alone writes, and alone says where.
        assert f"Report: {directory / 'report.html'}" in outputs[0]
        assert "Report:" not in outputs[1]
        assert json.loads((directory / "evaluation.json").read_text())["steps"] == steps
        assert not [p for p in (tmp_path / "scratch1").iterdir() if "kgan" in p.name]
    kept = {p.name for p in directory.iterdir()}
    kept -= {".lock", "checkpoints", "samples", "events"}
    assert kept == {"config.json", "metrics.csv", "model.keras", "evaluation.json", "report.html"}
    assert len(list((directory / "events").iterdir())) == 2  # One file a run, not two.
    steps = [line.split(",")[0] for line in (directory / "metrics.csv").read_text().split()]
    assert steps == ["step", "250", "500"]


def test_a_chief_that_refuses_ends_the_others(run, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("mine")
    statuses, outputs = run(
        "apps.mdgan", "--strategy=multi_worker", f"--output_dir={tmp_path / 'run'}", "--steps=250"
    )
    assert statuses == [1, 1], outputs
    assert "is not empty and no run of kgan" in outputs[0]
    assert "Another worker" in outputs[1]
    assert not any("Traceback" in output for output in outputs)
