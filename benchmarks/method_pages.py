"""The pages of the methods, docs/methods/: written by `python -m benchmarks.catalog`.

What a page says in words stands between marks, and stays; the rest is made from the registry, the
pages of results and the pictures of `python -m benchmarks.method_pictures`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import measured, provenance
from kgan.methods import catalog
from kgan.methods.catalog import Entry, Option
from kgan.studies.differences import shown

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- By hand, until the end mark. -->", "<!-- End. -->"
_EVERY = "AdversarialModel"  # Whose options all methods have.
_INDEX_HEAD = "| method | idea | published code |"
_EVERY_HEAD = "| argument of every method | default | what it is |"


def pages() -> dict[Path, str]:
    """What docs/methods.md and the pages below it should be."""
    found = {DOCS / "methods.md": _index((DOCS / "methods.md").read_text())}
    for entry in catalog.methods().values():
        path = DOCS / "methods" / f"{entry.name}.md"
        found[path] = _page(entry, by_hand(path.read_text() if path.exists() else ""))
    return found


def by_hand(text: str) -> tuple[str, str]:
    """The two parts of a page that people write: what it is, and how it works."""
    parts = [part.partition(END)[0].strip() for part in text.split(BEGIN)[1:]]
    words, how = [*parts, "", ""][:2]
    return words, how


def _index(text: str) -> str:
    rows = [
        f"| [{entry.title}](methods/{name}.md) | {entry.idea} | {provenance.code(entry)} |"
        for name, entry in catalog.methods().items()
    ]
    text = _replaced(text, _INDEX_HEAD, rows)
    return _replaced(text, _EVERY_HEAD, _arguments(catalog.options(_EVERY)))


def _replaced(text: str, head: str, rows: Sequence[str]) -> str:
    begin = text.index(head)
    rule = "|" + " --- |" * (head.count("|") - 1)
    return text[:begin] + "\n".join([head, rule, *rows]) + text[text.index("\n\n", begin) :]


def _page(entry: Entry, hand: tuple[str, str]) -> str:
    picture = f"images/methods/{entry.name}.png"
    parts = [f"# {entry.title}", _marked(hand[0])]
    if (DOCS / picture).exists():
        parts.append(f"![What {entry.title} has learnt](../{picture})")
    parts += [_facts(entry), _start(entry)]
    own = _own(entry)
    if own:
        head = ["| argument | default | what it is |", "| --- | --- | --- |"]
        parts += ["## Arguments", "\n".join([*head, *_arguments(own)])]
    also = "[Those of every method](../methods.md#arguments-of-every-method)"
    parts.append(also + (" besides." if own else "."))
    anchor = provenance.anchor(entry.title)
    parts += [
        "## Presets",
        _presets(entry),
        f"[Where each value is from](../provenance.md#{anchor}).",
        "## How it works, and where ours differs",
        _marked(hand[1]),
    ]
    return "\n\n".join(parts) + "\n"


def _marked(text: str) -> str:
    return f"{BEGIN}\n\n{text}\n\n{END}"


def _facts(entry: Entry) -> str:
    rows = [
        ("class", f"`kgan.{entry.cls}`"),
        ("paper", f"[{entry.source}]({entry.link})" if entry.link else entry.source),
        ("published code", provenance.code(entry)),
        ("a step takes", f"{entry.cost:g} times a GAN's"),
    ]
    for data, modes in measured.MODES.items():
        if found := measured.row(entry.title, data):
            link = (
                f"[of {found.seeds} seed{'s' * (found.seeds != '1')}](../results/{found.page}.md)"
            )
            told = f"{found.modes} of {modes} modes, {found.strict} with 1% of the samples, "
            told += f"{found.quality}% within 3 std, {link}"
            rows.append((data, told))
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)])


def _start(entry: Entry) -> str:
    flag = "" if entry.command == entry.name else f" --method={entry.name}"
    usual = entry.usual
    dataset = "grid" if "grid" in usual else next(iter(usual))
    return (
        f"```\npython -m apps.{entry.command}{flag} --dataset={dataset}\n```\n\n"
        f'```python\ngan = kgan.{entry.cls}.from_preset("{entry.name}_{dataset}")\n```'
    )


def _own(entry: Entry) -> list[Option]:
    """Its class's options and those of the classes between it and `AdversarialModel`."""
    keys = json.loads(catalog.PATH.read_text())["methods"][entry.name]["options"]
    named = dict(zip(keys, entry.options, strict=True))
    return [option for key, option in named.items() if key.partition(".")[0] != _EVERY]


def _arguments(options: Iterable[Option]) -> list[str]:
    return [f"| `{o.name}` | {_cell(shown(o.default))} | {_cell(o.about)} |" for o in options]


def _presets(entry: Entry) -> str:
    rows = ["| preset | steps | batch | rate | arguments |", "| --- | ---: | ---: | ---: | --- |"]
    for name, preset in entry.presets.items():
        arguments = ", ".join(f"`{k}={v!r}`" for k, v in preset["arguments"].items())
        rows.append(
            f"| `{entry.name}_{name}` | {preset['steps']:,} | {preset['batch_size']} | "
            f"{preset['learning_rate']:g} | {arguments} |"
        )
    return "\n".join(rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
