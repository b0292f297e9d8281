"""Write what is made of the methods' METHODs: kgan/methods/catalog.json, tables of documents.

README's table of methods, docs/provenance.md, docs/methods.md and the pages in docs/methods/.

python -m benchmarks.catalog
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import measured, method_pages
from benchmarks.provenance import page
from kgan.files import replacing
from kgan.methods import catalog, options, provenance, registry
from kgan.methods.catalog import Option
from kgan.methods.method import Method
from kgan.methods.presets.preset import Preset

README = Path(__file__).parents[1] / "README.md"
DOCS = README.parent / "docs"
_BEGIN, _END = "<!-- Methods. -->", "<!-- End of methods. -->"


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
    """README with the methods as they are: those with a command in a table, others in a line."""
    methods = registry.methods().values()
    rows = [
        "| method | idea | command | modes of 25 |",
        "| --- | --- | --- | ---: |",
        *(_row(method) for method in methods if method.command == method.name),
    ]
    others = ", ".join(_link(method) for method in methods if method.command != method.name)
    line = f"Other losses, critics and penalties, `python -m apps.gan --method=NAME`: {others}."
    head, begin, rest = text.partition(_BEGIN)
    return head + begin + "\n\n" + "\n".join(rows) + f"\n\n{line}\n\n" + rest[rest.index(_END) :]


def _row(method: Method) -> str:
    title = f"[{method.title}](docs/methods/{method.name}.md)"
    return f"| {title} | {method.idea} | `apps.{method.name}` | {_modes(method)} |"


def _link(method: Method) -> str:
    modes = _modes(method)
    return f"[`{method.name}`](docs/methods/{method.name}.md)" + (f" {modes}" if modes else "")


def _modes(method: Method) -> str:
    found = measured.row(method.title, "grid")
    return f"[{found.strict}](docs/results/{found.page}.md)" if found else ""


def main() -> None:
    _write(catalog.PATH, _text(contents()) + "\n")
    catalog.forget()
    for path, text in documents().items():
        _write(path, text)


def documents() -> dict[Path, str]:
    """The documents with what is made from the catalog, as they should be."""
    return {
        README: readme(README.read_text()),
        DOCS / "provenance.md": page(),
        **method_pages.pages(),
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
