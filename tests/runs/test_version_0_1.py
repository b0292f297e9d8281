"""Runs that version 0.1 has made: they open, are drawn and compared, and go on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import kgan
from kgan.reporting import write_comparison, write_report

# By `apps.mgan --dataset=ring --steps=300 --generators=3` of 0.1; of its samples the first 60.
OLD = Path(__file__).with_name("version_0_1")
# What config.json has got since.
NEW = ("format", "key", "identity", "conditions")


@pytest.fixture
def old(tmp_path):
    return shutil.copytree(OLD, tmp_path / "old")


def test_it_opens(old):
    run = kgan.Run(old)
    assert run.problems == ()
    assert (run.config.method, run.config.dataset, run.config.seed) == ("mgan", "ring", 1)
    assert (run.config.steps, run.config.arguments["generators"]) == (300, 3)
    assert [snapshot.step for snapshot in run.snapshots] == [0, 300]
    assert run.snapshots[-1].generators.max() == 2
    assert run.samples().shape == (60, 2)
    assert run.real.means.shape == (8, 2) and run.real_scores["modes_covered"] == 8
    assert run.scores["steps"] == 300 and run.metrics["step"][-1] == 300
    assert run.interpolations.generators.tolist() == [0, 1, 2, 0, 1, 2]
    assert run.neighbours.space == "plane"
    assert run.events == ()


def test_it_is_drawn_and_compared(old, tmp_path):
    assert "of 8" in write_report(old).read_text()
    other = shutil.copytree(old, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    config["flags"]["diversity"] = 0.5
    (other / "config.json").write_text(json.dumps(config))
    page = write_comparison([old, other], tmp_path / "page.html").read_text()
    assert "diversity=0.5" in page


def test_it_goes_on(tmp_path):
    def train(name, steps):
        return kgan.train(
            "gan",
            "ring",
            steps=steps,
            batch_size=16,
            decay="none",
            output_dir=tmp_path / name,
            strategy="none",
            evaluate=False,
            export=False,
            verbose=False,
        )

    whole = train("whole", 50)
    path = train("old", 25).path / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in config.items() if k not in NEW}))
    np.testing.assert_array_equal(train("old", 50).samples(), whole.samples())
