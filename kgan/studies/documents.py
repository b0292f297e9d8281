"""The pages of docs/results/ that commands write; what people wrote between two lines stays."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from kgan.errors import InputError
from kgan.files import check_ours, replacing
from kgan.studies import rendering

_MARK = "Made with"  # Heads the last section of every page.
BEGIN, END = "<!-- By hand, until the end mark: commands leave it. -->", "<!-- End. -->"


def write(page: rendering.Page, checkout: Path, name: str) -> None:
    """Write `docs/results/<name>.md` and its picture in `docs/images`, and say so.

    Args:
        page: what is to be written.
        checkout: where `docs/` lies.
        name: of the files, without suffix.
    """
    path = checkout / "docs" / "results" / f"{name}.md"
    picture = checkout / "docs" / "images" / f"{name}.png"
    for folder in (path.parent, picture.parent):
        folder.mkdir(parents=True, exist_ok=True)
    if page.picture:
        with replacing(picture) as temporary:
            temporary.write_bytes(page.picture[1])
        page = dataclasses.replace(page, picture=(f"../images/{name}.png", page.picture[1]))
        print(picture)
    notes = _notes(path.read_text()) if path.exists() else ""
    with replacing(path) as temporary:
        temporary.write_text(rendering.markdown(page, notes=notes))
    print(path)


def check_place(folder: Path, name: str) -> None:
    """Refuse a folder where other files have the names of a page's, before hours of work.

    Raises:
        InputError: there is such a file.
    """
    for suffix in (".md", ".html"):
        check_ours(folder / f"{name}{suffix}", _MARK, "page")
    picture = folder / f"{name}.png"
    if picture.exists() and not (folder / f"{name}.md").exists():
        raise InputError(
            f"{picture} is there without a page of kgan's, so it is left as it is: give another "
            "`output_dir`."
        )


def _notes(text: str) -> str:
    """What stands between the marks, with them; empty for nothing."""
    _, begin, rest = text.partition(BEGIN)
    notes, end, _ = rest.partition(END)
    return f"{begin}{notes}{end}" if end else ""
