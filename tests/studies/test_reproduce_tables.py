"""The parts of a reproduced table: which runs it takes, and how its numbers are put together."""

import dataclasses
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kgan import data, metrics
from kgan.errors import InputError
from kgan.runs import places
from kgan.studies import bench, catalog, documents, pool, rendering, results, runs
from kgan.studies.table import Column, Row, Table
from kgan.studies.table import column as table_column

NOTHING = "\N{EN DASH}"
COLUMN = Column("score", "score", decimals=2)
ROW = Row("GAN", "gan", "ring", samples=100, minutes=1.0)
TABLE = Table(
    paper="tiny",
    kind="table",
    number=1,
    title="Tiny",
    columns=[COLUMN],
    rows=[ROW],
    differences=[],
    spreads={"std": {"ring": {"mode_std": 0.1}}, "variance": {"ring": {"mode_variance": 0.1}}},
)


def plan(table=TABLE, folder="runs", **options):
    options = {"seeds": 2, "spread": "std", "changes": {}, **options}
    return runs.plan(table, output_dir=Path(folder), **options)


def stems(*args, **options):
    return {run.stem for run in plan(*args, **options)}


def test_what_bears_on_a_result_makes_another_directory():
    own = stems()
    assert len(own) == 1
    others = [
        stems(spread="variance"),
        stems(changes={"steps": 5}),
        stems(changes={"samples": 5}),
        stems(dataclasses.replace(TABLE, rows=[dataclasses.replace(ROW, flags={"loss": "x"})])),
        stems(
            dataclasses.replace(TABLE, rows=[dataclasses.replace(ROW, flags={"method": "wgan"})])
        ),
        stems(dataclasses.replace(TABLE, rows=[dataclasses.replace(ROW, method="mdgan")])),
        stems(dataclasses.replace(TABLE, rows=[dataclasses.replace(ROW, dataset="grid")])),
    ]
    assert len(set.union(own, *others)) == 1 + len(others)
    # Words and published values do not bear on it.
    told = dataclasses.replace(ROW, label="Other", published={"score": "1"}, minutes=9.0)
    assert stems(dataclasses.replace(TABLE, rows=[told], title="Other")) == own
    # Nor does saying what holds anyhow.
    said = dataclasses.replace(ROW, flags={"batch_size": 256, "fresh_noise": True})
    keys = [{run.key for run in plan(dataclasses.replace(TABLE, rows=[r]))} for r in (ROW, said)]
    assert keys[0] == keys[1]


def test_a_row_may_have_flags_for_one_reading_of_the_spread_alone():
    row = dataclasses.replace(ROW, flags={"p": 1}, spread_flags={"std": {"p": 3, "steps": 9}})
    table = dataclasses.replace(TABLE, rows=[row])
    found = {s: plan(table, spread=s)[0].flags for s in ("std", "variance")}
    assert {s: (f["p"], f.get("steps")) for s, f in found.items()} == {
        "std": (3, 9),
        "variance": (1, None),
    }
    assert plan(table, spread="std", changes={"steps": 5})[0].flags["steps"] == 5


def test_the_flags_of_a_run():
    changed = plan(changes={"samples": 7}, spread="variance")
    assert [run.seed for run in changed] == [0, 1]
    assert changed[1].arguments == [
        "gan",
        "--dataset=ring",
        "--mode_variance=0.1",
        "--samples=7",
        "--export=false",
        "--seed=1",
        f"--output_dir={changed[1].stem}-seed1",
    ]


