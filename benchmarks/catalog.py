"""Write what is made of the methods' METHODs: kgan/methods/catalog.json, tables of documents.

README's table of methods, docs/provenance.md, and the table of published code in docs/methods.md.

python -m benchmarks.catalog
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.provenance import code_table, page
from kgan.files import replacing
from kgan.methods import catalog, options, provenance, registry
from kgan.methods.catalog import Option
from kgan.methods.method import Method
from kgan.methods.presets.preset import Preset

README = Path(__file__).parents[1] / "README.md"
DOCS = README.parent / "docs"


def contents() -> dict[str, Any]:
    """What the file holds."""
    known = {**options.term_options(), **options.classifier_options()}
    entries, reasons = {}, dict[str, int]()
    for name, method in registry.methods().items():
        own = options.options(method)
        known |= own
        entries[name] = _entry(method, own, reasons)
    table = {key: dataclasses.asdict(option) for key, option in known.items()}
    # As it is read again: lists for tuples.
    found = {"methods": entries, "options": table, "reasons": list(reasons)}
    return json.loads(json.dumps(found))


def _entry(method: Method, own: Mapping[str, Option], reasons: dict[str, int]) -> dict[str, Any]:
    same = ("title", "idea", "source", "link", "command", "cost", "terms", "code")
    return {
        "cls": method.model.__name__,
        **{name: getattr(method, name) for name in same},
        "options": list(own),
        "presets": {
            name: _preset(method, preset, list(own.values()), reasons)
            for name, preset in method.presets.items()
        },
    }


def _preset(
    method: Method, preset: Preset, own: Sequence[Option], reasons: dict[str, int]
) -> dict[str, Any]:
    """What a preset says, but for what builds its networks; its reasons by their number."""
    fields = (field.name for field in dataclasses.fields(preset))
    apart = ("networks", "model", "shared", "reasons")
    found = {name: getattr(preset, name) for name in fields if name not in apart}
    found["facts"] = preset.facts
    presets = map(vars, method.presets.values())
    values = provenance.values(provenance.of_class(own, presets), found)
    defaults = {option.name: option.default for option in own}
    why = {k: v for k, v in method.reasons.items() if values.get(k) == defaults.get(k)}
    why |= {name: text for name, text in preset.why(values).items() if name in values}
    found["reasons"] = {k: reasons.setdefault(text, len(reasons)) for k, text in why.items()}
    return found


def readme(text: str) -> str:
    """README with the table of the methods as they are."""
    rows = [
        "| method | class | application, or `--method` of `apps.gan` | idea | paper |",
        "| --- | --- | --- | --- | --- |",
        *map(_row, registry.methods().values()),
    ]
    begin = text.index(rows[0])
    return text[:begin] + "\n".join(rows) + text[text.index("\n\n", begin) :]


def _row(method: Method) -> str:
    own = method.command == method.name
    command = f"`apps.{method.name}`" if own else f"`--method={method.name}`"
    paper = f"[{method.source}]({method.link})" if method.link else method.source
    cls = f"`kgan.{method.model.__name__}`"
    return f"| {method.title} | {cls} | {command} | {method.idea} | {paper} |"


def main() -> None:
    _write(catalog.PATH, _text(contents()) + "\n")
    catalog.forget()
    for path, text in documents().items():
        _write(path, text)


def documents() -> dict[Path, str]:
    """The documents with what is made from the catalog, as they should be."""
    methods = DOCS / "methods.md"
    return {
        README: readme(README.read_text()),
        DOCS / "provenance.md": page(),
        methods: code_table(methods.read_text()),
    }


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text)


def _text(value: Any, depth: int = 0) -> str:
    """JSON with a line for each preset."""
    if depth == 4 or not isinstance(value, dict):
        return json.dumps(value)
    indent = " " * (depth + 1)
    lines = [f"{indent}{json.dumps(key)}: {_text(v, depth + 1)}" for key, v in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent[1:]}}}"


if __name__ == "__main__":
    main()
