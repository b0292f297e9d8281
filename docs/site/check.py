"""Look through the built site: links and anchors lead somewhere, and nothing is fetched elsewhere.

python docs/site/check.py runs/site
"""

from __future__ import annotations

import functools
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself as it opens a page.
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {value for key in ("id", "name") if (value := found.get(key))}
        target = found.get("href")
        if target and tag == "link" and found.get("rel") == "stylesheet":
            self.fetched.append(target)
        if target and tag in ("a", "link"):
            self.links.append(target)
        if source := found.get(_FETCHED.get(tag, "")):
            self.fetched.append(source)


@functools.cache
def _page(path: Path) -> _Page:
    return _Page(path.read_text())


def faults(site: Path) -> tuple[int, int, list[str]]:
    """How many pages and links within the site there are, and what is wrong."""
    wrong, links = [], 0
    pages = sorted(path.resolve() for path in site.rglob("*.html") if "_static" not in path.parts)
    for path in pages:
        page = _page(path)
        at = path.relative_to(site.resolve())
        wrong += [f"{at} fetches {url}" for url in page.fetched if _elsewhere(url)]
        for link in sorted({*page.links, *page.fetched}):
            if _elsewhere(link):
                continue
            links += 1
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                wrong.append(f"{at}: {link} is not there")
            elif target.suffix == ".html" and parts.fragment:
                found = unquote(parts.fragment) in _page(target).ids
                wrong += [] if found else [f"{at}: {link} has no such place"]
    for style in site.rglob("*.css"):
        text = style.read_text().replace(" ", "").replace("'", "").replace('"', "")
        wrong += [f"{style} fetches from elsewhere"] * ("url(http" in text or "url(//" in text)
    return len(pages), links, wrong


def _elsewhere(url: str) -> bool:
    return url.startswith(("http:", "https:", "//", "mailto:"))


if __name__ == "__main__":
    count, number, found = faults(Path(sys.argv[1]))
    print("\n".join(found))
    print(f"{sys.argv[1]}: {count} pages, {number:,} links within them, {len(found)} at fault")
    sys.exit(bool(found))
