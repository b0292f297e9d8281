"""MGAN's figures: every panel is trained once, drawn, and has its row in the table."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from benchmarks import mgan_figures
from kgan import data


def test_the_settings_are_the_papers():
    """Appendix C.1: figure 6 has K = 1, 2, 3, 4, 10; figure 7 beta = 0 to 1 with 4 generators."""
    six, seven = mgan_figures.FIGURES[6].panels, mgan_figures.FIGURES[7].panels
    assert [p["generators"] for p in six] == [1, 2, 3, 4, 10]
    assert {p["diversity"] for p in six} == {0.125}
    assert [p["diversity"] for p in seven] == [0, 0.25, 0.5, 0.75, 1]
    assert {p["generators"] for p in seven} == {4}
    given = mgan_figures.parse(["--figure=7"])
    assert given.steps == 25_000
    assert str(given.output) == "docs/images/mgan_figure7.png"
    assert str(given.table) == "docs/results/mgan_figure7.md"


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Figure 6 of two panels after 250 steps: the folder of all."""
    folder = tmp_path_factory.mktemp("figures")
    arguments = ["--figure=6", "--steps=250", f"--runs={folder / 'runs'}"]
    arguments += [f"--output={folder / 'images' / 'six.png'}"]
    arguments += [f"--table={folder / 'results' / 'six.md'}"]
    panels = [{"generators": k, "diversity": 0.125} for k in (1, 2)]
    plate = dataclasses.replace(mgan_figures.FIGURES[6], panels=panels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(mgan_figures.FIGURES, 6, plate)
        mgan_figures.main(arguments)
    return folder


def test_a_short_figure(short):
    with Image.open(short / "images" / "six.png") as image:
        assert image.width > image.height > 300
        assert len(image.convert("RGBA").getcolors(1 << 16)) > 20
    lines = (short / "results" / "six.md").read_text().splitlines()
    assert "![MGAN by number of generators](../images/six.png)" in lines
    rows = [line for line in lines if line.startswith(("| K = ", "| real data"))]
    assert [row.split("|")[1].strip() for row in rows] == ["K = 1", "K = 2", "real data"]
    assert rows[-1].split("|")[2].strip() == "8"
    assert {p.name for p in (short / "runs").iterdir()} == {
        f"mgan-ring-k{k}-beta0.125-seed0" for k in (1, 2)
    }


def test_again_there_is_no_training(short):
    log = short / "runs" / "mgan-ring-k2-beta0.125-seed0" / "metrics.csv"
    before = log.read_text()
    arguments = {"generators": 2, "diversity": 0.125}
    panel = mgan_figures.train(arguments, short / "runs", steps=250, seed=0)
    assert log.read_text() == before
    modes = panel.scores["modes_covered"]
    row = next(
        line
        for line in (short / "results" / "six.md").read_text().splitlines()
        if line.startswith("| K = 2")
    )
    assert int(row.split("|")[2]) == modes


def test_points_outside_are_told(tmp_path):
    """Of four points one is outside of the picture."""
    samples = np.array([[0, 0], [2, 0], [0, -2], [5, 0]], "float32")
    (tmp_path / "samples").mkdir()
    np.savez(tmp_path / "samples" / "step_000000250.npz", samples=samples, generators=[0, 0, 1, 1])
    scores = {"modes_covered": 2, "modes_total": 8, "modes_strict": 2, "high_quality": 0.5}
    arguments = {"generators": 2, "diversity": 0.125}
    panel = mgan_figures.Panel(arguments, tmp_path, scores)
    mixture = data.load("ring", split="test").mixture
    real, _ = mixture.sample(100, seed=0)
    figure = mgan_figures.draw(mgan_figures.FIGURES[6], [panel], real, mixture)
    first = figure.axes[0]
    assert first.get_title(loc="left") == "K = 2"
    assert first.get_xlabel() == (
        "2 of 8 modes, 2 strictly · 50.0% in modes\n25.0% outside of the picture"
    )
