"""The pages of the API reference, docs/api/: one a package, from the docstrings."""

from __future__ import annotations

import importlib
import inspect
import types
from collections.abc import Sequence
from pathlib import Path

import kgan
from kgan import game, methods

_PACKAGES = ("data", "metrics", "networks", "layers", "losses", "presets", "serving", "reporting")


def write(app) -> None:
    """Write them where they are not as they should be."""
    folder = Path(app.srcdir, "docs", "api")
    folder.mkdir(exist_ok=True)
    pages = {"kgan": _front(), **{name: _package(name) for name in _PACKAGES}}
    for path in folder.glob("*.rst"):
        if path.stem not in {"index", *pages}:
            path.unlink()
    pages["index"] = _index(pages)
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def signature(app, kind, name, value, options, found, returned):
    """A class's arguments are its `__init__`'s: Keras' classes take `*args` for new ones."""
    if kind != "class" or "__init__" not in vars(value):
        return None
    arguments = list(inspect.signature(value.__init__).parameters.values())[1:]
    bare = [each.replace(annotation=each.empty) for each in arguments]
    return str(inspect.Signature(bare)), returned


def _index(pages: Sequence[str]) -> str:
    return (
        _head("API reference")
        + "The public names, from their docstrings.\n\n.. toctree::\n\n"
        + "".join(f"   {name}\n" for name in pages)
    )


def _front() -> str:
    """The names of `kgan` itself."""
    lazy = {name for name in kgan.__all__ if name not in ("__version__", *_PACKAGES)}
    groups = {
        "Methods": [name for name in methods.__all__ if name[0].isupper()],
        "Runs": ["train", "Run", "Config", "CollapseWatch"],
        "Parts of games": ["Adam", *game.__all__],
        "Errors": [n for n in kgan.__all__ if n.endswith("Error")],
    }
    listed = {name for names in groups.values() for name in names}
    missing = {n for n in lazy - listed if not isinstance(getattr(kgan, n), types.ModuleType)}
    if missing:
        raise ValueError(f"docs/site/reference.py has no place for {sorted(missing)} of kgan.")
    text = _head("kgan") + ".. currentmodule:: kgan\n\n"
    for title, names in groups.items():
        text += f"{title}\n{'-' * len(title)}\n\n" + "".join(_entry(kgan, n) for n in names)
    return text


def _package(name: str) -> str:
    module = importlib.import_module(f"kgan.{name}")
    text = _head(f"kgan.{name}") + f".. automodule:: kgan.{name}\n   :no-members:\n\n"
    text += f".. currentmodule:: kgan.{name}\n\n"
    return text + "".join(_entry(module, each) for each in module.__all__)


def _entry(module: types.ModuleType, name: str) -> str:
    value = getattr(module, name)
    if isinstance(value, types.ModuleType):
        return f".. automodule:: {value.__name__}\n   :members:\n\n"
    if isinstance(value, type):
        kind = "exception" if issubclass(value, BaseException) else "class"
        return f".. auto{kind}:: {name}\n   :members:\n   :show-inheritance:\n\n"
    return f".. autofunction:: {name}\n\n" if callable(value) else ""  # No numbers and tables.


def _head(title: str) -> str:
    return f"{title}\n{'=' * len(title)}\n\n"
