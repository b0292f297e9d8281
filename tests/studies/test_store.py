"""Results that a checkout carries: tables without training on another machine."""

import dataclasses
import datetime
import multiprocessing
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kgan import reporting
from kgan.errors import RunError
from kgan.methods import golden
from kgan.metrics import words
from kgan.runs import key
from kgan.studies import documents, pool, reproduction, results, runs, samples, store
from kgan.studies.records import Record
from kgan.studies.store import Store
from kgan.studies.table import Column, Row, Table

ROW = Row("GAN", "gan", "ring", samples=100, minutes=1.0)
TABLE = Table("tiny", "table", 1, "Tiny", [Column("score", "score", 2)], [ROW], [], panels=True)
ROOT = Path(__file__).parents[2]


def plan(folder, seeds=2, table=TABLE):
    return runs.plan(table, seeds=seeds, spread=None, output_dir=folder, changes={})


def request(folder, **changes):
    fields = {"table": TABLE, "seeds": 3, "spread": None, "jobs": 1, "output_dir": folder}
    return reproduction.Request(**{**fields, "changes": {}, "command": "python", **changes})


def record(seed, score=1.0, key="k", **fields):
    model = {"preset": "gan_ring"}
    return Record(key, seed, {"golden": "a"}, model, {}, {"score": score}, **fields)


@pytest.fixture
def done(tmp_path, finish):
    """Two finished runs of three."""
    planned = plan(tmp_path / "here", seeds=3)
    for run, score in zip(planned[:2], (1.0, 3.0), strict=True):
        finish(run, {"score": score})
        (run.directory / "samples").mkdir()
        for step in (250, 500):
            points = np.full((2_000, 2), step + run.seed, np.float32)
            np.savez(run.directory / "samples" / f"step_{step:09d}.npz", samples=points)
    return planned


def keep(planned, folder):
    return reproduction._keep(request(folder), planned)


def test_another_folder_finds_what_was_kept(done, tmp_path):
    assert keep(done, tmp_path / "here") == 2
    elsewhere = plan(tmp_path / "there", seeds=3)
    assert [run.finished for run in elsewhere] == [True, True, False]
    (outcome,) = results.collect(TABLE, elsewhere, {})
    assert outcome.scores(TABLE.columns[0]).numbers == [1.0, 3.0]
    assert outcome.records[0].model["preset"] == "gan_ring"
    # Not the day of the checkout.
    assert {outcome.records[seed].evaluated for seed in (0, 1)} == {"2026-01-02"}
    # What is drawn is of the first seed's last step.
    run, shown = outcome.pictured()
    assert run.seed == 0
    assert shown["samples"].shape == (1_000, 2) and (shown["samples"] == 500).all()
    assert elsewhere[1].samples() is None
    assert {path.name for path in (store.ROOT / "results").rglob("*.*")} == {
        "tiny_table1.jsonl",
        "tiny_table1.npz",
    }


def test_own_results_come_before_kept_ones(done, tmp_path, finish):
    keep(done, tmp_path / "here")
    (own, *_) = plan(tmp_path / "there")
    finish(own, {"score": 7.0})
    assert own.evaluation() == {"score": 7.0}


def test_what_is_kept_already_is_not_written_again(done, tmp_path):
    keep(done, tmp_path / "here")
    assert keep(done, tmp_path / "here") == 0
    assert keep(plan(tmp_path / "there"), tmp_path / "there") == 0


def test_directories_are_found_by_their_keys(done, tmp_path):
    """Whatever they are called; those of former versions have none."""
    done[0].directory.rename(tmp_path / "here" / "another name")
    (tmp_path / "here" / "old").mkdir()
    (tmp_path / "here" / "old" / "config.json").write_text('{"flags": {"seed": 0}}')
    (found, *_) = plan(tmp_path / "here")
    assert found.directory.name == "another name"
    assert found.evaluation() == {"score": 1.0}


def test_a_divergence_is_kept_as_the_result_that_it_is(done, tmp_path, finish):
    why = "generator became nan at step 3."
    finish(done[2], {})
    (done[2].directory / "evaluation.json").unlink()
    (tmp_path / "here" / "logs").mkdir()
    pool._note(done[2], tmp_path / "here" / "logs").write_text(why)
    assert keep(done, tmp_path / "here") == 3
    elsewhere = plan(tmp_path / "there", seeds=3)
    found = pool.divergences(elsewhere, tmp_path / "there" / "logs")
    assert found == {elsewhere[2].directory: why}
    assert not elsewhere[2].finished


def test_a_changed_trajectory_expires_its_method_alone(done, tmp_path, monkeypatch):
    keep(done, tmp_path / "here")
    both = dataclasses.replace(TABLE, rows=[ROW, dataclasses.replace(ROW, method="mdgan")])
    before = [run.key for run in plan(tmp_path, seeds=1, table=both)]
    tag = golden.tag
    monkeypatch.setattr(
        golden, "tag", lambda method, kind: "new" if method == "gan" else tag(method, kind)
    )
    after = [run.key for run in plan(tmp_path, seeds=1, table=both)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True]
    assert not any(run.finished for run in plan(tmp_path / "there"))


def test_a_result_of_a_former_trajectory_gives_way(tmp_path):
    kept = Store(tmp_path / "results")
    kept.keep("table", [record(0), record(1)])
    new = dataclasses.replace(record(0, 2.0, key="new"), identity={"golden": "b"})
    assert kept.keep("table", [new]) == 1
    assert kept.find("k", 0) is None and kept.find("k", 1) == record(1)
    assert kept.find("new", 0) == new


