"""What is drawn of which run: points and images; MGAN's settings."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba

from kgan import reporting
from kgan.reporting.figures import style
from kgan.studies import catalog, panels
from kgan.studies.results import Outcome
from kgan.studies.runs import Run
from kgan.studies.table import Row


def test_the_settings_are_the_papers():
    """Appendix C.1: figure 6 has K = 1, 2, 3, 4, 10; figure 7 beta = 0 to 1 with 4 generators."""
    six, seven = (catalog.find("mgan", None, number).rows for number in (6, 7))
    assert [row.flags["generators"] for row in six] == [1, 2, 3, 4, 10]
    assert [row.flags["diversity"] for row in seven] == [0, 0.25, 0.5, 0.75, 1]
    assert {row.flags["generators"] for row in seven} == {4}
    for row in (*six, *seven):
        assert (row.method, row.dataset) == ("mgan", "ring")
        assert "steps" not in row.flags  # The preset's are table 3's.


@pytest.fixture
def outcome(tmp_path, finish):
    """Of seeds 1 and 2, the first without a result: four points, one outside of the picture."""
    row = Row("K = 2", "mgan", "ring", 4, 1.0)
    found = {}
    for seed in (2, 3):
        run = Run(row, seed, {}, Path(tmp_path / "run"))
        samples = np.full((4, 2), 9.0) if seed == 3 else [[0, 0], [2, 0], [0, -2], [5, 0]]
        (run.directory / "samples").mkdir(parents=True)
        for step in (250, 500):  # The last counts.
            np.savez(
                run.directory / "samples" / f"step_{step:09d}.npz",
                samples=np.float32(samples) * (step == 500),
                generators=[0, 0, 1, 1],
            )
        finish(run, {})
        found[seed] = run
    scores = {"modes_covered": 2, "modes_total": 8, "modes_strict": 1, "high_quality": 0.5}
    scores |= {"generators": 2, "samples": 10_000}
    runs = [Run(row, 1, {}, tmp_path / "run"), *found.values()]
    return Outcome(row, runs, {3: scores, 2: scores}, {}, {1: "It ended with signal KILL."})


def test_a_panel_is_the_last_snapshot_of_the_first_seed(outcome):
    figure = panels.draw("Two generators", [outcome])
    first = figure.axes[0]
    assert first.get_title(loc="left") == "K = 2"
    assert first.get_xlabel() == (
        "2 of 8 modes, 1 strictly · 50.0% in modes\n25.0% outside of the picture"
    )
    texts = [text.get_text() for text in figure.axes[1].texts]
    assert "generated, a colour for each generator" in texts
    assert any("10,000 samples" in text and "seed 2 of each" in text for text in texts)
    drawn = np.concatenate([np.asarray(c.get_offsets()) for c in first.collections])
    for point in ([0, 0], [2, 0], [0, -2], [5, 0]):
        assert (drawn == point).all(axis=1).any()


def test_what_a_plane_does_not_show_is_told_by_colours(outcome):
    """Of samples of many dimensions those near no mode are strays, wherever the plane has them."""
    place = outcome.runs[1].directory / "samples" / "step_000000500.npz"
    with np.load(place) as arrays:
        np.savez(place, **arrays, near=[False, True, True, False])
    figure = panels.draw("In many dimensions", [outcome])
    coloured = {
        tuple(point): tuple(np.round(colour, 2)[:3])
        for drawn in figure.axes[0].collections
        if isinstance(drawn, PathCollection)
        for point, colour in zip(
            np.asarray(drawn.get_offsets()),
            np.resize(drawn.get_facecolors(), (len(drawn.get_offsets()), 4)),
            strict=True,
        )
    }
    stray = tuple(np.round(to_rgba(style.STRAY), 2)[:3])
    strays = {point for point, colour in coloured.items() if colour == stray}
    assert strays == {(0, 0), (5, 0)}
    assert {(2, 0), (0, -2)} < set(coloured)
    texts = [text.get_text() for text in figure.axes[1].texts]
    assert "generated, near no mode" in texts
    assert any("near it in all\ndimensions" in text for text in texts)
    assert not any("circle" in text for text in texts)


def test_rows_without_a_result_have_no_panel(outcome):
    nothing = Outcome(outcome.row, [], {}, {}, {0: "It failed."})
    figure = panels.draw("Two generators", [nothing, outcome, nothing])
    titled = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert len(titled) == 1


def test_one_generator_has_one_colour(outcome):
    scores = {k: v for k, v in outcome.evaluations[2].items() if k != "generators"}
    single = Outcome(outcome.row, outcome.runs, {2: scores}, {}, {})
    run = next(run for run in outcome.runs if run.seed == 2)
    with np.load(run.directory / "samples" / "step_000000500.npz") as arrays:
        samples = arrays["samples"]
    np.savez(run.directory / "samples" / "step_000000500.npz", samples=samples)
    figure = panels.draw("One generator", [single])
    assert "generated" in [text.get_text() for text in figure.axes[1].texts]


def test_many_rows_make_more_columns(outcome):
    figures = [panels.draw("Many", [outcome] * count) for count in (1, 5, 7, 21)]
    shapes = [figure.axes[0].get_gridspec().get_geometry() for figure in figures]
    assert shapes == [(1, 3), (2, 3), (2, 4), (5, 5)]


@pytest.fixture
def clothes(tmp_path, finish):
    """Of seed 0: a black picture, and later a white one."""
    row = Row("GAN", "gan", "fashion_mnist", 4, 1.0)
    run = Run(row, 0, {}, tmp_path / "run")
    (run.directory / "samples").mkdir(parents=True)
    for step, grey in ((250, 0), (500, 255)):
        reporting.save_image_grid(
            np.full((4, 8, 8, 1), grey, np.uint8),
            run.directory / "samples" / f"step_{step:09d}.png",
            (0, 255),
        )
    finish(run, {})
    scores = {"classes_covered": 9, "class_histogram": [1] * 10, "frechet_distance": 27.618}
    return Outcome(row, [run], {0: scores | {"samples": 4}}, {}, {})


def test_of_images_the_last_picture_is_shown(clothes):
    figure = panels.draw("Clothes", [clothes])
    panel, key = figure.axes[:2]
    assert panel.get_xlabel() == "9 of 10 classes · Fréchet distance 27.62"
    assert np.asarray(panel.images[0].get_array()).max() == 255  # White, of the last step.
    assert "seed 0 of each" in key.texts[0].get_text()
    scores = {"modes_covered": 812, "modes_total": 1000, "frechet_distance": 1.0, "samples": 4}
    stacked = panels.draw("Stacked", [dataclasses.replace(clothes, evaluations={0: scores})])
    assert stacked.axes[0].get_xlabel().startswith("812 of 1,000 modes")


def test_points_beside_images(outcome, clothes):
    """Titles say what each is of, and the key explains the points."""
    figure = panels.draw("Both", [clothes, outcome])
    titles = [axes.get_title(loc="left") for axes in figure.axes[:2]]
    assert titles == ["GAN on fashion_mnist", "K = 2 on ring"]
    texts = [text.get_text() for text in figure.axes[2].texts]
    assert "3 standard deviations of a mode" in texts
