"""What a table or figure of a paper consists of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kgan.metrics import words


@dataclasses.dataclass(frozen=True)
class Column:
    """A measure.

    Attributes:
        key: of evaluation.json, or a name for what `of` works out.
        label: heading, in words.
        decimals: shown.
        percent: whether a fraction is shown as percent.
        of: the value from all of evaluation.json, where it is not that of `key`.
        failed: what a run counts as that diverged; None leaves it out.
        by_model: whether real data have another value with every model, and so none in a table.
    """

    key: str
    label: str
    decimals: int
    percent: bool = False
    of: Callable[[Mapping[str, Any]], Any] | None = None
    failed: float | None = None
    by_model: bool = False

    def value(self, evaluation: Mapping[str, Any]) -> Any:
        """What evaluation.json has of it; None for nothing."""
        return evaluation.get(self.key) if self.of is None else self.of(evaluation)

    def scaled(self, value: float) -> float:
        """As the table has it."""
        return value * 100 if self.percent else value


def column(key: str, **changes: Any) -> Column:
    """The column of a score, in the score's own words.

    Args:
        key: of the score.
        **changes: attributes of `Column` that a table has otherwise, such as what a paper prints.
    """
    score = words.find(key)
    heading = f"{score.heading or score.name}{', %' if score.percent else ''}"
    own = {"percent": score.percent, "by_model": score.by_model}
    return Column(**{"key": key, "label": heading, "decimals": score.decimals, **own, **changes})


def columns(*keys: str) -> tuple[Column, ...]:
    """Those of several scores."""
    return tuple(map(column, keys))


@dataclasses.dataclass(frozen=True)
class Row:
    """A method on a data set, trained once for each seed.

    Attributes:
        label: method and setting in words.
        method: name of the application, such as `"mdgan"` for `apps.mdgan`.
        dataset: name for `--dataset`.
        flags: further flags of the application.
        spread_flags: more of them, by the name of the reading in `Table.spreads`.
        samples: for the evaluation.
        published: by column's key, as printed in the paper.
        minutes: what a run takes on one core, roughly.
        crossed: the game and the norm, say, where a table has each of some with each of others.
    """

    label: str
    method: str
    dataset: str
    samples: int
    minutes: float
    flags: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    spread_flags: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    published: Mapping[str, str] = dataclasses.field(default_factory=dict)
    crossed: tuple[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Table:
    """A table, or a figure whose points are a table.

    Attributes:
        paper: its short name, such as `"mdgan"`; `"bench"` for what is no paper's.
        kind: `"table"` or `"figure"`; empty for a bench.
        number: in the paper, or the bench's name.
        title: what is compared, with the paper.
        columns: measures; a column without a published value in any row is ours alone.
        rows: methods and settings.
        differences: what differs from the paper's set-up, in words, besides what the presets say
            of themselves.
        spreads: readings of the width of the modes, the first one the default: by name of the
            reading and data set, flags. Empty where the paper leaves no doubt.
        drawn: keys of the columns that a figure shows.
        panels: show samples of each row's first seed instead.
        about: heading of `differences`.
        part: which of its rows these are, where they are not all; it is in the files' names.
        crossed: keys of columns that are shown besides with the first of `Row.crossed` down and the
            second across.
    """

    paper: str
    kind: str
    number: int | str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    differences: Sequence[str]
    spreads: Mapping[str, Mapping[str, Mapping[str, float]]] = dataclasses.field(
        default_factory=dict
    )
    drawn: Sequence[str] = ()
    panels: bool = False
    about: str = "What differs from the paper"
    part: str = ""
    crossed: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Kind and number, such as `"table 1"`; a bench's name alone."""
        return f"{self.kind} {self.number}".strip()

    @property
    def minutes(self) -> float:
        """What one seed of all rows takes on one core, roughly."""
        return sum(row.minutes for row in self.rows)

    def of(self, rows: Sequence[Row], part: str) -> Table:
        """The same with some of the rows, named by `part`."""
        return dataclasses.replace(self, rows=tuple(rows), part=part)


def published_rows(
    dataset: str,
    key: str,
    settings: Sequence[tuple[str, str, Mapping[str, Any], str, float]],
    **flags: Any,
) -> tuple[Row, ...]:
    """Rows of 10,000 samples on one data set, of which the paper has one score.

    Args:
        dataset: its name.
        key: of the score.
        settings: label, method, flags, published score and minutes on one core of each row.
        **flags: of all rows besides.
    """
    return tuple(
        Row(
            label=label,
            method=method,
            dataset=dataset,
            samples=10_000,
            minutes=minutes,
            flags={**own, **flags},
            published={key: published},
        )
        for label, method, own, published, minutes in settings
    )


@dataclasses.dataclass(frozen=True)
class Grid:
    """Cells under a header.

    Attributes:
        header: of the columns.
        body: cells, row by row.
        heading: of it all, where a page has several.
        words: how many columns at the left are words, not numbers.
    """

    header: Sequence[str]
    body: Sequence[Sequence[str]]
    heading: str = ""
    words: int = 2


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Cells in columns, the first line their heading."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)
