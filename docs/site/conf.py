"""How Sphinx makes the site of the repository's Markdown and docstrings: `make docs`.

The source is the whole checkout, so that links lead on the site where they lead in the repository.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["EAGER_IMPORT"] = "1"  # Packages that are lazy have all their names at once.

import contents
import equations
import guides
import parts
import reference

import kgan

project, author, release = "kgan", "the kgan authors", kgan.__version__
copyright = author
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

root_doc = "docs/index"
include_patterns = ["*.md", "docs/**", "saved_models/**"]
# Folders without pages, which are many files.
exclude_patterns = [
    *(path.name for path in Path(__file__).parents[2].iterdir() if path.name.startswith(".")),
    *("apps", "benchmarks", "build", "dist", "kgan", "results", "runs", "tests", "docs/site"),
    *(f"{page}.md" for page in parts.parts()),
]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # They would be fetched from elsewhere.

default_role = "code"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"kgan {release}"
html_static_path = ["static"]
html_extra_path = ["top"]
html_css_files = ["kgan.css"]
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"


def setup(app) -> None:
    """Sphinx calls it."""
    app.connect("builder-inited", guides.check)
    app.connect("builder-inited", reference.write)
    app.connect("source-read", contents.add)
    app.connect("source-read", parts.join)
    app.connect("autodoc-process-signature", reference.signature)
    app.add_html_math_renderer("mathml", (equations.inline, None), (equations.block, None))
