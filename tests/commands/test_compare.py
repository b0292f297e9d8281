"""`python -m apps.compare`: which runs it takes, and what it says of bad ones."""

import json
import subprocess
import sys

import pytest


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


@pytest.fixture
def said(commands, tmp_path):
    """Runs the command; returns its status and all that it says."""
    return lambda *flags: commands.run("apps.compare", *flags, log=tmp_path / "log")


def test_help(said):
    status, text = said("--help")
    assert status == 0
    assert "python -m apps.compare runs/mdgan-grid-seed0" in text
    assert "--runs:" in text and "--output:" in text
    assert "--seed:" not in text


def test_runs_by_name_and_by_pattern(runs, tmp_path, digests):
    before = digests(runs)
    page = tmp_path / "pages" / "ring.html"
    command = [sys.executable, "-m", "apps.compare", str(runs / "b0"), f"--runs={runs}/a*"]
    done = subprocess.run(
        [*command, f"--output={page}"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"Comparison: {page}\n"
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
def test_bad_runs_are_one_sentence(runs, said, tmp_path, arguments, status, sentence):
    page = tmp_path / "page.html"
    ended, text = said(*(a.format(runs=runs) for a in arguments), f"--output={page}")
    assert ended == status
    (line,) = text.splitlines()
    assert line.startswith("error: ") and sentence in line
    assert not page.exists()
