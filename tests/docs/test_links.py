"""Every link between the pages leads somewhere, and every page can be found."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/results/*.md")])
INDEX = ROOT / "docs" / "index.md"


def links(page):
    """Targets in this repository, without code blocks and without places within a page."""
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    return [page.parent / target for target in targets if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert [str(target) for target in links(page) if not target.exists()] == []


def test_the_index_has_every_page():
    found = {target.resolve() for target in links(INDEX)} | {INDEX}
    assert {page for page in PAGES if page.is_relative_to(INDEX.parent)} <= found
