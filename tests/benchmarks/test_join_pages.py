"""Pages of results put side by side."""

import sys

import pytest

from benchmarks import join_pages

ONE = """# Critics

Words | with a bar.

| method | data | modes | Wasserstein | speed | seeds |
| --- | --- | ---: | ---: | ---: | ---: |
| GAN | ring | 8.0 ± 0.0 | 0.30 ± 0.10 | 5 | 5 |
| WGAN | ring | 8.0 ± 0.0 | 0.20 ± 0.01 | 5 | 5 |
| lost | ring | failed | failed | - | 5 |
| real data | ring | 8.0 | 0.03 | - | 5 |

## Commands
"""
TWO = """| method | data | modes | Wasserstein | seeds |
| --- | --- | ---: | ---: | ---: |
| MGAN | ring | 8.0 | 0.1 | 3 |
| GAN | ring | 1.0 | 9.0 | 1 |
| real data | ring | 8.0 | 0.02 | 3 |
| MGAN | grid | 25.0 | 1,000.5 | 3 |
"""


@pytest.fixture
def pages(tmp_path):
    paths = [tmp_path / "one.md", tmp_path / "two.md"]
    for path, text in zip(paths, (ONE, TWO), strict=True):
        path.write_text(text)
    return paths


def test_rows_of_a_data_set_are_one_table_in_the_order_of_a_column(pages):
    tables = join_pages.joined(pages, "Wasserstein")
    assert tables["ring"].splitlines() == [
        "| method | modes | Wasserstein | seeds | page |",
        "| --- | ---: | ---: | ---: | --- |",
        "| MGAN | 8.0 | 0.1 | 3 | [two](two.md) |",
        "| WGAN | 8.0 ± 0.0 | 0.20 ± 0.01 | 5 | [one](one.md) |",
        "| GAN | 8.0 ± 0.0 | 0.30 ± 0.10 | 5 | [one](one.md) |",  # Of the first page.
        "| lost | failed | failed | 5 | [one](one.md) |",
        "| real data | 8.0 | 0.03 | 5 | [one](one.md) |",
    ]
    assert tables["grid"].splitlines()[2] == "| MGAN | 25.0 | 1,000.5 | 3 | [two](two.md) |"


def test_a_page_without_such_a_table_is_named(tmp_path):
    page = tmp_path / "words.md"
    page.write_text("# Words\n")
    with pytest.raises(SystemExit, match=r"words\.md has no table"):
        join_pages.rows(page)


def test_the_command(pages, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["join_pages", *map(str, pages)])
    join_pages.main()
    assert capsys.readouterr().out.startswith("## ring\n\n| method | modes |")