def test_one_thread_for_each_job_of_all_cores(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(pool, "usable_cores", lambda: 4)
    assert pool._environment(4)["TF_NUM_INTRAOP_THREADS"] == "1"
    assert pool._environment(2)["OMP_NUM_THREADS"] == "2"
    assert pool._environment(9)["OMP_NUM_THREADS"] == "1"
    assert "OMP_NUM_THREADS" not in pool._environment(1)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert pool._environment(4)["OMP_NUM_THREADS"] == "3"  # The user's own.


@pytest.mark.parametrize(
    ("dataset", "own", "expected"),
    [("fashion_mnist", None, "1"), ("fashion_mnist", "0", "0"), ("ring", None, None)],
)
def test_images_run_with_onednn_unless_the_user_decides(
    dataset, own, expected, tmp_path, monkeypatch
):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if own is not None:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", own)
    (run,) = plan(folder=tmp_path, seeds=1)
    run = dataclasses.replace(run, row=dataclasses.replace(run.row, dataset=dataset))
    writes = "import json, os, pathlib, sys; "
    writes += "pathlib.Path(sys.argv[1]).write_text(json.dumps(dict(os.environ)))"
    file = tmp_path / "environment.json"
    monkeypatch.setattr(pool, "_command", lambda run: [sys.executable, "-c", writes, str(file)])
    pool.execute([run], jobs=1, logs=tmp_path / "logs", report=lambda *ended: None)
    assert json.loads(file.read_text()).get("TF_ENABLE_ONEDNN_OPTS") == expected


def test_a_run_that_became_another_is_no_result(tmp_path, monkeypatch):
    """Someone changed a preset or a method while the table was computed."""
    (run, _) = plan(folder=tmp_path)
    config = {"key": "another", "flags": {"seed": 0}}
    writes = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.mkdir(); "
    writes += f"(p / 'config.json').write_text({json.dumps(config)!r}); "
    writes += "(p / 'evaluation.json').write_text('{}')"
    monkeypatch.setattr(
        pool, "_command", lambda run: [sys.executable, "-c", writes, str(run.directory)]
    )
    failures = pool.execute([run], jobs=1, logs=tmp_path, report=lambda *ended: None)
    assert failures == {run.directory: pool.CHANGED}


def test_what_is_no_number_is_a_divergence_in_losses_and_samples():
    for why in ("generator became nan at step 3.", "critic became -inf at step 1."):
        assert pool.diverged(why)
    with pytest.raises(InputError) as told:
        metrics.evaluate(lambda n, seed: np.full((n, 2), np.nan), data.load("ring"), samples=2)
    assert pool.diverged(str(told.value))
    assert pool.diverged("Examples must be finite. Received: 3 of 100 are not")
    assert not pool.diverged("No space left on device.")


def test_a_divergence_is_kept_and_other_failures_are_not(tmp_path, monkeypatch, finish):
    planned, logs = plan(folder=tmp_path, seeds=3), tmp_path / "logs"
    told = ["generator became nan at step 3.", "No space left on device."]
    works = "print('It does nothing.')"
    codes = [f"print('error: {why}'); raise SystemExit(1)" for why in told] + [works]
    monkeypatch.setattr(
        pool,
        "_command",
        lambda run: [sys.executable, "-c", codes[run.seed], str(run.directory)],
    )
    begin = pool._start

    def started(run, *rest):
        if codes[run.seed] == works:
            finish(run, {})
        return begin(run, *rest)

    monkeypatch.setattr(pool, "_start", started)
    failed = pool.execute(planned, jobs=1, logs=logs, report=lambda *ended: None)
    assert failed == {planned[0].directory: told[0], planned[1].directory: told[1]}
    assert pool.divergences(planned, logs) == {planned[0].directory: told[0]}
    codes[0] = works  # Once its files are deleted, it may run again.
    assert pool.execute(planned[:1], jobs=1, logs=logs, report=lambda *ended: None) == {}
    assert pool.divergences(planned, logs) == {}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, 2.0, 3.0], "2.00 ± 1.00"),
        ([1.5], "1.50"),
        ([1.0, math.nan, 3.0], "2.00 ± 1.41 (of 2 seeds)"),
        ([1.0, None], "1.00 (of 1 seed)"),
        ([math.inf], NOTHING),
        ([], NOTHING),
    ],
)
def test_mean_and_std(values, text):
    scores = results._scores(COLUMN, [{"score": value} for value in values])
    assert scores.text(COLUMN.decimals) == text


