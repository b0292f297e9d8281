"""What the site is made with, but for Sphinx: `make docs` makes it, warnings being errors."""

import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs" / "site")
    for name in ("contents", "check"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import check
    import contents

    return types.SimpleNamespace(contents=contents, check=check)


def test_the_sidebar_has_each_page_once(site):
    app = types.SimpleNamespace(srcdir=ROOT)
    placed = []
    for name in site.contents.LISTS:
        source = [(ROOT / f"{name}.md").read_text()]
        site.contents.add(app, name, source)
        placed += [line for line in source[0].splitlines() if line.startswith("/")]
    found = {path.relative_to(ROOT) for path in ROOT.glob("docs/**/*.md")}
    wanted = {f"/{path.with_suffix('')}" for path in found} - {f"/{site.contents.INDEX}"}
    assert len(placed) == len(set(placed))
    assert wanted | {"/README", "/docs/api/index", "/saved_models/gan_ring/card"} <= set(placed)


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
