"""Write what is made of the methods' METHODs: kgan/methods/catalog.json, README's table.

python -m benchmarks.catalog
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from kgan.files import replacing
from kgan.methods import catalog, options, registry
from kgan.methods.method import Method
from kgan.methods.presets.preset import Preset

README = Path(__file__).parents[1] / "README.md"


def contents() -> dict[str, Any]:
    """What the file holds."""
    known = {**options.term_options(), **options.classifier_options()}
    entries = {}
    for name, method in registry.methods().items():
        own = options.options(method)
        known |= own
        entries[name] = _entry(method, list(own))
    table = {key: dataclasses.asdict(option) for key, option in known.items()}
    # As it is read again: lists for tuples.
    return json.loads(json.dumps({"methods": entries, "options": table}))


def _entry(method: Method, keys: list[str]) -> dict[str, Any]:
    same = ("title", "idea", "source", "link", "command", "cost", "terms")
    return {
        "cls": method.model.__name__,
        **{name: getattr(method, name) for name in same},
        "options": keys,
        "presets": {name: _values(preset) for name, preset in method.presets.items()},
    }


def _values(preset: Preset) -> dict[str, Any]:
    """What a preset says, but for what builds its networks."""
    fields = (field.name for field in dataclasses.fields(preset))
    return {name: getattr(preset, name) for name in fields if name not in ("networks", "model")}


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
    text = readme(README.read_text())
    with replacing(README) as temporary:
        temporary.write_text(text)
    with replacing(catalog.PATH) as temporary:
        temporary.write_text(_text(contents()) + "\n")


def _text(value: Any, depth: int = 0) -> str:
    """JSON with a line for each preset."""
    if depth == 4 or not isinstance(value, dict):
        return json.dumps(value)
    indent = " " * (depth + 1)
    lines = [f"{indent}{json.dumps(key)}: {_text(v, depth + 1)}" for key, v in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent[1:]}}}"


if __name__ == "__main__":
    main()
