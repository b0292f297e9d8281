"""Where the values of presets come from: a paper states them, published code has them, or ours.

    from kgan.methods.provenance import provenance

    for value in provenance("mdgan_grid"):
        print(value.name, value.value, value.kind, value.where or value.why)

Declared are what papers state and what published code has (`stated/*.json`), and the reasons for
what presets have of their own (`Preset.reasons`, `Preset.shared`, `Method.reasons`). The kind is
derived: a value that equals a stated one is stated, one that equals the code's is of the code, and
any other is ours and has a reason.

What switches an option off (None, False, 0, `"none"`, nothing; 1 of a rate, of a pack) needs
no source, unless a paper or code says something of that option. How often a run logs and keeps
samples is no value of a preset.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kgan.errors import InputError
from kgan.methods import catalog
from kgan.methods.catalog import Entry, Option

KINDS = ("stated", "code", "ours")
_FOLDER = Path(__file__).with_name("stated")
_BUDGET = ("steps", "batch_size", "learning_rate", "algorithm", "beta_1", "beta_2", "decay")
_OFF: tuple[Any, ...] = (None, False, "none", [], {}, ())
_EQUAL_RATES = "discriminator_rate"
_OFF_AT_1 = (_EQUAL_RATES, "pack")


@dataclasses.dataclass(frozen=True)
class Stated:
    """What a paper states, or published code has, of a value.

    Attributes:
        name: of the value.
        value: a number or a word; a sentence where it is no value of ours.
        presets: data sets that it speaks of; `"*"`, `"points"` and `"images"` are several.
        kind: `"stated"` or `"code"`.
        where: section, table, equation or caption; repository, revision and file of code.
        quote: the paper's words, of papers that we have read for this.
        absent: why no preset has such a value, where none has.
    """

    name: str
    value: Any
    presets: Sequence[str]
    kind: str
    where: str
    quote: str = ""
    absent: str = ""

    def speaks_of(self, name: str, preset: Mapping[str, Any]) -> bool:
        """Whether it speaks of the preset of a data set."""
        kind = "points" if len(preset["example_shape"] or (1, 1, 1)) == 1 else "images"
        return bool({"*", kind, name, preset["dataset"]}.intersection(self.presets))


@dataclasses.dataclass(frozen=True)
class Provenance:
    """Where a value of a preset comes from.

    Attributes:
        name: of a field of the preset, an argument of the class or of its networks, or a fact of
            the networks, such as `"latent_dim"`.
        value: what the preset has.
        kind: `"stated"`, `"code"` or `"ours"`.
        where: section, table or equation; repository, revision and file; empty for ours.
        why: the reason for what is ours.
        stated: all that papers and code say of it.
    """

    name: str
    value: Any
    kind: str
    where: str
    why: str
    stated: Sequence[Stated] = ()

    @property
    def differs(self) -> bool:
        """Whether a paper or code has another value, and none has this one."""
        return self.kind != "stated" and any(one.kind != self.kind for one in self.stated)


def provenance(preset: str) -> list[Provenance]:
    """Where each value of a preset comes from.

    Args:
        preset: its name, such as `"mdgan_grid"`; `kgan.presets.names()` lists all.

    Raises:
        InputError: if there is none.
    """
    known = {f"{m}_{name}": (m, name) for m, e in catalog.methods().items() for name in e.presets}
    if preset not in known:
        near = difflib.get_close_matches(preset, known, 3) or sorted(known)
        raise InputError(f"There is no preset {preset!r}. Near it or known: {', '.join(near)}")
    method, name = known[preset]
    return of_method(method)[name]


@functools.cache
def of_method(method: str) -> dict[str, list[Provenance]]:
    """The values of all presets of a method, by data set."""
    entry = catalog.methods()[method]
    return {name: _of_preset(entry, name) for name in entry.presets}


@functools.cache
def stated(method: str) -> tuple[Stated, ...]:
    """What papers and published code say of a method, its own paper first."""
    files = sorted(_FOLDER.glob("*.json"), key=lambda path: not _is_own(path, method))
    return tuple(one for path in files for one in _read(path).get(method, ()))


def absent(method: str) -> list[Stated]:
    """What is said of values that no preset of the method has."""
    entry = catalog.methods()[method]
    own = of_class(entry.options, entry.presets.values())
    known = {name for preset in entry.presets.values() for name in values(own, preset)}
    return [one for one in stated(method) if one.name not in known]


def revision(method: str) -> str:
    """Of the published code that was read; empty where there is none."""
    code = catalog.methods()[method].code
    heads = (json.loads(path.read_text()) for path in sorted(_FOLDER.glob("*.json")))
    return next((head["revision"] for head in heads if code and head["repository"] == code), "")


def kinds(preset: str, run: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of a run's values by kind; `"given"` are those that are not the preset's.

    Args:
        preset: its name.
        run: the values that a run has, of those that it may change.
    """
    found = provenance(preset)
    there = {one.name: one.value for one in found}
    given = [k for k, v in run.items() if not (_same(v, there[k]) if k in there else _is_off(k, v))]
    kept = [one for one in found if one.name not in given]
    told = {kind: [one.name for one in kept if one.kind == kind] for kind in KINDS}
    return {**told, "given": given} if given else told


