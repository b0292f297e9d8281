"""What a person sees of a run: the first line at once, a table, a sentence, and what comes next."""

import json
import re
import subprocess
import sys

import pytest

from kgan.commands import terminal
from kgan.metrics.judgement import judgement

REAL = {"samples": 100, "modes_covered": 8, "high_quality": 0.989, "recall": 0.6}
TOLD = {
    "method": "mdgan",
    "samples": 100,
    "seed": 0,
    "modes_total": 8,
    "modes_covered": 7,
    "high_quality": 0.5,
    "mode_spread": 0.42,
    "own": 0.12345,
    "precision": None,
    "mode_counts": [30, 1, 19, 0],
    "balance_chi_square": 40.0,
    "real": REAL,
}


def test_a_table_and_a_sentence():
    lines = [" ".join(line.split()) for line in terminal.told(TOLD).splitlines()]
    assert [line for line in lines if any(c.isalnum() for c in line)] == [
        "score samples real data best",
        "Precision (3 neighbours) \N{EN DASH} as real data",
        "Modes covered 7 of 8 8 of 8 higher",
        "High quality (within 3 std of a mode) 50.0% 98.9% as real data",
        "Spread within modes or classes (std over the data's) 0.42 as real data",
        "Imbalance of the modes or classes (chi-square) 40 lower",
        "Own 0.123",
        "7 of 8 modes, 1 lost, unevenly (from 0 to 30 samples); tighter than the data (0.42 of "
        "their spread); 50% of the samples near no mode (real data: 1%).",
    ]
    assert "\N{ESCAPE}[" in terminal.told(TOLD, coloured=True)
    assert "\N{ESCAPE}[" not in terminal.told(TOLD)


@pytest.mark.parametrize(
    ("evaluation", "sentence"),
    [
        ({}, ""),
        ({"modes_total": 25, "modes_covered": 25}, "25 of 25 modes."),
        (
            {"classes_covered": 3, "class_histogram": [5, 5, 6], "balance_chi_square": 0.1},
            "3 of 3 classes, evenly.",
        ),
        (
            {"classes_covered": 2, "class_histogram": [5, 0, 6], "recall": 0.2, "real": REAL},
            "2 of 3 classes, 1 lost; less varied than the data (recall 0.20, real data 0.60).",
        ),
        ({"mode_spread": 1.5}, "wider than the data (1.50 of their spread)."),
    ],
)
def test_what_scores_come_to(evaluation, sentence):
    assert judgement(evaluation) == sentence


def test_the_first_line_comes_before_tensorflow_and_json_is_alone_on_standard_output(tmp_path):
    flags = ["--steps=250", "--batch_size=32", "--samples=200", "--noexport", "--json"]
    command = [sys.executable, "-m", "apps.mdgan", "--dataset=ring", *flags]
    command.append(f"--output_dir={tmp_path / 'run'}")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        first = process.stderr.readline()
        out, rest = process.communicate()
    place = tmp_path / "run"
    assert first == f"MD-GAN on ring: 250 steps, seed 0; all of it goes to {place}\n"
    assert json.loads(out) == json.loads((place / "evaluation.json").read_text())
    assert re.search(r"^\d of 8 modes", rest, re.MULTILINE)
    assert f"Report: {place / 'report.html'}" in rest
    assert f"kgan evaluate --run={place}" in rest
    done = subprocess.run([*command[:-2], command[-1], "--quiet"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
