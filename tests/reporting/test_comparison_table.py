import math

import numpy as np
import pytest

from kgan.metrics.formatting import NOTHING
from kgan.reporting.groups import read_groups
from kgan.reporting.pages.comparison import write_comparison
from kgan.reporting.sections.comparison_table import Cell, best_groups, score_table
from kgan.reporting.sections.differences import DifferenceCell, difference_table

QUIET, LOUD = [1.0, 1.1, 0.9, 1.0], [1.0, 3.0, -1.0, 1.0]


@pytest.mark.parametrize(
    ("values", "better", "expected"),
    [
        ([QUIET, [2.0, 2.1, 1.9]], "higher", [False, True]),
        ([QUIET, [2.0, 2.1, 1.9]], "lower", [True, False]),
        ([QUIET, [2.0, 2.1, 1.9]], "", [False, False]),
        ([LOUD, [2.0, 4.0, 0.0]], "higher", [False, False]),
        # The best is no better than the second, which the third does not change.
        ([[8.0, 8.1], [8.05, 7.95], [1.0, 1.1]], "higher", [False, False, False]),
        # Equal means share the place; groups without noise are told apart by any difference.
        ([[25.0] * 3, [25.0] * 4, [24.0] * 3], "higher", [True, True, False]),
        ([[25.0] * 3, [25.0] * 4], "higher", [False, False]),
        # A single run has the noise of what it is held against, two single runs have none.
        ([QUIET, [9.0]], "higher", [False, True]),
        ([QUIET, [1.2]], "higher", [False, False]),
        ([[1.0], [9.0]], "higher", [False, False]),
        ([[1.0], [9.0], QUIET], "higher", [False, False, False]),
        ([QUIET, [], [2.0, 2.1, 1.9]], "higher", [False, False, True]),
        ([QUIET, []], "higher", [False, False]),
    ],
)
def test_best_beyond_noise(values, better, expected):
    assert best_groups(values, better) == expected


def test_equal_groups_are_rarely_told_apart():
    rng = np.random.default_rng(0)
    marked = [any(best_groups(rng.normal(size=(2, 5)).tolist(), "lower")) for _ in range(1_000)]
    assert 0.02 < np.mean(marked) < 0.08


@pytest.mark.parametrize(
    ("values", "real", "expected"),
    [
        # Real data are the optimum: 98.9% of them are near a mode, more is collapse within modes.
        ([[1.0, 0.999, 1.0], [0.985, 0.986, 0.984]], 0.989, [False, True]),
        ([[1.0, 0.999, 1.0], [0.9, 0.91, 0.89]], 0.989, [True, False]),
        # On both sides, as far: the difference is noise.
        ([[1.1, 1.2, 1.0], [0.9, 0.8, 1.0]], 1.0, [False, False]),
        ([[1.1, 1.2, 1.0], []], 1.0, [False, False]),
        ([[1.0, 1.01, 0.99], [2.0, 2.1, 1.9]], math.nan, [False, False]),
    ],
)
def test_nearest_to_real_data(values, real, expected):
    assert best_groups(values, "real", real) == expected


def row(rows, label):
    (found,) = [row for row in rows if row.label.startswith(label)]
    return found


def test_table_of_points(point_run, sibling):
    runs = [point_run]
    runs += [
        sibling(point_run, f"m{n}", {"seed": n}, {"high_quality": 0.9 + n / 1000}) for n in (8, 9)
    ]
    runs += [
        sibling(
            point_run, f"g{n}", {"seed": n}, {"high_quality": 0.1, "wasserstein": n}, method="gan"
        )
        for n in (1, 2)
    ]
    (runs[-1] / "evaluation.json").unlink()
    rows = score_table(read_groups(runs))
    quality = row(rows, "High quality")
    assert quality.better == "nearest to real data is best"
    assert quality.cells[0] == Cell("90.97%", "± 0.21", True)
    assert quality.cells[1] == Cell("10.0%", "", False, "1 of 2 runs")
    assert quality.real == Cell("98.9%", "± 0")
    assert row(rows, "Wasserstein").cells == [Cell(NOTHING), Cell("1", note="1 of 2 runs")]
    assert row(rows, "Training time").cells[0] == Cell("20")
    assert "seed" not in {r.label.lower() for r in rows}


def test_scores_by_different_networks_stand_apart(image_run, sibling):
    other = sibling(image_run, "other", {"seed": 8}, {"feature_network": "another"}, method="gan")
    rows = score_table(read_groups([image_run, other]))
    assert row(rows, "Fréchet distance (toy classifier)").cells == [Cell("12.35"), Cell(NOTHING)]
    assert row(rows, "Fréchet distance (another)").cells == [Cell(NOTHING), Cell("12.35")]
    assert row(rows, "Classifier score (another)").cells == [Cell(NOTHING), Cell("2.5")]


def test_broken_and_no_scores(image_run, sibling):
    broken = sibling(image_run, "broken", {}, {"frechet_distance": math.nan}, method="gan")
    groups = read_groups([image_run, broken])
    assert row(score_table(groups), "Fréchet").cells[1] == Cell("NaN")
    for run in (image_run, broken):
        (run / "evaluation.json").unlink()
    assert score_table(read_groups([image_run, broken])) == []


def test_differences_over_common_seeds(point_run, sibling, tmp_path):
    first = [sibling(point_run, f"a{n}", {"seed": n}, {"high_quality": 0.9}) for n in range(4)]
    second = [
        sibling(point_run, f"b{n}", {"seed": n}, {"high_quality": value}, method="gan")
        for n, value in ((1, 0.8), (2, 0.7), (3, 0.6), (9, 0.0))
    ]
    rows = difference_table(read_groups([*first, *second]))
    quality = row(rows, "High quality")
    # -10, -20 and -30 points: 20 less t of two degrees of freedom times 10 / sqrt(3).
    assert quality.cells == [DifferenceCell("-20", "-44.8 to 4.84", "3 seeds; 5 needed", False)]
    assert quality.better == "nearest to real data is best"
    page = write_comparison([*first, *second], tmp_path / "page.html").read_text()
    assert "Differences, seed by seed" in page and "-44.8 to 4.84" in page
    assert difference_table(read_groups(first)) == []
    assert difference_table(read_groups([first[0], second[3]])) == []
