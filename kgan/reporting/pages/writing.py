"""Makes pages that need nothing but themselves."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from kgan.errors import RunError
from kgan.files import replacing
from kgan.reporting.figures import budget


def render(template: str, **contents: Any) -> str:
    """A template of this package, filled; see `write_page`."""
    environment = Environment(
        loader=PackageLoader("kgan.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**contents)


def write_page(
    path: Path, template: str, contents: Callable[[], Mapping[str, Any]], *, name: str
) -> Path:
    """Fills a template of this package and writes the page, whole or not at all.

    Args:
        path: of the page; folders above it are made.
        template: file name of the template.
        contents: gives what it asks for; asked again where the page gets too large, for pictures
            that take less, as `budget.allowed` says.
        name: what the page is, for the error.

    Returns:
        `path`.

    Raises:
        RunError: if the page cannot be written.
    """
    page = budget.fitting(lambda: render(template, **contents()))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(page, encoding="utf-8")
    except OSError as error:
        raise RunError(
            f"The {name} could not be written. Received: {path} ({error}). "
            f"Make room or the directory writable, then write the {name} again."
        ) from error
    return path
