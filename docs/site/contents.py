"""The sidebar is read off pages that list others: a section is a chapter, its links its pages.

A page is called there as the link to it is.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

INDEX = "docs/index"
LISTS = (INDEX, "docs/methods", "saved_models/README")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#:\s]+)\.(?:md|ipynb)\)")
_TOCTREE = "\n\n```{toctree}\n:hidden:\n%s\n%s\n```\n"


def add(app, docname: str, source: list[str]) -> None:
    """Add to such a page, when it is read, what makes the sidebar of its links."""
    if docname == INDEX:
        api = ("API", {"docs/api/index": "API reference"})
        chapters = [*_chapters(source[0], INDEX, set()), api]
        source[0] += "".join(_toctree(pages, title) for title, pages in chapters)
    elif docname in LISTS:
        # A page has one place: what the index lists stays there.
        listed = set(_pages(Path(app.srcdir, f"{INDEX}.md").read_text(), INDEX))
        source[0] += "".join(_toctree(p) for _, p in _chapters(source[0], docname, listed))


def _chapters(text: str, docname: str, listed: set[str]) -> list[tuple[str, dict[str, str]]]:
    """The sections that list pages which have no place yet, with them."""
    found, placed = [], listed | {INDEX}
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        pages = {k: v for k, v in _pages(section, docname).items() if k not in placed}
        placed |= set(pages)
        if pages:
            found.append((section.partition("\n")[0], pages))
    return found


def _pages(text: str, docname: str) -> dict[str, str]:
    """The pages that a text links to, as Sphinx calls them, with the first link's words."""
    here = posixpath.dirname(docname)
    found: dict[str, str] = {}
    for words, target in _LINK.findall(text):
        found.setdefault(posixpath.normpath(posixpath.join(here, target)), words)
    return found


def _toctree(pages: dict[str, str], caption: str = "") -> str:
    option = f":caption: '{caption}'" if caption else ":maxdepth: 1"
    return _TOCTREE % (option, "\n".join(f"{words} </{page}>" for page, words in pages.items()))
