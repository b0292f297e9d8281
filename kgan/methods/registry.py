"""All methods and their presets, found in the files that `kgan/methods/__init__.pyi` lists."""

from __future__ import annotations

import ast
import difflib
import functools
import importlib
from pathlib import Path

from kgan.errors import InputError
from kgan.methods.method import Method
from kgan.methods.presets.preset import Preset
from kgan.signatures import checked


@functools.cache
def methods() -> dict[str, Method]:
    """All methods by name, in the order of the tables."""
    stub = ast.parse(Path(__file__).with_name("__init__.pyi").read_text())
    lines = (node for node in stub.body if isinstance(node, ast.ImportFrom))
    files = (node.module or node.names[0].name for node in lines)
    declared = (importlib.import_module(f"kgan.methods.{file}").METHOD for file in files)
    return {method.name: method for method in declared}


@functools.cache
def presets() -> dict[str, Preset]:
    """All presets by name."""
    return {
        name: preset
        for method in methods().values()
        for name, preset in method.named_presets().items()
    }


@checked
def preset(name: str) -> Preset:
    """The preset of this name.

    Raises:
        InputError: if there is none.
    """
    if name not in presets():
        near = difflib.get_close_matches(name, presets(), 3) or sorted(presets())
        raise InputError(f"There is no preset {name!r}. Near it or known: {', '.join(near)}")
    return presets()[name]


def told(name: str) -> str:
    """What a preset is, in a few words.

    Raises:
        InputError: if there is none of that name.
    """
    method, suffix, preset = _parts(name)
    data = preset.dataset or "images"
    variant = suffix.removeprefix(data).strip("_")
    of = f"{method.title}{variant and f' ({variant})'} on {preset.dataset or 'any images'}"
    return f"{of}: {preset.steps:,} steps of {preset.batch_size} examples"


def command(name: str) -> str:
    """The command that trains a preset.

    Raises:
        InputError: if there is none of that name.
    """
    method, suffix, preset = _parts(name)
    words = [f"kgan {method.command}"]
    if method.command != method.name:
        words.append(f"--method={method.name}")
    words.append(f"--dataset={preset.dataset or 'folder'}")
    if suffix not in (preset.dataset, "images"):
        words.append(f"--preset={name}")
    return " ".join(words)


def _parts(name: str) -> tuple[Method, str, Preset]:
    """A preset with its method, and its name there."""
    found = preset(name)
    (owner,) = (one for one in methods().values() if name in one.named_presets())
    return owner, name.removeprefix(f"{owner.name}_"), found
