"""The guides: docs/guides/NAME.py becomes docs/guides/NAME.ipynb, with what it prints and draws.

python docs/site/guides.py                 # runs all of them, some minutes
python docs/site/guides.py collapse        # runs one
"""

from __future__ import annotations

import base64
import io
import os
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from PIL import Image

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
_LIMIT = 900  # Seconds for a cell.
# Before the first cell, and not kept: pictures of a size for pages, without a frame of white.
_SETUP = "%config InlineBackend.rc = {'figure.dpi': 96, 'font.size': 9, 'axes.titlesize': 10}"


def notebook(script: Path) -> nbformat.NotebookNode:
    """A guide as a notebook that was not run."""
    found = jupytext.read(script, fmt="py:percent")
    for number, cell in enumerate(found.cells):
        cell.id = f"{script.stem}-{number}"
        cell.metadata = nbformat.NotebookNode()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    found.metadata = nbformat.from_dict(
        {"kernelspec": kernel, "language_info": {"name": "python", "file_extension": ".py"}}
    )
    return nbformat.from_dict({**found, "nbformat": 4, "nbformat_minor": 5})


def stale() -> list[str]:
    """The guides whose notebook is of another script than there is."""
    return [
        script.stem
        for script in sorted(GUIDES.glob("*.py"))
        if not (path := script.with_suffix(".ipynb")).exists()
        or _source(nbformat.read(path, as_version=4)) != _source(notebook(script))
    ]


def check(app) -> None:
    """Refuse to make a site of notebooks that do not show what their scripts do; for Sphinx.

    Raises:
        ExtensionError: there is such a notebook.
    """
    from sphinx.errors import ExtensionError

    if names := stale():
        raise ExtensionError(
            f"Run these guides again: python docs/site/guides.py {' '.join(names)}"
        )


def run(name: str) -> None:
    """Run a guide in a folder of its own, and write its notebook."""
    from nbclient import NotebookClient

    found = notebook(GUIDES / f"{name}.py")
    found.cells.insert(0, nbformat.v4.new_code_cell(_SETUP))
    os.environ["PYTHONPATH"] = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            found,
            timeout=_LIMIT,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute()
    del found.cells[0]
    for number, cell in enumerate(c for c in found.cells if c.cell_type == "code"):
        cell.execution_count = number + 1
        cell.outputs = [kept for output in cell.outputs for kept in _kept(output, number + 1)]
    found.metadata.pop("widgets", None)
    path = GUIDES / f"{name}.ipynb"
    path.write_text(nbformat.writes(found) + "\n")
    took, size = time.monotonic() - begun, path.stat().st_size / 1000
    print(f"{path.relative_to(ROOT)}: {took:.0f} s, {size:.0f} kB", flush=True)


def _kept(output: nbformat.NotebookNode, count: int) -> list[nbformat.NotebookNode]:
    """An output as it is to be shown; no lines of TensorFlow's log, and pictures of 64 colours."""
    if output.output_type == "stream":
        lines = [line for line in output.text.splitlines(True) if "INFO:tensorflow" not in line]
        output.text = "".join(lines)
        return [output] if output.name == "stdout" and lines else []
    if output.get("data", {}).get("text/plain", "").startswith("<"):  # A place in memory.
        output.data.pop("text/plain")
        if not output.data:
            return []
    if "execution_count" in output:
        output.execution_count = count
    if png := output.get("data", {}).get("image/png"):
        picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
        small = io.BytesIO()
        picture.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            small, "PNG", optimize=True
        )
        output.data = {"image/png": base64.b64encode(small.getvalue()).decode()}
        output.metadata = {}
    return [output]


def _source(found: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in found.cells]


if __name__ == "__main__":
    for each in sys.argv[1:] or sorted(path.stem for path in GUIDES.glob("*.py")):
        run(each)
