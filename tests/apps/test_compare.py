"""`python -m apps.compare`: which runs it takes, and what it says of bad ones."""

import json
import subprocess
import sys

import pytest


def compare(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "apps.compare", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def runs(tmp_path):
    for name, method, dataset, seed in (
        ("a0", "gan", "ring", 0),
        ("a1", "gan", "ring", 1),
        ("b0", "mdgan", "ring", 0),
        ("other", "gan", "grid", 0),
    ):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        config = {"method": method, "dataset": dataset, "flags": {"seed": seed}}
        (folder / "config.json").write_text(json.dumps(config))
    (tmp_path / "runs" / "all.log").touch()
    return tmp_path / "runs"


def test_help():
    status, text, said = compare("--help")
    assert (status, said) == (0, "")
    assert "python -m apps.compare runs/mdgan-grid-seed0" in text
    assert "--runs:" in text and "--output:" in text
    assert "--seed:" not in text


def test_runs_by_name_and_by_pattern(runs, tmp_path, digests):
    before = digests(runs)
    page = tmp_path / "pages" / "ring.html"
    arguments = (str(runs / "b0"), f"--runs={runs}/a*", f"--output={page}")
    status, _, said = compare(*arguments)
    assert status == 0, said
    assert said == f"Comparison: {page}\n"
    assert "3 runs of 2 configurations" in page.read_text()
    assert digests(runs) == before


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["{runs}/a0", "{runs}/absent"], 1, "absent"),
        (["{runs}/a0"], 2, "A comparison needs at least two run directories."),
        ([], 2, "Received: none"),
        (["{runs}/a0", "{runs}/other"], 2, "Runs can only be compared on the same data."),
        (["--runs={runs}/none*"], 1, "No run directory fits --runs."),
        (["--runs={runs}/all*"], 1, "which fits 1 other"),
        (["--seed=1", "{runs}/a0", "{runs}/a1"], 2, "Unknown command line flag 'seed'"),
    ],
)
def test_bad_runs_are_one_sentence(runs, tmp_path, arguments, status, sentence):
    page = tmp_path / "page.html"
    found = compare(*(a.format(runs=runs) for a in arguments), f"--output={page}")
    assert found[0] == status
    (line,) = found[2].splitlines()
    assert line.startswith("error: ") and sentence in line
    assert not page.exists()
