"""What can be known of the methods without TensorFlow: `catalog.json`, made from their METHODs.

Command lines, plans of tables and pages read it, since they must not wait for TensorFlow. Make it
anew after a change of a method (a test asks for it):

  python -m benchmarks.catalog
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.errors import InputError

PATH = Path(__file__).with_name("catalog.json")


@dataclasses.dataclass(frozen=True)
class Option:
    """An argument that a user may change.

    Attributes:
        name: of the argument.
        type: `"bool"`, `"int"`, `"float"`, `"str"`, `"floats"` or `"strs"`.
        default: of the class; a preset may have another value.
        about: what it is, as its docstring says.
        choices: of a `"str"`, where its docstring quotes several.
        optional: whether it may be None.
    """

    name: str
    type: str
    default: Any
    about: str
    choices: Sequence[str] = ()
    optional: bool = False


@dataclasses.dataclass(frozen=True)
class Entry:
    """A method, as `kgan.methods.method.Method` has it.

    Attributes:
        name: on the command line, and in presets' names.
        title: in words.
        cls: name of its class.
        idea: what is new in it.
        source: authors and year.
        link: of the paper.
        command: the application that trains it.
        cost: of a train step, in those of a GAN.
        terms: whether MaEM-GAN's terms may be added.
        code: the authors' published code on GitHub; empty where we found none.
        options: what a user may set, of its class and of its networks.
        presets: by data set, or `"images"`: the values of the preset, what is known of its
            networks (`facts`), and the reasons for values that no paper has (`reasons`).
    """

    name: str
    title: str
    cls: str
    idea: str
    source: str
    link: str
    command: str
    cost: float
    terms: bool
    code: str
    options: Sequence[Option]
    presets: Mapping[str, Mapping[str, Any]]

    @property
    def usual(self) -> dict[str, Mapping[str, Any]]:
        """The presets that are their data set's own, or that of any images."""
        return {k: p for k, p in self.presets.items() if k == (p["dataset"] or "images")}

    @property
    def variants(self) -> dict[str, Mapping[str, Any]]:
        """The others, by whole names: a paper's or its authors' values, another size."""
        there = self.usual
        return {f"{self.name}_{k}": p for k, p in self.presets.items() if k not in there}

    def preset(self, dataset: str) -> Mapping[str, Any]:
        """The values of the preset for a data set.

        Raises:
            InputError: if the method has none for it.
        """
        found = self.presets.get(dataset) or self.presets.get("images")
        if found is None:
            raise InputError(
                f"{self.title} has no preset for {dataset!r}. It has: {', '.join(self.presets)}"
            )
        return found


@functools.cache
def _read() -> tuple[dict[str, Any], dict[str, Option]]:
    found = json.loads(PATH.read_text())
    for entry in found["methods"].values():
        for preset in entry["presets"].values():  # The file has each reason once.
            reasons = preset["reasons"].items()
            preset["reasons"] = {name: found["reasons"][index] for name, index in reasons}
    return found, {key: Option(**option) for key, option in found["options"].items()}


@functools.cache
def methods() -> dict[str, Entry]:
    """All methods by name, in the order of the tables."""
    found, options = _read()
    return {
        name: Entry(name, **{**entry, "options": [options[key] for key in entry["options"]]})
        for name, entry in found["methods"].items()
    }


def forget() -> None:
    """Read the file anew, which was written anew."""
    _read.cache_clear()
    methods.cache_clear()


def options(owner: str) -> list[Option]:
    """The options of a class or a function, such as `"ManifoldEntropy"`."""
    return [option for key, option in _read()[1].items() if key.partition(".")[0] == owner]


def terms() -> list[Option]:
    """The options of MaEM-GAN's terms."""
    return options("ManifoldEntropy")


def of_command(command: str) -> dict[str, Entry]:
    """The methods that an application trains, by name."""
    return {name: entry for name, entry in methods().items() if entry.command == command}
