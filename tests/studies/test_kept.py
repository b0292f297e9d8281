"""Results that a checkout carries: tables without training on another machine."""

import dataclasses
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kgan.studies import kept, pool, reproduction, results, runs
from kgan.studies.table import Column, Row, Table

ROW = Row("GAN", "gan", "ring", samples=100, minutes=1.0)
TABLE = Table("tiny", "table", 1, "Tiny", [Column("score", "score", 2)], [ROW], [], panels=True)


@pytest.fixture(autouse=True)
def checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "KEPT", tmp_path / "kept")
    return tmp_path / "kept"


def plan(folder, seeds=2):
    return runs.plan(TABLE, seeds=seeds, spread=None, output_dir=folder, changes={})


def finish(run, score):
    samples = run.directory / "samples"
    samples.mkdir(parents=True)
    for name in ("real.npz", "step_000000000.npz", "step_000000500.npz", "latents.npz"):
        (samples / name).write_text(f"{name} of {run.seed}")
    (run.directory / "config.json").write_text(json.dumps({"seed": run.seed}))
    path = run.directory / "evaluation.json"
    path.write_text(json.dumps({"score": score}))
    day = datetime.datetime(2026, 1, 2, 12).timestamp()
    os.utime(path, (day, day))


@pytest.fixture
def done(tmp_path):
    """Two finished runs of three."""
    planned = plan(tmp_path / "here", seeds=3)
    for run, score in zip(planned[:2], (1.0, 3.0), strict=True):
        finish(run, score)
    return planned


def test_another_folder_finds_what_was_kept(done, tmp_path):
    assert len(kept.keep(done, {})) == 2
    elsewhere = plan(tmp_path / "there", seeds=3)
    assert [run.finished for run in elsewhere] == [True, True, False]
    (outcome,) = results.collect(TABLE, elsewhere, {})
    assert outcome.scores(TABLE.columns[0]).values == [1.0, 3.0]
    assert outcome.configs == {0: {"seed": 0}, 1: {"seed": 1}}
    # Not the day of the checkout.
    assert {run.evaluated() for run in elsewhere[:2]} == {datetime.date(2026, 1, 2)}
    # What is drawn is of the first seed.
    shown = {path.name for path in (elsewhere[0].place / "samples").iterdir()}
    assert shown == {"real.npz", "step_000000500.npz"}
    assert not (elsewhere[1].place / "samples").exists()


def test_own_results_come_before_kept_ones(done, tmp_path):
    kept.keep(done, {})
    (own, *_) = plan(tmp_path / "there")
    finish(own, 7.0)
    assert own.evaluation() == {"score": 7.0}
    assert own.place == own.directory


def test_what_is_kept_already_is_not_written_again(done, tmp_path):
    kept.keep(done, {})
    assert kept.keep(done, {}) == []
    assert kept.keep(plan(tmp_path / "there"), {}) == []
    assert len(list(runs.KEPT.iterdir())) == 2


def test_results_of_other_code_are_not_found_and_give_way(done, tmp_path, monkeypatch):
    kept.keep(done, {})
    before = {path.name for path in runs.KEPT.iterdir()}
    monkeypatch.setattr(runs, "code_version", lambda: "another")
    (run, other) = plan(tmp_path / "there")
    assert not run.finished
    finish(run, 2.0)
    kept.keep([run, other], {})
    assert {path.name for path in runs.KEPT.iterdir()} == {
        run.directory.name,  # In place of the same seed of the other code.
        *(name for name in before if name.endswith("seed1")),
    }


def test_results_of_other_libraries_or_samples_stay(done, tmp_path, monkeypatch):
    kept.keep(done[:1], {})
    monkeypatch.setattr(runs, "_library_versions", lambda: {"scipy": "another"})
    (run, _) = plan(tmp_path / "there")
    finish(run, 2.0)
    config = {"seed": 0, "versions": {"scipy": "another"}}
    (run.directory / "config.json").write_text(json.dumps(config))
    kept.keep([run], {})
    assert {path.name for path in runs.KEPT.iterdir()} == {
        run.directory.name,
        done[0].directory.name,
    }


def test_a_divergence_is_kept_as_the_result_that_it_is(done, tmp_path):
    why = "generator became nan at step 3."
    assert kept.keep(done, {done[2].directory: why})[-1] == done[2].kept
    assert kept.keep(done, {done[2].directory: why}) == []
    elsewhere = plan(tmp_path / "there", seeds=3)
    found = pool.divergences(elsewhere, tmp_path / "there" / "logs")
    assert found == {elsewhere[2].directory: why}
    assert not elsewhere[2].finished


def test_quick_looks_and_the_leaderboard_keep_nothing(tmp_path):
    for flags, told in (
        (["--bench=ring", "--steps=20"], "not quick looks. Received: --steps=20"),
        (["--leaderboard"], "--leaderboard keeps nothing"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "apps.bench", "--keep", *flags, f"--output_dir={tmp_path}"],
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert told in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_command_keeps_only_when_told_to(done, tmp_path, capsys):
    request = reproduction.Request(
        dataclasses.replace(TABLE, panels=False),
        seeds=2,
        spread=None,
        jobs=1,
        output_dir=tmp_path / "here",
        changes={},
        command="python -m apps.bench",
    )
    config = {"machine": "m", "git_revision": "r", "versions": {}}
    config["model"] = {"preset": "p", "source": "s"}
    for run in done[:2]:
        (run.directory / "config.json").write_text(json.dumps(config))
    assert reproduction.reproduce(request)
    assert not runs.KEPT.exists()
    assert reproduction.reproduce(dataclasses.replace(request, keep=True))
    assert "2 results were copied" in capsys.readouterr().out
    assert len(list(runs.KEPT.iterdir())) == 2


def test_results_of_the_checkout_are_whole():
    """Those that the project itself carries, if any."""
    folder = Path(__file__).parents[2] / "docs" / "results" / "runs"
    for path in folder.glob("*/evaluation.json"):
        path = path.parent
        scores = json.loads((path / "evaluation.json").read_text())
        assert datetime.date.fromisoformat(scores["evaluated"])
        assert json.loads((path / "config.json").read_text())["flags"]["seed"] == int(
            path.name.rpartition("seed")[2]
        )
