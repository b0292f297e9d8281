"""Every link between the pages leads somewhere, and every page can be found."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docs/**/*.ipynb")])
INDEX = ROOT / "docs" / "index.md"


def links(page):
    """Targets in this repository, without code blocks and without places within a page."""
    text = page.read_text()
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    text = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    return [page.parent / target for target in targets if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert [str(target) for target in links(page) if not target.exists()] == []


def test_no_page_names_a_place_of_the_machine_that_wrote_it():
    assert [page for page in PAGES if re.search(r"=/(?:tmp|home|root)/", page.read_text())] == []


def test_the_index_has_every_page():
    lists = (INDEX, INDEX.with_name("methods.md"), *INDEX.parent.glob("papers/*.md"))
    found = {target.resolve() for page in lists for target in links(page)} | {INDEX}
    assert {page for page in PAGES if page.is_relative_to(INDEX.parent)} <= found