def test_runs_on_different_machines_are_told(tmp_path, finish):
    """And a seed without a result makes a smaller count, not another mean."""
    planned = plan(folder=tmp_path, seeds=3)
    for run in planned[:2]:
        scores = {"seed": run.seed, "steps": 10, "samples": 100, "score": float(run.seed)}
        scores |= {"real": {"score": 5.0}, "wall_seconds": 100.0 + 100 * run.seed}
        finish(run, scores, conditions={"processor": f"processor {run.seed}"})
    outcomes = results.collect(TABLE, planned, {planned[2].directory: "no | memory"})
    page = rendering.page(TABLE, outcomes, notices=["First."], about=["Last."])
    (grid,) = page.grids
    assert page.about_grids == "Measured"  # Nothing is published of it.
    assert grid.body == [
        ["GAN", "ring", "0.50 ± 0.71", "2 of 3", "100", "10", "2.5 min"],
        ["real data", "ring", "5.00 ± 0.00", "2", "100", NOTHING, NOTHING],
    ]
    assert page.notices == ["First.", "GAN on ring, seed 2, failed: no | memory"]
    (silent,) = page.differences  # Nothing else is known of the GAN on points.
    assert silent.startswith("Where papers and their code are silent, values are ours")
    same, differ, *_ = page.about
    assert same.startswith("Runs of 2026-01-02: machine a machine, threads not recorded")
    assert "revision abc, kgan 1" in same
    assert differ == (
        "The runs differ in processor: processor 0 (GAN on ring); processor 1 (the others)"
    )
    assert page.about[-1] == "Last."
    assert "for seed in 0 1 2; do python -m apps.gan" in rendering.markdown(page)


def test_what_is_typed_where_kgan_is_installed(tmp_path, monkeypatch):
    assert places.typed("bench", "--bench=ring") == "python -m apps.bench --bench=ring"
    monkeypatch.setattr(places, "ROOT", tmp_path)
    assert places.typed("bench", "--bench=ring") == "kgan bench --bench=ring"


def outcome(evaluations, failures=None):
    """Of runs that need no files."""
    return results.Outcome(ROW, [], dict(enumerate(evaluations)), {}, failures or {})


def test_scores_in_the_features_of_two_networks_are_told_of():
    seeds = [{"score": 1.0, "feature_network": name} for name in ("clothes-93", "clothes-91")]
    page = rendering.page(TABLE, [outcome(seeds)], notices=[], about=[])
    (notice,) = page.notices
    assert "of 2 feature networks, clothes-93 and clothes-91" in notice
    assert rendering.page(TABLE, [outcome(seeds[:1])], notices=[], about=[]).notices == []


def test_rows_are_held_against_the_first_of_their_data_seed_by_seed():
    scores = [{"high_quality": value} for value in (0.5, 0.6, 0.7)]
    better = [{"high_quality": value + 0.1} for value in (0.5, 0.6, 0.7)]
    table = dataclasses.replace(TABLE, columns=[table_column("high_quality")])
    outcomes = [outcome(found) for found in (scores, better)]
    shown = rendering.page(table, outcomes, notices=[], about=[])
    (body,) = shown.grids[1].body
    assert body[3] == "+10 (10 to 10); 3 seeds; 2 needed"
    alone = rendering.page(table, [outcomes[0], outcome(better[:1])], notices=[], about=[])
    assert len(alone.grids) == 1


def test_what_a_divergence_counts_as_is_shown_where_no_seed_has_a_result():
    """The share of failed seeds is 100%, not unknown."""
    counts = Column("failed", "failed seeds, %", 0, percent=True, failed=1.0)
    table = dataclasses.replace(TABLE, columns=[COLUMN, counts])
    diverged = outcome([], failures={0: "generator became nan at step 3.", 1: "x became inf"})
    rows = [outcome([{"score": 1.0, "failed": 0.0}]), diverged]
    (grid,) = rendering.page(table, rows, notices=[], about=[]).grids
    assert [line[2:4] for line in grid.body[:2]] == [["1.00", "0"], ["failed", "100 ± 0"]]