def counts(found: Iterable[Provenance]) -> dict[str, int]:
    """How many values are of each kind."""
    kinds = [one.kind for one in found]
    return {kind: kinds.count(kind) for kind in KINDS}


def of_class(options: Iterable[Option], presets: Iterable[Mapping[str, Any]]) -> list[Option]:
    """Those of a method's options that all its presets have: others are of some networks alone."""
    of_networks = {name for preset in presets for name in preset["network_arguments"]}
    return [option for option in options if option.name not in of_networks]


def values(options: Iterable[Option], preset: Mapping[str, Any]) -> dict[str, Any]:
    """The resolved values of a preset, flat: its class's defaults where it has no others.

    Args:
        options: of the method's class.
        preset: as the catalog has it.
    """
    found = {option.name: option.default for option in options}
    found |= {**preset["facts"], **preset["network_arguments"], **preset["arguments"]}
    found |= {name: preset[name] for name in _BUDGET}
    found[_EQUAL_RATES] = 1.0
    found |= {f"{player}_rate": factor for player, factor in preset["rate_factors"].items()}
    for player, own in preset["player_options"].items():
        found |= {f"{player}.{name}": value for name, value in own.items()}
    if preset["algorithm"] != "adam":
        del found["beta_1"], found["beta_2"]
    if not found.get("instance_noise"):
        found.pop("instance_noise_steps", None)
    if found.get("augment_target") is None:
        found.pop("augment_images", None)
    return found


def _of_preset(entry: Entry, name: str) -> list[Provenance]:
    preset, said = entry.presets[name], dict[str, list[Stated]]()
    for one in stated(entry.name):
        if one.speaks_of(name, preset):
            said.setdefault(one.name, []).append(one)
    own = of_class(entry.options, entry.presets.values())
    return [
        _found(key, value, said.get(key, []), preset["reasons"].get(key, ""))
        for key, value in values(own, preset).items()
        if key in said or not _is_off(key, value)
    ]


def _found(name: str, value: Any, said: Sequence[Stated], why: str) -> Provenance:
    for kind in ("stated", "code"):
        for one in said:
            if one.kind == kind and _same(one.value, value):
                return Provenance(name, value, kind, one.where, why, said)
    return Provenance(name, value, "ours", "", why, said)


def _is_off(name: str, value: Any) -> bool:
    return value == 1 if name in _OFF_AT_1 else value in _OFF


def _same(first: Any, second: Any) -> bool:
    """Whether two values are one: True is not 1."""
    first, second = (list(v) if isinstance(v, tuple) else v for v in (first, second))
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _is_own(path: Path, method: str) -> bool:
    """Whether a file is of a method's own paper."""
    return method == path.stem or method.startswith(f"{path.stem}_resnet")


@functools.cache
def _read(path: Path) -> dict[str, list[Stated]]:
    """What a file says, by method."""
    content = json.loads(path.read_text())
    code = f"{content['repository']} {content['revision']}"

    def one(method: str, entry: Mapping[str, Any]) -> Stated:
        entry = dict(entry)
        if "file" in entry:
            return Stated(kind="code", where=f"{code}, {entry.pop('file')}", **entry)
        of = "" if _is_own(path, method) else f"{content['title']}, "
        return Stated(kind="stated", where=of + entry.pop("where"), **entry)

    methods = content["methods"].items()
    return {method: [one(method, entry) for entry in entries] for method, entries in methods}
