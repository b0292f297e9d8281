"""What real data get by the number of samples."""

import math

import numpy as np
import pytest
from PIL import Image

from benchmarks import metric_floor
from kgan import data, metrics


def test_real_points_of_other_draws_than_the_evaluations():
    ring = data.load("ring", points=100)
    source = metric_floor.real_source(ring)
    assert source(50, 0).shape == (50, 2)
    assert not np.allclose(source(50, 0), source(50, 1))
    np.testing.assert_array_equal(source(50, 1), source(50, 1))


def test_real_images_are_not_drawn_twice():
    pixels = np.arange(60, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 1), np.uint8)
    images = data.Dataset(name="n", split="train", examples=pixels)
    drawn = metric_floor.real_source(images)(60, 3)
    assert len(np.unique(drawn[:, 0, 0, 0])) == 60


def test_the_command(tmp_path):
    picture, table = tmp_path / "images" / "floor.png", tmp_path / "results" / "floor.md"
    metric_floor.main(
        [
            "--dataset=ring",
            "--counts=100,400",
            "--seeds=2",
            f"--output={picture}",
            f"--table={table}",
        ]
    )
    with Image.open(picture) as image:
        assert image.width > 800
    text = table.read_text()
    assert "![What real data get: ring](../images/floor.png)" in text
    assert "| metric of real data | 100 samples | 400 samples |" in text
    row = next(line for line in text.splitlines() if line.startswith("| Wasserstein"))
    few, many = (float(cell.split("±")[0]) for cell in row.split("|")[2:4])
    assert any(line.startswith("| Overlap of the generators") for line in text.splitlines())
    # The distance of real data from the truth falls with their number.
    ring = data.load("ring", points=100)
    source = metric_floor.real_source(ring)
    expected = [
        np.mean(
            [
                metrics.evaluate(source, ring, samples=n, seed=s, metrics=["wasserstein"])[
                    "wasserstein"
                ]
                for s in range(2)
            ]
        )
        for n in (100, 400)
    ]
    assert few > many
    np.testing.assert_allclose([few, many], expected, atol=6e-4)


def test_what_cannot_be_measured_is_told():
    assert metric_floor._cell([math.nan, math.nan]) == "too few"
    assert metric_floor._cell([1.0, 3.0, math.nan]) == "2.0 ± 1.4 (of 2 seeds)"
    assert metric_floor._cell([2.0]) == "2"


def test_counts_are_numbers():
    assert metric_floor.parse(["--dataset=grid", "--counts=5,70"]).counts == [5, 70]
    assert metric_floor.parse(["--dataset=grid"]).counts == metric_floor.COUNTS


@pytest.mark.parametrize("counts", ["5,x", "1", ""])
def test_bad_counts_are_one_sentence(counts, capsys):
    with pytest.raises(SystemExit):
        metric_floor.parse(["--dataset=grid", f"--counts={counts}"])
    assert f"must be whole numbers from 2 on: {counts!r}" in capsys.readouterr().err


def test_generators_that_all_make_everything_overlap_but_for_noise():
    mixture = data.load("ring", points=100).mixture
    found = [metric_floor.overlap(mixture, mixture.sample(n, 0)[0], 1) for n in (200, 20_000)]
    # Their mutual information is overestimated by (K - 1)(modes - 1) / 2n nats (Miller 1955).
    expected = [1 - 7 * 7 / (2 * n * np.log(8)) for n in (200, 20_000)]
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert found[1] > 0.998
