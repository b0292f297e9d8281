"""A measure of a user's own is in all that shows scores, without an edit anywhere."""

import json
import re

import numpy as np
import pytest
from page_reading import Page

from kgan import metrics
from kgan.commands import terminal
from kgan.commands.evaluations import results
from kgan.metrics import measures, words
from kgan.reporting import write_comparison, write_report
from kgan.studies.table import column


@pytest.fixture
def farthest():
    """As the docstring of `kgan.metrics` has it."""

    def measured(trial):
        return {"farthest": float(np.abs(trial.made.features).max())}

    score = metrics.Score("farthest", "Farthest coordinate (of all)", better="real")
    metrics.add_measure(metrics.Measure("farthest", (score,), measured), points=True)
    yield score
    del words.SCORES["farthest"], measures.POINT_MEASURES["farthest"]


def sample(count, seed):
    return np.random.default_rng(seed).uniform(-3, 3, (count, 2)).astype("float32")


def test_it_is_everywhere(farthest, point_run, sibling):
    evaluator = metrics.Evaluator("ring", samples=100)
    found = [evaluator.scores(sample, seed) for seed in range(2)]
    assert 2.1 < found[0]["real"]["farthest"] < 2.8 < found[0]["farthest"] < 3
    (line,) = (line for line in terminal.told(found[0]).splitlines() if "Farthest" in line)
    assert re.match(r" Farthest coordinate \(of all\) +2\.9\d? +2\.\d+ +as real data$", line)
    assert "Farthest coordinate (of all)" in results.table(found)
    assert column("farthest").label == "Farthest coordinate"
    told = {"farthest": 2.99, "real": {"farthest": 2.5}}
    runs = [sibling(point_run, f"own{n}", {"seed": n}, told) for n in range(2)]
    runs.append(sibling(point_run, "other", {}, {**told, "farthest": 4.0}, method="gan"))
    report, page = write_report(runs[0]), write_comparison(runs, point_run / "page.html")
    for path, shown in ((report, "2.99 2.5"), (page, "2.5 ± 0 2.99 ± 0 4")):
        text = Page(path.read_text(encoding="utf-8")).text
        assert f"Farthest coordinate (of all) nearest to real data is best {shown}" in text


def test_without_it_the_key_is_shown(point_run, sibling):
    run = sibling(point_run, "own", {}, {"farthest": 2.99})
    assert "Farthest 2.99" in Page(write_report(run).read_text(encoding="utf-8")).text
    told = json.loads((run / "evaluation.json").read_text())
    assert re.search(r"^ Farthest +2\.99$", terminal.told(told), re.MULTILINE)
