"""What the site is made with, but for Sphinx: `make docs` makes it, warnings being errors."""

import re
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs" / "site")
    for name in ("contents", "check", "parts"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import check
    import contents
    import parts

    return types.SimpleNamespace(contents=contents, check=check, parts=parts)


def test_the_sidebar_has_each_page_once(site):
    app = types.SimpleNamespace(srcdir=ROOT)
    placed = []
    for name in site.contents.LISTS:
        source = [(ROOT / f"{name}.md").read_text()]
        site.contents.add(app, name, source)
        placed += re.findall(r"^.+ <(/.+)>$", source[0], flags=re.MULTILINE)
    found = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("docs/**/*.ipynb")]
    found = {path.relative_to(ROOT) for path in found}
    wanted = {f"/{path.with_suffix('')}" for path in found} - {f"/{site.contents.INDEX}"}
    wanted -= {f"/{page}" for page in site.parts.parts()}
    assert len(placed) == len(set(placed))
    assert wanted | {"/README", "/docs/api/index", "/saved_models/gan_ring/card"} <= set(placed)


def test_pages_of_results_are_sections_of_their_papers_page(site):
    notes = []
    app = types.SimpleNamespace(env=types.SimpleNamespace(note_dependency=notes.append))
    name = "docs/papers/mdgan"
    source = [(ROOT / f"{name}.md").read_text()]
    site.parts.join(app, name, source)
    assert len(notes) == 4 and "../results/mdgan" not in source[0]
    assert "\n(part-mdgan_table1)=\n\n## Table 1: 25 Gaussians\n" in source[0]
    assert "](#part-mdgan_grid)" in source[0]
    assert "](../results/bench_grid.md)" in source[0]
    elsewhere = ["[a](results/mdgan_grid.md) [b](bench.md)\n"]
    site.parts.join(app, "docs/choosing", elsewhere)
    assert elsewhere == ["[a](papers/mdgan.md#part-mdgan_grid) [b](bench.md)\n"]


def test_what_is_wrong_in_a_site_is_told(site, tmp_path):
    (tmp_path / "a.html").write_text(
        '<h1 id="top"></h1><a href="b.html#there"></a><a href="b.html#not"></a><a href="c.html">'
        '</a><a href="#top"></a><a href="https://example.org"></a>'
        '<script src="//cdn/x.js"></script>'
    )
    (tmp_path / "b.html").write_text('<p id="there"></p>')
    (tmp_path / "x.css").write_text("@font-face { src: url('https://fonts') }")
    pages, links, wrong = site.check.faults(tmp_path)
    assert (pages, links) == (2, 4)
    assert wrong == [
        "a.html fetches //cdn/x.js",
        *sorted(["a.html: b.html#not has no such place", "a.html: c.html is not there"]),
        f"{tmp_path / 'x.css'} fetches from elsewhere",
    ]
