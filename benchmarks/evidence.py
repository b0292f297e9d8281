"""Write what is made of the store for advice: kgan/advice/evidence.json, docs/advise.md's example.

python -m benchmarks.evidence
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgan.advice import choosing, evidence, looking
from kgan.files import replacing
from kgan.methods import catalog
from kgan.metrics import words
from kgan.runs.config import DATA_OPTIONS
from kgan.studies import bench, runs
from kgan.studies.records import Record
from kgan.studies.store import ROOT, Store
from kgan.studies.table import Column, Row, Table

PAGE = ROOT / "docs" / "advise.md"
# Columns of the benches that have it, of which each has one at most.
_COVERED = ("modes_covered", "classes_covered")
_DISTANCE = ("wasserstein", "frechet_distance")
_DIGITS = 5
_EXAMPLE = "```\n$ python -m apps.advise --dataset=grid --minutes=30\n"


def contents() -> dict[str, Any]:
    """What the file holds: of the rows that have results of what they compute today."""
    store, found = Store(), {}
    for name, table in bench.BENCHES.items():
        planned = runs.plan(table, seeds=1, spread=None, output_dir=Path("none"), changes={})
        rows = [(run.row, run.key, store.every(run.key)) for run in planned]
        there = [_row(table, *row) for row in rows if row[2]]
        if there:
            found[name] = {
                **_bench(name, table, next(records for *_, records in rows if records)),
                "missing": [row.label for row, _, records in rows if not records],
                "rows": there,
            }
    return json.loads(json.dumps(found))  # As it is read again: lists for tuples.


def _bench(name: str, table: Table, records: list[Record]) -> dict[str, Any]:
    row = table.rows[0]
    covered = _column(table, _COVERED)
    distance = _column(table, _DISTANCE)
    first = next(record.current() for record in records if record.scores)
    page = f"docs/results/bench_{name}.md"
    assert covered is not None
    return {
        "title": table.title,
        "dataset": row.dataset,
        "data": {k: v for k, v in row.flags.items() if k in DATA_OPTIONS},
        "shape": looking.look(row.dataset, {}).shape,
        "steps": row.flags["steps"],
        "total": first.get("modes_total") or len(first["class_histogram"]),
        "what": covered.key.partition("_")[0],
        "distance": "" if distance is None else words.find(distance.key).name,
        "page": page if (ROOT / page).exists() else "docs/results/leaderboard.md",
    }


def _row(table: Table, row: Row, key: str, records: list[Record]) -> dict[str, Any]:
    method = row.flags.get("method", row.method)
    scores = [record.current() for record in records if record.scores]
    environment = records[0].environment
    processor = (environment.get("conditions") or {}).get("processor")

    def values(keys: tuple[str, ...]) -> list[float]:
        column = _column(table, keys)
        found = [] if column is None else [column.value(evaluation) for evaluation in scores]
        return [float(f"{v:.{_DIGITS}g}") for v in found if words.is_number(v)]

    real = _column(table, _DISTANCE)
    of_real = [] if real is None else [real.value(s.get("real", {})) for s in scores]
    known = [value for value in of_real if words.is_number(value)]
    failed = sum(values(("failed",))) + len(records) - len(scores)
    return {
        "label": row.label,
        "method": method,
        "flags": _own_flags(method, row),
        "key": key,
        "seeds": len(records),
        "failed": int(failed),
        "covered": values(_COVERED),
        "strict": values(("modes_strict",)),
        "distance": values(_DISTANCE),
        "imbalance": values(("imbalance",)),
        "real": float(f"{sum(known) / len(known):.{_DIGITS}g}") if known else None,
        "seconds": [float(f"{1 / speed:.3g}") for speed in values(("steps_per_second",)) if speed],
        "machine": ", ".join(filter(None, [processor, environment.get("machine")])),
        "network": next((s["feature_network"] for s in scores if "feature_network" in s), None),
    }


def _column(table: Table, keys: tuple[str, ...]) -> Column | None:
    return next((column for column in table.columns if column.key in keys), None)


def _own_flags(method: str, row: Row) -> dict[str, Any]:
    """Those of the method's application that change its preset."""
    preset = catalog.methods()[method].preset(row.dataset)
    usual = {**preset, **preset["facts"], **preset["network_arguments"], **preset["arguments"]}
    apart = {"steps", *DATA_OPTIONS}
    return {k: v for k, v in row.flags.items() if k not in apart and usual.get(k) != v}


def page(text: str, found: Mapping[str, Any]) -> str:
    """docs/advise.md with the example as the command prints it today."""
    begin = text.index(_EXAMPLE) + len(_EXAMPLE)
    told = choosing.advise(looking.look("grid", {}), 30, evidence.parsed(found)).text()
    return text[:begin] + told + text[text.index("\n```", begin) :]


def main() -> None:
    found = contents()
    for path, text in ((evidence.PATH, _text(found)), (PAGE, page(PAGE.read_text(), found))):
        with replacing(path) as temporary:
            temporary.write_text(text)


def _text(found: Mapping[str, Any]) -> str:
    """JSON with a line for each row."""
    parts = []
    for name, one in found.items():
        facts = [f"  {json.dumps(k)}: {json.dumps(v)},\n" for k, v in one.items() if k != "rows"]
        rows = ",\n".join(f"   {json.dumps(row)}" for row in one["rows"])
        parts.append(f' {json.dumps(name)}: {{\n{"".join(facts)}  "rows": [\n{rows}\n  ]}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
