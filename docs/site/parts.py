"""One page a paper: docs/papers/NAME.md lists pages of docs/results/, and on the site it has them.

Commands write each of these by itself. On the site they are sections of the page that lists them,
and links to them lead there.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FOLDER = "docs/papers"
_ITEM = re.compile(r"^- \[(.+)\]\((\.\./results/(\w+)\.md)\)$", re.MULTILINE)
_LINK = re.compile(r"(\]\()([^)#:\s]+\.md)((?:#[^)\s]*)?\))")
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def parts() -> dict[str, str]:
    """By page of results, the page that has it: both as Sphinx calls them."""
    return {
        f"docs/results/{found[2]}": f"{_FOLDER}/{path.stem}"
        for path in sorted((ROOT / _FOLDER).glob("*.md"))
        for found in _ITEM.findall(path.read_text())
    }


def join(app, docname: str, source: list[str]) -> None:
    """Put its parts into such a page, and let links to parts lead there, as a page is read."""
    if posixpath.dirname(docname) == _FOLDER:
        for title, target, name in _ITEM.findall(source[0]):
            path = ROOT / "docs" / "results" / f"{name}.md"
            app.env.note_dependency(str(path))
            section = f"(part-{name})=\n\n{_as_section(path.read_text(), title)}"
            source[0] = source[0].replace(f"- [{title}]({target})\n", f"\n{section}\n")
    source[0] = _redirected(source[0], docname)


def _as_section(text: str, title: str) -> str:
    """A page of results, one level down, its links as docs/papers/ has them."""
    found = []
    for piece in _FENCE.split(text):
        if not piece.startswith("```"):
            piece = re.sub(r"^(#+ )", r"#\1", piece, flags=re.MULTILINE)
            piece = re.sub(r"(\]\()(\w+\.md)", r"\1../results/\2", piece)
        found.append(piece)
    _, _, body = "".join(found).partition("\n")
    return f"## {title}\n{body}"


def _redirected(text: str, docname: str) -> str:
    homes, here = parts(), posixpath.dirname(docname)

    def lead(match: re.Match[str]) -> str:
        page = posixpath.normpath(posixpath.join(here, match[2])).removesuffix(".md")
        if page not in homes:
            return match[0]
        anchor = f"#part-{posixpath.basename(page)}"
        if homes[page] == docname:
            return f"{match[1]}{anchor})"
        return f"{match[1]}{posixpath.relpath(homes[page], here)}.md{anchor})"

    pieces = _FENCE.split(text)
    return "".join(p if p.startswith("```") else _LINK.sub(lead, p) for p in pieces)
