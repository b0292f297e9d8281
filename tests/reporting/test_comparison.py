"""The page that holds runs against each other."""

import re

import numpy as np
import pytest
from page_reading import Page, pixels

from kgan.errors import InputError, RunError
from kgan.reporting import tile_images, write_comparison
from kgan.reporting.figures.comparison_curves import quantity_figure
from kgan.reporting.groups import read_groups
from kgan.reporting.sections.scores import NOTHING


def compare(runs, path) -> Page:
    text = write_comparison(runs, path).read_text(encoding="utf-8")
    assert not re.search(r"https?:", text.replace("http://www.w3.org/", ""))
    page = Page(text)
    for address in page.addresses + re.findall(r"url\(([^)]*)\)", text):
        assert address.strip("\"'").startswith(("data:", "#")), address
    assert len(page.ids) == len(set(page.ids)), "ids of the figures collide"
    return page


@pytest.fixture
def point_runs(point_run, sibling):
    scores = {"high_quality": 0.2, "modes_covered": 1}
    return [
        point_run,
        sibling(point_run, "again", {"seed": 8}, {"high_quality": 0.913}),
        *(sibling(point_run, f"gan{n}", {"seed": n}, scores, method="gan") for n in (0, 1)),
    ]


def test_points(point_runs, tmp_path):
    page = compare(point_runs, tmp_path / "new" / "page.html")
    for wanted in (
        *(
            "Comparison on grid",
            "4 runs of 2 configurations",
            "MD-GAN seeds 7, 8",
            "GAN seeds 0, 1",
        ),
        *("Real data 200 of the training data", "91.25%", "± 0.07", "± 0", "all 4 modes"),
        *("seed 7, step 400", "Marked : better than every other", "In nothing but the method."),
        *("python -m apps.mdgan --dataset=grid --seed=7", str(point_runs[2])),
        *("3 of 4 modes, 1 lost", "1 of 4 modes, 3 lost"),
    ):
        assert wanted in page.text, wanted
    curves = ["Modes covered", "High quality", "Generator loss"]
    assert set(curves) <= set(page.labels)
    samples = [image["alt"] for image in page.images]
    assert samples == ["Samples: MD-GAN", "Samples of seed 8", "Samples: GAN", "Samples of seed 1"]


def test_images_have_the_real_ones_first(image_run, sibling, tmp_path):
    other = sibling(image_run, "gan", {"components": None}, method="gan")
    page = compare([image_run, other], tmp_path / "page.html")
    assert [image["alt"] for image in page.images] == [
        *("Samples: Real data", "Samples: MD-GAN", "Samples: GAN")
    ]
    with np.load(image_run / "samples" / "step_000000400.npz") as file:
        np.testing.assert_array_equal(pixels(page.images[1]), tile_images(file["samples"]))
    assert "With one seed each the noise is unknown" in page.text
    assert f"components 8 {NOTHING}" in page.text


def test_seeds_of_one_configuration(point_runs, tmp_path):
    page = compare(point_runs[:2], tmp_path / "page.html")
    assert "2 runs of 1 configuration" in page.text
    assert "In nothing but the seed." in page.text
    assert "better than" not in page.text


def test_one_row_of_metrics_is_a_dot(point_runs):
    for run in point_runs:
        lines = (run / "metrics.csv").read_text().splitlines()
        (run / "metrics.csv").write_text("\n".join(lines[:2]) + "\n")
    figure = quantity_figure(read_groups(point_runs), "generator_loss", ["#111111", "#222222"])
    assert [line.get_marker() for line in figure.axes[0].lines] == ["o", "o"]


def test_seeds_of_different_code_are_told(point_run, sibling, tmp_path):
    """Their mean is of two methods, perhaps."""
    other = sibling(point_run, "other", {"seed": 8}, git_revision="feed")
    third = sibling(point_run, "third", {"seed": 9}, versions={"keras": "9"})
    page = compare([point_run, other], tmp_path / "page.html")
    assert "its 2 runs are of 2 different revisions of the code." in page.text
    assert "versions of the libraries" not in page.text
    page = compare([point_run, third], tmp_path / "page.html")
    assert "its 2 runs are of 2 different versions of the libraries." in page.text


def test_what_is_missing_is_told(point_runs, tmp_path):
    (point_runs[2] / "evaluation.json").unlink()
    (point_runs[3] / "metrics.csv").unlink()
    for path in [*point_runs[1].glob("samples/*"), *point_runs[2].glob("samples/*")]:
        path.unlink()
    page = compare(point_runs, tmp_path / "page.html")
    assert f"GAN, seed 0: no scores yet ({point_runs[2]})." in page.text
    assert "seed 1, step 400" in page.text
    assert "1 of 2 runs" in page.text
    for run in point_runs:
        for path in [*run.glob("samples/*"), run / "evaluation.json", run / "metrics.csv"]:
            path.unlink(missing_ok=True)
    page = compare(point_runs, tmp_path / "page.html")
    assert "no samples yet" in page.text
    assert "Scores" not in page.text


def test_columns_that_one_method_has_are_named(point_runs, tmp_path):
    path = point_runs[0] / "metrics.csv"
    path.write_text(path.read_text().replace("discriminator_loss", "embedding_norm", 1))
    (point_runs[1] / "metrics.csv").write_text(path.read_text())
    page = compare(point_runs, tmp_path / "page.html")
    assert "Only one configuration has: discriminator loss, embedding norm." in page.text


def test_many_groups_and_odd_numbers(point_run, sibling, tmp_path):
    runs = [point_run]
    for n in range(1, 9):
        run = sibling(point_run, f"run{n}", {"components": n})
        text = (run / "metrics.csv").read_text()
        (run / "metrics.csv").write_text(
            text.replace(",2.0,", f",{10.0**n},").replace("0.875", "nan")
        )
        runs.append(run)
    page = compare(runs, tmp_path / "page.html")
    assert "9 runs of 9 configurations" in page.text


def test_different_sample_counts_are_told(point_runs, sibling, tmp_path):
    few = sibling(point_runs[0], "few", {"seed": 9}, {"samples": 50})
    page = compare([*point_runs, few], tmp_path / "page.html")
    assert "from different numbers of samples (1000, 50)" in page.text


def test_names_from_files_are_escaped(point_runs, sibling, tmp_path):
    evil = "<script>alert(1)</script>"
    run = sibling(point_runs[0], "evil", {evil: evil}, {evil: 1.0}, method=evil, command=evil)
    page = compare([*point_runs, run], tmp_path / "page.html")
    assert "<script>" not in (tmp_path / "page.html").read_text()
    assert "alert(1)" in page.text


def test_an_unwritable_page_is_one_sentence(point_runs, tmp_path):
    (tmp_path / "page.html").mkdir()
    with pytest.raises(RunError, match="comparison could not be written"):
        write_comparison(point_runs, tmp_path / "page.html")


def test_another_file_is_left_as_it_is(point_runs, tmp_path):
    page = tmp_path / "thesis.html"
    page.write_text("<title>My thesis</title>")
    with pytest.raises(InputError, match="is no comparison of kgan's, so it is left as it is"):
        write_comparison(point_runs, page)
    assert page.read_text() == "<title>My thesis</title>"
    page.write_text("")  # As mktemp makes it.
    written = write_comparison(point_runs, page).read_bytes()
    assert write_comparison(point_runs, page).read_bytes() == written
