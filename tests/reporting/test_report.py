import base64
import csv
import io
import json
import re

import numpy as np
import pytest
from page_reading import Page
from PIL import Image

from kgan.errors import RunError
from kgan.reporting import tile_images, write_report
from kgan.reporting.figures import budget


def report(run) -> tuple[str, Page]:
    text = write_report(run).read_text(encoding="utf-8")
    return text, Page(text)


def snapshot_samples(run, step: int) -> np.ndarray:
    with np.load(run / "samples" / f"step_{step:09d}.npz") as snapshot:
        return snapshot["samples"]


def frame_pixels(run, index: int) -> np.ndarray:
    _, page = report(run)
    frames = [image for image in page.images if "frame" in image.get("class", "").split()]
    png = base64.b64decode(frames[index]["src"].removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


@pytest.mark.parametrize(
    "kind",
    [
        *("image_run", "point_run", "image_mixture_run", "point_mixture_run"),
        *("image_inverse_run", "point_inverse_run"),
        *("image_ending_run", "point_ending_run"),
    ],
)
def test_page_is_whole_and_needs_nothing_else(kind, request):
    run = request.getfixturevalue(kind)
    text, page = report(run)
    assert "http:" not in text.replace("http://www.w3.org/", "")
    assert "https:" not in text
    assert "@import" not in text
    for address in page.addresses + re.findall(r"url\(([^)]*)\)", text):
        assert address.strip("\"'").startswith(("data:", "#")), address
    assert len(page.ids) == len(set(page.ids)), "ids of the figures collide"
    for name in re.findall(r"(?:url\(|href=\")#([^)\"]+)", text):
        assert name in page.ids, f"#{name} refers to nothing"
    assert "pyplot" not in text
    assert (run / "report.html").stat().st_size < budget.PAGE_BYTES
    assert not list(run.glob(".*.tmp"))


def test_image_report_tells_the_numbers(image_run):
    text, page = report(image_run)
    for wanted in (
        *("MD-GAN", "toy_images", "12.35", "0.4321", "2.5", "2.9", "9,876", "toy classifier"),
        *("7 min 12 s", "2.35", "1,500 MB", "Seed 7", "0123456789ab", "x86_64, 2 cores"),
        *("python -m apps.mdgan --dataset=toy_images --seed=7", "weights.generator", "1234"),
        *("shirt", "shoe", "bag", "Discriminator loss", "step 400", "of the variance"),
    ):
        assert wanted in page.text, wanted
    assert "not been evaluated" not in page.text
    assert "<title>MD-GAN on toy_images, seed 7</title>" in text


def test_point_report_tells_the_numbers(point_run):
    _, page = report(point_run)
    for wanted in (
        *("3 of 4", "4 of 4", "91.2%", "98.9%", "0.0567", "1 of 4 empty", "all 4 modes"),
        *("3 of 4 modes", "Modes found", "High quality (within 3 std of a mode)"),
    ):
        assert wanted in page.text, wanted


def test_point_report_tells_what_each_generator_does(point_mixture_run):
    _, page = report(point_mixture_run)
    for wanted in (
        *("What each generator does", "2 of 3", "2.51 of 3", "3 of 3", "0.012", "One by one"),
        *("Generated points by generator, step 400", "samples by mode, in per cent"),
        "Generated points in the colours of their generators, real ones grey.",
    ):
        assert wanted in page.text, wanted


def test_image_report_tells_what_each_generator_does(image_mixture_run):
    _, page = report(image_mixture_run)
    for wanted in (
        *("What each generator does", "A row for each generator, step 400", "2.51 of 3"),
        *("shirt 82%", "bag 90%", "shirt 50%", "samples by class, in per cent"),
    ):
        assert wanted in page.text, wanted
    rows = [image for image in page.images if image.get("alt", "").startswith("Images of gen")]
    assert [image["alt"][-1] for image in rows] == ["0", "1", "2"]
    with np.load(image_mixture_run / "samples" / "step_000000400.npz") as snapshot:
        made = snapshot["by_generator"]
    for image, images in zip(rows, made, strict=True):
        png = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
        np.testing.assert_array_equal(pixels, tile_images(images, columns=8))


def test_one_generator_is_no_mixture(point_mixture_run):
    for path in (point_mixture_run / "samples").glob("step_*.npz"):
        with np.load(path) as file:
            arrays = dict(file)
        np.savez(path, **{**arrays, "generators": 0 * arrays["generators"]})
    evaluation = json.loads((point_mixture_run / "evaluation.json").read_text())
    evaluation |= {"generators": 1, "generator_samples": [1000]}
    evaluation |= {"generator_modes": [[300, 312, 300, 0]]}
    (point_mixture_run / "evaluation.json").write_text(json.dumps(evaluation))
    _, page = report(point_mixture_run)
    assert "What each generator does" not in page.text
    assert "Generated points in blue" in page.text


def test_frames_hold_the_snapshots_pixels(image_run):
    _, page = report(image_run)
    frames = [image for image in page.images if "frame" in image.get("class", "").split()]
    assert [frame["data-frame"] for frame in frames] == ["0", "1", "2"] * 2
    assert [" on" in frame["class"] for frame in frames] == [False, False, True] * 2
    expected = tile_images(snapshot_samples(image_run, 200))
    np.testing.assert_array_equal(frame_pixels(image_run, 1), expected)


def test_large_images_are_fewer_in_a_frame(image_run):
    rng = np.random.default_rng(0)
    for path in (image_run / "samples").glob("step_*.npz"):
        np.savez(path, samples=rng.uniform(size=(64, 96, 96, 3)).astype(np.float32))
    assert write_report(image_run).stat().st_size <= budget.PAGE_BYTES


def test_a_page_that_would_be_too_large_is_made_of_less():
    assert len(budget.fitting(lambda: "x" * budget.allowed(4_000_000))) == 4_000_000
    assert len(budget.fitting(lambda: "x" * budget.allowed(9_000_000))) == 3_150_000
    assert budget.allowed(7) == 7


def test_images_between_minus_one_and_one(image_run):
    for path in (image_run / "samples").glob("*.npz"):
        with np.load(path) as file:
            arrays = dict(file)
        np.savez(path, **{**arrays, "samples": arrays["samples"] * 2 - 1})
    np.testing.assert_array_equal(
        frame_pixels(image_run, 1), tile_images(snapshot_samples(image_run, 200), (-1.0, 1.0))
    )


@pytest.mark.parametrize(
    "kind", ["image_run", "point_run", "image_mixture_run", "point_mixture_run"]
)
@pytest.mark.parametrize("missing", ["evaluation", "snapshots", "real", "metrics", "all"])
def test_whatever_is_missing_is_left_out(kind, missing, request):
    run = request.getfixturevalue(kind)
    snapshots = [("snapshots", path) for path in run.glob("samples/step_*")]
    single = {
        "evaluation": "evaluation.json",
        "real": "samples/real.npz",
        "metrics": "metrics.csv",
    }
    files = snapshots + [(name, run / path) for name, path in single.items()]
    for path in [path for name, path in files if missing in (name, "all")]:
        path.unlink()
    _, page = report(run)
    assert ("no scores yet" in page.text) == (missing in ("evaluation", "all"))
    assert ("How it learned" in page.text) == (missing not in ("snapshots", "all"))
    assert "python -m apps.mdgan" in page.text
    told = "What each generator does" in page.text
    assert told == ("mixture" in kind and missing != "all")
    if missing == "evaluation" and kind == "point_run":
        assert "counted while training" in page.text
        assert "87.5%" in page.text


def test_one_row_and_one_snapshot(point_run):
    lines = (point_run / "metrics.csv").read_text().splitlines()
    (point_run / "metrics.csv").write_text("\n".join(lines[:2]) + "\n")
    for path in sorted((point_run / "samples").glob("step_*"))[1:]:
        path.unlink()
    _, page = report(point_run)
    assert "How it learned" in page.text, "its embeddings are worth showing"
    assert "Play" not in page.text


def test_a_gan_has_no_embeddings(point_run):
    for path in (point_run / "samples").glob("step_*"):
        with np.load(path) as file:
            samples = file["samples"]
        np.savez(path, samples=samples)
    _, page = report(point_run)
    assert "Embeddings" not in page.text
    assert "How it learned" in page.text


def test_broken_numbers_stay_visible(image_run):
    evaluation = json.loads((image_run / "evaluation.json").read_text())
    evaluation |= {"frechet_distance": float("nan"), "classifier_score": None}
    (image_run / "evaluation.json").write_text(json.dumps(evaluation))
    path = image_run / "samples" / "step_000000400.npz"
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(
        path,
        **{name: array * np.float32("nan") for name, array in arrays.items() if name != "labels"},
    )
    _, page = report(image_run)
    assert "NaN" in page.text


def test_what_comes_from_files_is_escaped(point_run):
    evil = "<script>alert(1)</script>\"'&${x}$"
    config = json.loads((point_run / "config.json").read_text())
    config |= {"method": evil, "dataset": evil, "command": evil, "git_revision": evil}
    config["flags"][evil] = evil
    (point_run / "config.json").write_text(json.dumps(config))
    evaluation = json.loads((point_run / "evaluation.json").read_text())
    (point_run / "evaluation.json").write_text(json.dumps({**evaluation, evil: 1.0, "seed": evil}))
    metrics = (point_run / "metrics.csv").read_text()
    column = '"<script>alert(2)</script>_loss""$x$"'
    (point_run / "metrics.csv").write_text(metrics.replace("generator_loss", column, 1))
    text, page = report(point_run)
    assert text.count("<script>") == 1
    assert "alert(1)" in page.text
    assert "alert(2)" in page.text


def test_no_run_directory(tmp_path):
    with pytest.raises(RunError, match="absent"):
        write_report(tmp_path / "absent")


def test_an_unwritable_page_is_one_sentence(image_run, monkeypatch):
    (image_run / "report.html").mkdir()
    with pytest.raises(RunError, match="could not be written"):
        write_report(image_run)


def test_a_second_report_replaces_the_first(image_run):
    first = write_report(image_run).read_bytes()
    assert write_report(image_run).read_bytes() == first, "the same run gives the same page"


def watched(run, since: str, **columns):
    """The run's log with more columns, as the watch for collapse writes them."""
    with (run / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for index, row in enumerate(rows):
        row |= {name: values[index] for name, values in columns.items()}
        row[since] = 0
    with (run / "metrics.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_warnings_have_a_table_and_marks_on_their_curves(point_run):
    # Rows at 10, 20, ..., 400: low from 150 on, and good again from 300 on.
    diversity = [0.9] * 14 + [0.2] * 15 + [0.9] * 11
    watched(point_run, "since_diversity", diversity=diversity, modes=["xx.x"] * 40)
    text, page = report(point_run)
    assert "Warnings while it trained" in page.text
    row = re.search(r"Diversity low.*?</tr>", text, flags=re.DOTALL)[0]
    assert "samples lie 0.20 times as far apart as real data (best before: 0.90)" in row
    assert re.findall(r"<td>(.*?)</td>", row) == ["150", "170", "300"]
    curve = re.search(r"<figcaption>Diversity</figcaption>.*?</figure>", text, re.DOTALL)[0]
    assert ">150<" in curve and "var(--stray)" in curve
    others = text.replace(row, "").replace(curve, "")
    assert ">150<" not in others
    # Neither text nor the steps of events are curves.
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", text)
    assert not [c for c in captions if c.lower() in ("modes", "since diversity")]


def test_a_quiet_run_and_one_that_nobody_watched(point_run):
    assert "Warnings while it trained" not in report(point_run)[1].text
    watched(point_run, "since_overlap")
    text, page = report(point_run)
    assert "no sign of mode collapse" in page.text
    assert "Since overlap" not in text


def test_a_run_that_lost_modes_is_told_what_is_likeliest_to_help(point_run):
    page = write_report(point_run).read_text()
    assert "Likeliest to help: MD-GAN with its preset&#39;s values, which kept 25 of 25" in page
    assert "<code>python -m apps.mdgan --dataset=grid</code>" in page
    evaluation = json.loads((point_run / "evaluation.json").read_text())
    evaluation |= {"modes_covered": 4, "mode_counts": [250, 250, 250, 250]}
    (point_run / "evaluation.json").write_text(json.dumps(evaluation))
    assert "Likeliest to help" not in write_report(point_run).read_text()
