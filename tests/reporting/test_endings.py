"""Sections on what lies between latents, and on nearest training examples."""

import numpy as np
import pytest
from page_reading import Page, pixels

from kgan import metrics
from kgan.reporting import tile_images, write_report


def report(run) -> Page:
    return Page(write_report(run).read_text(encoding="utf-8"))


def arrays(run, name):
    with np.load(run / "samples" / f"{name}.npz") as file:
        return dict(file)


def test_rows_of_images_between_latents(image_ending_run):
    page = report(image_ending_run)
    assert "Between latents" in page.text and "along an arc (the latents are normal)" in page.text
    (picture,) = [i for i in page.images if i.get("alt") == "From latent to latent, row by row"]
    ways = arrays(image_ending_run, "interpolations")["samples"]
    expected = tile_images(ways.reshape(-1, 10, 10, 1), columns=4)
    np.testing.assert_array_equal(pixels(picture), expected)


def test_large_ways_are_shown_in_part(image_ending_run):
    path = image_ending_run / "samples" / "interpolations.npz"
    ways = np.random.default_rng(0).uniform(size=(6, 12, 96, 96, 3)).astype(np.float32)
    np.savez(path, **{**arrays(image_ending_run, "interpolations"), "samples": ways})
    page = report(image_ending_run)
    (picture,) = [i for i in page.images if i.get("alt") == "From latent to latent, row by row"]
    shown = pixels(picture)
    first, last = (tile_images(ways[:1, at]) for at in (0, -1))
    np.testing.assert_array_equal(shown[:96, :96], first)
    np.testing.assert_array_equal(shown[:96, -96:], last)
    assert shown.shape[1] < 12 * 96
    assert len(picture["src"]) < 1_300_000


def test_paths_of_points(point_ending_run):
    page = report(point_ending_run)
    assert "From latent to latent, in the plane" in page.labels
    assert "Each path is one generator's, in its colour." in page.text


def test_neighbours_of_images(image_ending_run):
    page = report(image_ending_run)
    found = arrays(image_ending_run, "neighbours")
    compared = metrics.nearness(found["sample_distances"], found["test_distances"])
    for wanted in (
        *("Does it repeat the training data?", f"{compared.share:.1%}", "50.0 ± 4.3%"),
        *("100 samples of step 400 and 80 test examples", "500 training examples, drawn from 600"),
        *("root mean squares of the difference of pixels", f"{found['distances'][2, 0]:.3g}"),
    ):
        assert wanted in page.text, wanted
    rows = [i for i in page.images if i.get("alt", "").startswith("A sample and the training")]
    assert len(rows) == 4
    for row, sample, nearest in zip(rows, found["samples"], found["nearest"], strict=True):
        shown = pixels(row)
        np.testing.assert_array_equal(shown[:, :10], tile_images(sample[None]))
        np.testing.assert_array_equal(shown[:, -58:], tile_images(nearest, columns=5))


def test_neighbours_of_points(point_ending_run):
    page = report(point_ending_run)
    assert "Does it repeat the training data?" in page.text
    assert "Distances are Euclidean." in page.text
    assert "Distance to the nearest training example" in page.labels
    assert "The samples nearest to any" not in page.text


@pytest.mark.parametrize("distances", [np.zeros(40), np.geomspace(1e-9, 1, 40), np.ones(40)])
def test_any_distances_can_be_drawn(point_ending_run, distances):
    path = point_ending_run / "samples" / "neighbours.npz"
    found = {**arrays(point_ending_run, "neighbours"), "sample_distances": distances}
    np.savez(path, **found)
    report(point_ending_run)
    np.savez(path, **{**found, "test_distances": distances})
    report(point_ending_run)
    del found["test_distances"]
    np.savez(path, **found)
    assert "test examples" not in report(point_ending_run).text


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("interpolations", {"samples": np.zeros((3, 4, 5))}),
        ("interpolations", {"generators": np.zeros(2, np.int32)}),
        ("neighbours", {"sample_distances": np.array([np.nan])}),
        ("neighbours", {"nearest": np.zeros((4, 5, 9, 9, 1))}),
    ],
)
def test_broken_files_are_told_and_left_out(image_ending_run, name, change):
    path = image_ending_run / "samples" / f"{name}.npz"
    np.savez(path, **{**arrays(image_ending_run, name), **change})
    page = report(image_ending_run)
    assert f"samples/{name}.npz: its arrays do not fit each other." in page.text
    path.write_bytes(path.read_bytes()[:200])
    assert f"samples/{name}.npz is broken or cut short" in report(image_ending_run).text
