"""Pages of results put side by side."""

import math
import sys

import pytest

from benchmarks import join_pages
from kgan.studies import leaderboard_figure

ONE = """# Critics

Words | with a bar.

| method | data | modes | within 3 std, % | Wasserstein | steps/s | seeds |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
| GAN | ring | 8.0 ± 0.0 | 80.0 ± 1.0 | 0.30 ± 0.10 | 5 | 5 |
| WGAN | ring | 8.0 ± 0.0 | 90.0 ± 1.0 | 0.20 ± 0.01 | 5 | 5 |
| lost | ring | failed | failed | failed | - | 5 |
| real data | ring | 8.0 | 98.9 | 0.03 | - | 5 |

## Commands
"""
TWO = """| method | data | modes | within 3 std, % | Wasserstein | steps/s | seeds |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
| MGAN | ring | 4.0 | 50.0 | 0.1 | 2 | 3 |
| GAN | ring | 1.0 | 10.0 | 9.0 | 2 | 1 |
| real data | ring | 8.0 | 98.8 | 0.02 | - | 3 |
"""


@pytest.fixture
def pages(tmp_path):
    paths = [tmp_path / "one.md", tmp_path / "two.md"]
    for path, text in zip(paths, (ONE, TWO), strict=True):
        path.write_text(text)
    return paths


def test_rows_of_a_bench_are_one_table_in_the_order_of_a_column(pages):
    assert join_pages.table(join_pages.joined(pages, "Wasserstein")).splitlines() == [
        "| method | modes | within 3 std, % | Wasserstein | seeds | page |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
        "| MGAN | 4.0 | 50.0 | 0.1 | 3 | [two](two.md) |",
        "| WGAN | 8.0 ± 0.0 | 90.0 ± 1.0 | 0.20 ± 0.01 | 5 | [one](one.md) |",
        "| GAN | 8.0 ± 0.0 | 80.0 ± 1.0 | 0.30 ± 0.10 | 5 | [one](one.md) |",  # The first page's.
        "| lost | failed | failed | failed | 5 | [one](one.md) |",
        "| real data | 8.0 | 98.9 | 0.03 | 5 | [one](one.md) |",
    ]


def test_a_second_table_is_no_part_of_the_first(pages):
    pages[0].write_text(ONE + "\n" + TWO)
    assert [row["method"] for row in join_pages.rows(pages[0])] == [
        *("GAN", "WGAN", "lost", "real data"),
    ]


def test_pages_of_several_data_sets_or_without_the_column_are_refused(pages):
    pages[1].write_text(TWO.replace("| ring |", "| grid |"))
    with pytest.raises(SystemExit, match=r"one data set\. Received: grid, ring"):
        join_pages.joined(pages, "Wasserstein")
    with pytest.raises(SystemExit, match=r"column of all pages\. Received: wasserstein"):
        join_pages.joined(pages[:1], "wasserstein")


def test_numbers_with_thousands_and_none():
    assert join_pages.number("1,000.5 ± 3.0") == 1000.5
    assert join_pages.number("-0.1") == -0.1
    assert join_pages.number("failed") == math.inf


def test_a_page_without_such_a_table_is_named(tmp_path):
    page = tmp_path / "words.md"
    page.write_text("# Words\n")
    with pytest.raises(SystemExit, match=r"words\.md has no table"):
        join_pages.rows(page)


def test_the_command(pages, tmp_path, capsys, monkeypatch):
    drawn = {}

    def heat(methods, benches, panels):
        drawn.update(methods=methods, benches=benches, panels=list(panels.values()))
        return b"PNG"

    monkeypatch.setattr(leaderboard_figure, "heat", heat)
    file = tmp_path / "all.png"
    both = f"ring={pages[0]},{pages[1]}"
    arguments = ["join_pages", f"--picture={file}", both, f"other={pages[1]}"]
    monkeypatch.setattr(sys, "argv", arguments)
    join_pages.main()
    assert capsys.readouterr().out.startswith("## ring\n\n| method | modes |")
    assert file.read_bytes() == b"PNG"
    assert drawn["benches"] == ["ring", "other"]
    # By the first bench, which has most methods: 0.95, 0.9 and 0.5; then what has no number.
    assert drawn["methods"] == ["WGAN", "GAN", "MGAN", "lost"]
    quality = dict(zip(drawn["methods"], drawn["panels"][1].tolist(), strict=True))
    assert quality["MGAN"] == [0.5, 0.5]
    assert quality["WGAN"][0] == 0.9 and math.isnan(quality["WGAN"][1])