def test_what_was_cut_off_is_no_result(tmp_path, finish):
    """Neither an evaluation that cannot be read, nor a note of a divergence without words."""
    (run,) = plan(folder=tmp_path, seeds=1)
    finish(run, {})
    for broken in ("", "{", "[1]"):
        (run.directory / "evaluation.json").write_text(broken)
        assert not run.finished
    (run.directory / "evaluation.json").write_text("{}")
    assert run.finished
    (run.directory / "evaluation.json").unlink()
    pool._note(run, tmp_path).write_text("")
    assert pool.divergences([run], tmp_path) == {}


def test_a_page_escapes_what_it_shows():
    line = ["<b>", "ring", "1 | 2", "5", "100", "10", "1 s"]
    grid = rendering.Grid(list("abcdefg"), [line])
    page = rendering.Page("<Tiny>", [], "Measured", [grid], "About", ["&"], [("a", "b < c")], [])
    html = rendering.html(page)
    assert "<b>" not in html
    assert "b &lt; c" in html
    assert "1 \\| 2" in rendering.markdown(page)


PARSE = """
import json, sys
from absl import flags
from kgan.commands import train, training
from kgan.runs import key
shared = set(flags.FLAGS)
for command, rows in json.load(sys.stdin).items():
    training.define(command)
    for arguments, expected in rows:
        for name in flags.FLAGS:
            flags.FLAGS[name].unparse()
        assert flags.FLAGS(["command", *arguments]) == ["command"], arguments
        found = key.digest(key.identity(train.Config(**training.configuration(command))))
        assert found == expected, arguments
    for name in set(flags.FLAGS) - shared:
        delattr(flags.FLAGS, name)
"""


def planned_rows():
    """Runs of seed 0 of every table, with each reading of its spread."""
    for table in [*catalog.TABLES, *bench.BENCHES.values()]:
        for spread in table.spreads or [None]:
            yield from plan(table, seeds=1, spread=spread)


def commands():
    """By application, the flags of every row of every table with each reading of the spread."""
    found = {}
    for run in planned_rows():
        application, *arguments = run.arguments
        found.setdefault(application, []).append((arguments, run.key))
    return found


def test_the_applications_take_the_flags_and_compute_what_was_planned():
    done = subprocess.run(
        [sys.executable, "-c", PARSE], input=json.dumps(commands()), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_published_values_belong_to_columns():
    for table in catalog.TABLES:
        keys = {column.key for column in table.columns}
        for row in table.rows:
            assert row.published.keys() <= keys
        assert set(table.drawn) <= keys


def test_some_of_the_data_sets():
    table = catalog.find("maemgan", 1, None)
    some = catalog.on_data(table, ["grid", "ring"])
    assert some.part == "ring+grid"
    assert some.rows == tuple(row for row in table.rows if row.dataset != "fashion_mnist")
    assert catalog.on_data(table, None) is table
    assert catalog.on_data(table, ["fashion_mnist", "ring", "grid"]) is table


def test_files_of_others_are_left_as_they_are(tmp_path):
    documents.check_place(tmp_path, "mdgan_table1")
    (tmp_path / "mdgan_table1.png").write_text("mine")
    with pytest.raises(InputError, match=r"png is there without a page of kgan's.*`output_dir`"):
        documents.check_place(tmp_path, "mdgan_table1")
    (tmp_path / "mdgan_table1.md").write_text("# Table\n\n## Made with\n")
    documents.check_place(tmp_path, "mdgan_table1")
    (tmp_path / "mdgan_table1.md").write_text("# My notes\n")
    with pytest.raises(InputError, match=r"mdgan_table1\.md is there and is no page of kgan's"):
        documents.check_place(tmp_path, "mdgan_table1")
