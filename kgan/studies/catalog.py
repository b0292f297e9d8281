"""All tables, and how a user names one."""

from __future__ import annotations

from collections.abc import Sequence

from kgan.errors import InputError
from kgan.studies.papers import invertgan, maemgan, mdgan, mgan, mimgan
from kgan.studies.table import Table, aligned

# A paper's tables are a file beside this one; its name here is all that they need besides.
TABLES: list[Table] = [
    *mimgan.TABLES,
    *mgan.TABLES,
    *mdgan.TABLES,
    *invertgan.TABLES,
    *maemgan.TABLES,
]


def find(paper: str | None, table: int | None, figure: int | None) -> Table:
    """The table or figure of a paper.

    Args:
        paper: its short name.
        table: number, or None for a figure.
        figure: number, or None for a table.

    Raises:
        InputError: if there is none, or more than one is meant.
    """
    papers = sorted({known.paper for known in TABLES})
    if paper not in papers:
        raise InputError(
            f"`paper` must be one of {', '.join(papers)}. Received: {paper}. See `list`."
        )
    there = [known for known in TABLES if known.paper == paper]
    names = ", ".join(f"`{known.kind}={known.number}`" for known in there)
    if (table is None) == (figure is None):
        raise InputError(
            f"Of {paper} there is {names}. Received: {'none' if table is None else 'two'}; "
            "give one."
        )
    wanted = ("figure", figure) if table is None else ("table", table)
    for known in there:
        if (known.kind, known.number) == wanted:
            return known
    raise InputError(
        f"Of {paper} there is {names}. Received: `{wanted[0]}={wanted[1]}`. See `list`."
    )


def on_data(table: Table, names: Sequence[str] | None) -> Table:
    """The table's rows on some of its data sets; all without names.

    Raises:
        InputError: if the table has no such data set.
    """
    known = list(dict.fromkeys(row.dataset for row in table.rows))
    unknown = [name for name in names or [""] if name not in known]
    if names is not None and unknown:
        raise InputError(
            f"{table.name.capitalize()} of {table.paper} is of `data={','.join(known)}`. "
            f"Received: {unknown[0] or 'none'}"
        )
    chosen = known if names is None else [name for name in known if name in names]
    if chosen == known:
        return table
    return table.of([row for row in table.rows if row.dataset in chosen], "+".join(chosen))


def spread_of(table: Table, spread: str | None) -> str | None:
    """The reading of the modes' width: the one given, or the table's default.

    Raises:
        InputError: if the table has no such reading.
    """
    if spread is None:
        return next(iter(table.spreads), None)
    if spread not in table.spreads:
        known = ", ".join(table.spreads)
        told = f"knows `spread` of {known}" if known else "takes no `spread`"
        raise InputError(
            f"{table.name.capitalize()} of {table.paper} {told}. Received: `spread={spread}`"
        )
    return spread


def listing() -> str:
    """What there is and what it costs, a line each."""
    lines = [("paper", "what", "data", "runs a seed", "one core, a seed", "--spread")]
    for table in TABLES:
        data = ", ".join(dict.fromkeys(row.dataset for row in table.rows))
        cost = f"about {table.minutes:.0f} min"
        spreads = ", ".join(table.spreads) or "-"
        lines.append((table.paper, table.name, data, str(len(table.rows)), cost, spreads))
    return aligned(lines)
