"""The page on where the values of presets come from: written by `python -m benchmarks.catalog`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from kgan.methods import catalog, provenance
from kgan.methods.catalog import Entry
from kgan.methods.provenance import Provenance, Stated
from kgan.studies.differences import shown

_HEAD = """# Where the values of presets come from

Written by `python -m benchmarks.catalog` from what papers state and published code has
(`kgan/methods/stated/`) and from the presets. A value is **stated** where a paper has it for that
data, of the **code** where the authors' published code has it, and **ours** otherwise: then its
reason stands here. What switches an option off needs no source, unless a paper says something of
it. Those files have the places, and of the five papers that kgan is about the words; of baselines'
papers they have what is widely known, without quotations: look there before you cite a place.

```python
from kgan.methods.provenance import provenance

for value in provenance("mdgan_grid"):
    print(value.name, value.value, value.kind, value.where or value.why)
```

`python -m apps.provenance` counts; with `--preset=mdgan_grid` it lists the values of a preset.

## How many

Values of all presets of a method; *otherwise* counts those where a paper or code has another one.
"""


def page() -> str:
    """All of docs/provenance.md."""
    entries = catalog.methods()
    return (
        "\n\n".join([_HEAD.rstrip(), _coverage(entries.values()), *map(_section, entries.values())])
        + "\n"
    )


def code(entry: Entry) -> str:
    """Where a method's authors have published code."""
    if not entry.code:
        return "none published that we found"
    found = f"[{entry.code}](https://github.com/{entry.code})"
    revision = provenance.revision(entry.name)
    return f"{found} at {revision}" if revision else found


def _coverage(entries: Iterable[Entry]) -> str:
    lines = [["method", *provenance.KINDS, "otherwise"], ["---", *["---:"] * 4]]
    for entry in entries:
        found = [one for values in provenance.of_method(entry.name).values() for one in values]
        numbers = [*provenance.counts(found).values(), sum(one.differs for one in found)]
        lines.append([f"[{entry.title}](#{anchor(entry.title)})", *map(str, numbers)])
    return _table(lines)


def _section(entry: Entry) -> str:
    found = _grouped(entry.name)
    other = [(one, names) for one, names in found if one.differs]
    silent = [(one, names) for one, names in found if one.kind == "ours" and not one.differs]
    parts = [f"## {entry.title}", f"Published code: {code(entry)}."]
    if other:
        lines = [["value", "presets", "here", "papers and code", "why"], ["---"] * 5]
        lines += [
            [f"`{one.name}`", _named(entry, names), _here(one), _said(one), one.why]
            for one, names in other
        ]
        parts += ["What papers or code have otherwise:", _table(lines)]
    if silent:
        lines = [["values", "presets", "why"], ["---"] * 3]
        reasons: dict[tuple[str, str], list[str]] = {}
        for one, names in silent:
            told = f"`{one.name}` {shown(one.value)}"
            reasons.setdefault((one.why, _named(entry, names)), []).append(told)
        lines += [[", ".join(told), names, why] for (why, names), told in reasons.items()]
        parts += ["Ours, where nothing else is known to be stated:", _table(lines)]
    if missing := provenance.absent(entry.name):
        lines = [["value", "", "where", "why no preset has it"], ["---"] * 4]
        lines += [[one.name, shown(one.value), one.where, one.absent] for one in missing]
        parts += ["Stated, and in no preset:", _table(lines)]
    return "\n\n".join(parts)


def _grouped(method: str) -> list[tuple[Provenance, list[str]]]:
    """The different values of a method's presets, each with the presets that have it so."""
    groups: dict[str, tuple[Provenance, list[str]]] = {}
    for name, values in provenance.of_method(method).items():
        for one in values:
            key = json.dumps([one.name, one.value, one.kind, one.where, one.why, _said(one)])
            groups.setdefault(key, (one, []))[1].append(name)
    return sorted(groups.values(), key=lambda group: group[0].name)


def _named(entry: Entry, names: Sequence[str]) -> str:
    if len(names) == len(entry.presets):
        return "all"
    points = [k for k, p in entry.presets.items() if len(p["example_shape"] or (1, 1, 1)) == 1]
    for word, kind in (("points", points), ("images", entry.presets.keys() - set(points))):
        if set(names) == set(kind):
            return f"all {word}"
    return ", ".join(names)


def _here(one: Provenance) -> str:
    return f"{shown(one.value)} ({one.where})" if one.where else shown(one.value)


def _said(one: Provenance) -> str:
    others: list[Stated] = [s for s in one.stated if s.value != one.value]
    return "; ".join(dict.fromkeys(f"{shown(s.value)} ({s.where})" for s in others))


def anchor(title: str) -> str:
    """As GitHub and MyST make them of headings."""
    kept = "".join(c for c in title.lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")


def _table(lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
