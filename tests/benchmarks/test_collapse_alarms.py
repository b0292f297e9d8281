"""What the watch said of runs, beside how they ended."""

import csv
import json
import sys

import pytest

from benchmarks import collapse_alarms


def finished(root, name, modes, strict, **config):
    """A run of ten measurements of three modes, given as a word for each: `xx.` and the like."""
    run = root / name
    run.mkdir()
    (run / "config.json").write_text(json.dumps({"method": "gan", "dataset": "ring", **config}))
    with (run / "metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "modes", "since_modes_lost"])
        writer.writerows([100 * i, word, 0] for i, word in enumerate(modes, 1))
    covered = modes[-1].count("x")
    evaluation = {"modes_total": 3, "modes_covered": covered, "modes_strict": strict}
    (run / "evaluation.json").write_text(json.dumps(evaluation))
    return run


@pytest.fixture
def runs(tmp_path):
    kept = ["xxx"] * 10
    lost = ["xxx"] * 5 + ["xx."] * 5
    found_again = ["xxx"] * 3 + ["xx."] * 4 + ["xxx"] * 3
    for name, modes, strict in (
        ("kept", kept, 3),
        ("thin", kept, 2),
        ("lost", lost, 2),
        ("again", found_again, 3),
    ):
        finished(tmp_path, name, modes, strict)
    finished(tmp_path, "other", kept, 3, method="wgan")
    return tmp_path


def printed(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["collapse_alarms", *map(str, arguments)])
    collapse_alarms.main()
    return capsys.readouterr().out.splitlines()


def test_events_by_method_and_endings_by_what_was_said(runs, monkeypatch, capsys):
    lines = printed(monkeypatch, capsys, *sorted(runs.iterdir()), "--events")
    assert lines[0] == "| method | data | runs | modes_lost | without a warning |"
    assert lines[2:4] == ["| gan | ring | 4 | 2 | 2 |", "| wgan | ring | 1 |  | 1 |"]
    assert lines[7:10] == [
        "| all modes, each with 1% of the samples or more | 3 | 0 | 1 | 2 |",
        "| all modes, some with less | 1 | 0 | 0 | 1 |",
        "| modes lost | 1 | 1 | 0 | 0 |",
    ]
    assert [line.partition(":")[0] for line in lines[10:]] == ["again", "lost"]
    assert "since step 600 (noticed at step 800)" in lines[-1]


def test_no_run_is_one_sentence(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit) as stopped:
        printed(monkeypatch, capsys, tmp_path)
    assert stopped.value.code == 2
    assert "none of these has a metrics.csv" in capsys.readouterr().err


def test_rare_modes_are_other_data(tmp_path):
    for name, flags in (("even", {}), ("rare", {"smallest_weight": 0.01})):
        (tmp_path / name).mkdir()
        config = {"method": "gan", "dataset": "ring", "flags": flags}
        (tmp_path / name / "config.json").write_text(json.dumps(config))
    text = collapse_alarms.by_method({path: [] for path in sorted(tmp_path.iterdir())})
    assert "| gan | ring | 1 |" in text
    assert "| gan | ring, rarest 0.01 | 1 |" in text