def test_another_measure_leaves_the_result_without_it(done, tmp_path, monkeypatch):
    keep(done, tmp_path / "here")
    column, other = TABLE.columns[0], Column("other", "other", 2)
    monkeypatch.setattr(words, "versions", lambda: {"score": 2})
    planned = plan(tmp_path / "there")
    assert all(run.finished for run in planned)  # Nothing is trained again for it.
    (outcome,) = results.collect(TABLE, planned, {})
    assert outcome.scores(column).numbers == []
    assert reproduction._expired(planned)[0].startswith("Left out is score of 2 runs:")
    fresh = dataclasses.replace(record(0), scores={"score": 1.0, "measures": {"score": 2}})
    assert fresh.current()["score"] == 1.0
    scores = {"score": 1.0, "other": 2.0, "real": {"score": 3.0, "other": 4.0}}
    some = dataclasses.replace(record(0), scores=scores).current()
    assert other.value(some) == 2.0 and some["real"] == {"other": 4.0}


@pytest.mark.parametrize("line", ["{", "[]", '{"key": "k"}', '{"unknown": 1}', "null"])
def test_a_broken_record_is_one_sentence(tmp_path, line):
    kept = Store(tmp_path)
    kept.keep("table", [record(0)])
    with (tmp_path / "table.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(RunError, match=r"table\.jsonl, line 2, is no record of a result: .+\."):
        Store(tmp_path).find("k", 0)


def _keep_one(folder, seed):
    points = {"samples": np.full((1, 2), seed)}
    Store(folder).keep("table", [record(seed)], {("k", seed): points})


def test_two_that_keep_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_keep_one, args=(tmp_path, seed)) for seed in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    kept = Store(tmp_path)
    assert [kept.find("k", seed) for seed in range(8)] == [record(seed) for seed in range(8)]
    assert all((kept.samples("k", seed)["samples"] == seed).all() for seed in range(8))


def test_pictures_are_small_and_the_same_to_look_at(tmp_path):
    shades = np.tile(np.linspace(0, 255, 28, dtype=np.uint8)[:, None, None], (100, 1, 28, 1))
    reporting.save_image_grid(shades, tmp_path / "step_000000001.png", (0, 255))
    whole = samples.of_directory(tmp_path)
    small = samples.small(whole)
    assert samples.pixels(small["picture"]).shape[0] <= 420
    means = [samples.pixels(arrays["picture"]).mean() for arrays in (whole, small)]
    assert means[1] == pytest.approx(means[0], rel=0.05)


def test_an_installed_package_keeps_nothing(tmp_path, monkeypatch):
    (store.ROOT / "setup.cfg").unlink()
    with pytest.raises(RunError, match=r"kept in a checkout.*leave out `keep`"):
        reproduction.reproduce(request(tmp_path, keep=True))
    assert list(tmp_path.glob("*.md")) == []


def test_quick_looks_are_not_kept(tmp_path):
    command = [sys.executable, "-m", "apps.bench", "--keep", "--bench=ring", "--steps=20"]
    done = subprocess.run(
        [*command, f"--output_dir={tmp_path}"], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "not quick looks. Received: --steps=20" in done.stderr
    assert not list(tmp_path.glob("*.md"))


def test_keep_writes_results_and_the_page_with_what_people_wrote(done, tmp_path, capsys, checkout):
    asked = request(tmp_path / "here", seeds=2, table=dataclasses.replace(TABLE, panels=False))
    assert reproduction.reproduce(asked)
    assert not (checkout / "results").exists()
    assert reproduction.reproduce(dataclasses.replace(asked, keep=True))
    assert "2 results were written" in capsys.readouterr().out
    page = checkout / "docs" / "results" / "tiny_table1.md"
    words = f"{documents.BEGIN}\n\nWords.\n\n{documents.END}"
    page.write_text(page.read_text() + f"Old.\n{words}\n")
    assert reproduction.reproduce(dataclasses.replace(asked, keep=True))
    assert words in page.read_text() and "Old." not in page.read_text()


def test_without_training_rows_that_are_missing_are_left_out(done, tmp_path, capsys):
    missing = dataclasses.replace(ROW, label="MD-GAN", method="mdgan")
    table = dataclasses.replace(TABLE, rows=[ROW, missing], panels=False)
    asked = request(tmp_path / "here", table=table, train=False)
    assert reproduction.reproduce(asked)
    assert "6 runs: 2 there, 4 to do; they are left out." in capsys.readouterr().out
    page = (tmp_path / "here" / "tiny_table1.md").read_text()
    assert "| GAN | ring | 2.00 ± 1.41 | 2 of 3 |" in page and "MD-GAN" not in page


def test_results_of_the_project_are_whole():
    """Those that this checkout carries: each is under its own key."""
    paths = sorted((ROOT / "results").glob("*.jsonl"))
    found = [Record.from_line(line) for path in paths for line in path.read_text().splitlines()]
    for kept in found:
        assert kept.key == key.digest(kept.identity)
        assert datetime.date.fromisoformat(kept.evaluated)
        assert kept.model["preset"] and kept.environment["git_revision"]
    assert len({(kept.key, kept.seed) for kept in found}) == len(found)
    runs = {f"{kept.key}-{kept.seed}" for kept in found}
    for path in (ROOT / "results" / "samples").glob("*.npz"):
        with np.load(path) as arrays:
            assert {name.partition(".")[0] for name in arrays} <= runs
