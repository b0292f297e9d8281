"""A table with its results as Markdown and HTML."""

from __future__ import annotations

import base64
import dataclasses
import math
import statistics
from collections.abc import Sequence

from kgan.metrics import words
from kgan.metrics.formatting import NOTHING
from kgan.metrics.paired import paired_difference
from kgan.reporting.pages.writing import render
from kgan.reporting.sections.differences import difference_cell
from kgan.studies import conditions, runs
from kgan.studies.conditions import feature_networks
from kgan.studies.crossing import crossed
from kgan.studies.differences import told
from kgan.studies.results import Outcome
from kgan.studies.table import Column, Grid, Table

_SEED_BY_SEED = (
    "Differences, seed by seed: mean (95% interval), and the seeds with which a paired test at 5% "
    "finds a difference of this mean and spread in 80% of the repetitions"
)


@dataclasses.dataclass(frozen=True)
class Page:
    """All that is written, in words.

    Attributes:
        title: of the table.
        notices: what must be known before anything is read out of it.
        about_grids: heading of its tables together.
        grids: its tables.
        about_differences: heading of `differences`.
        differences: from the paper's set-up.
        commands: by row, what repeats it.
        about: machine, versions, dates.
        picture: file name and contents of a PNG; None for none.
    """

    title: str
    notices: Sequence[str]
    about_grids: str
    grids: Sequence[Grid]
    about_differences: str
    differences: Sequence[str]
    commands: Sequence[tuple[str, str]]
    about: Sequence[str]
    picture: tuple[str, bytes] | None = None


def page(
    table: Table,
    outcomes: Sequence[Outcome],
    *,
    notices: Sequence[str],
    about: Sequence[str],
    picture: tuple[str, bytes] | None = None,
) -> Page:
    """What is to be written of a table; columns that no row has are left out.

    Args:
        table: what was to be computed.
        outcomes: of its rows.
        notices: what must be known first; failed runs are added.
        about: lines on this call; those on the runs are added.
        picture: file name and contents of a PNG.
    """
    table = dataclasses.replace(table, columns=_columns(table, outcomes))
    published = any(_is_published(table, column) for column in table.columns)
    return Page(
        title=table.title,
        notices=[*notices, *_networks(outcomes), *_failures(outcomes)],
        about_grids="Published and measured" if published else "Measured",
        grids=_grids(table, outcomes),
        about_differences=table.about,
        differences=[*table.differences, *told(outcomes)],
        commands=[
            (f"{o.row.label} on {o.row.dataset}", runs.command(o.runs)) for o in outcomes if o.runs
        ],
        about=[*conditions.told(outcomes), *about],
        picture=picture,
    )


def _grids(table: Table, outcomes: Sequence[Outcome]) -> list[Grid]:
    """What the table crosses, the table, and its differences seed by seed."""
    found = crossed(table, outcomes)
    heading = "All measures" if found else ""
    whole = Grid(_header(table), _body(table, outcomes), heading)
    return [*found, whole, *_differences(table, outcomes)]


def markdown_tables(page: Page) -> str:
    """Headings, headers and rows."""
    parts = []
    for grid in page.grids:
        numbers = ["---:"] * (len(grid.header) - grid.words)
        lines = [grid.header, ["---"] * grid.words + numbers, *grid.body]
        parts += [f"## {grid.heading}"] if grid.heading else []
        parts.append("\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines))
    return "\n\n".join(parts)


def markdown(page: Page, notes: str = "") -> str:
    """The page in Markdown, with what people have written of it."""
    parts = [f"# {page.title}", *(f"**{notice}**" for notice in page.notices)]
    if page.picture:
        parts.append(f"![{page.title}]({page.picture[0]})")
    parts += [notes] if notes else []
    parts += [
        markdown_tables(page),
        f"## {page.about_differences}",
        "\n".join(f"- {difference}" for difference in page.differences),
        "## Commands",
        "```\n" + "\n".join(f"# {label}\n{command}" for label, command in page.commands) + "\n```",
        "## Made with",
        "\n".join(f"- {line}" for line in page.about),
    ]
    return "\n\n".join(parts) + "\n"


def html(page: Page) -> str:
    """The page as HTML that needs nothing but itself."""
    picture = base64.b64encode(page.picture[1]).decode() if page.picture else ""
    return render("table.html.j2", page=page, picture=picture)


def _is_published(table: Table, column: Column) -> bool:
    return any(column.key in row.published for row in table.rows)


def _columns(table: Table, outcomes: Sequence[Outcome]) -> Sequence[Column]:
    """Those that some row has, or real data; all of them before there is any result."""

    def is_there(column: Column) -> bool:
        scores = (found for o in outcomes for found in (o.scores(column), o.real_scores(column)))
        return _is_published(table, column) or any(found.numbers for found in scores)

    return [column for column in table.columns if is_there(column)] or table.columns


def _header(table: Table) -> list[str]:
    measures = []
    for column in table.columns:
        if _is_published(table, column):
            measures += [f"{column.label}: paper", f"{column.label}: ours"]
        else:
            measures.append(column.label)
    return ["method", "data", *measures, "seeds", "samples", "steps", "training time"]


def _body(table: Table, outcomes: Sequence[Outcome]) -> list[list[str]]:
    """A line for each row, and after the last row of a data set one for real data."""
    lines = []
    for index, outcome in enumerate(outcomes):
        lines.append(_line(table, outcome))
        dataset = outcome.row.dataset
        if dataset not in [later.row.dataset for later in outcomes[index + 1 :]]:
            same = [o for o in outcomes if o.row.dataset == dataset]
            lines.append(_real_line(table, max(same, key=lambda o: len(o.evaluations))))
    return lines


def _differences(table: Table, outcomes: Sequence[Outcome]) -> list[Grid]:
    """Each row less the first of its data set, over common seeds; [] without two of those."""
    body = []
    for outcome in outcomes:
        base = next(o for o in outcomes if o.row.dataset == outcome.row.dataset)
        if base is outcome:
            continue
        found = [_difference(column, outcome, base) for column in table.columns]
        if any(found):
            labels = [outcome.row.label, base.row.label, outcome.row.dataset]
            body.append([*labels, *(one or NOTHING for one in found)])
    header = ["method", "less", "data", *(column.label for column in table.columns)]
    return [Grid(header, body, heading=_SEED_BY_SEED, words=3)] if body else []


def _difference(column: Column, outcome: Outcome, base: Outcome) -> str:
    """In words; empty without two common seeds."""
    first, second = (
        {
            (seed, told.get("feature_network")): column.scaled(float(value))
            for seed, told in each.evaluations.items()
            if words.is_number(value := column.value(told)) and math.isfinite(value)
        }
        for each in (outcome, base)
    )
    cell = difference_cell(paired_difference(first, second))
    return f"{cell.mean} ({cell.interval}); {cell.note}" if cell.note else ""


def _line(table: Table, outcome: Outcome) -> list[str]:
    measures = []
    for column in table.columns:
        if _is_published(table, column):
            measures.append(outcome.row.published.get(column.key, NOTHING))
        scores = outcome.scores(column)
        nothing = outcome.failures and not outcome.evaluations and not scores.values
        measures.append("failed" if nothing else scores.text(column.decimals))
    steps = ", ".join(f"{steps:,}" for steps in outcome.every("steps"))
    return [
        outcome.row.label,
        outcome.row.dataset,
        *measures,
        _count(outcome),
        _samples(outcome),
        steps or NOTHING,
        _duration([e["wall_seconds"] for e in outcome.evaluations.values() if "wall_seconds" in e]),
    ]


def _real_line(table: Table, outcome: Outcome) -> list[str]:
    """What a perfect generator gets, by draws with the seeds of one row."""
    measures = []
    for column in table.columns:
        measures += [NOTHING] if _is_published(table, column) else []
        real = outcome.real_scores(column).text(column.decimals)
        measures.append(NOTHING if column.by_model else real)
    count = str(len(outcome.evaluations))
    about = [count, _samples(outcome), NOTHING, NOTHING]
    return ["real data", outcome.row.dataset, *measures, *about]


def _count(outcome: Outcome) -> str:
    done, wanted = len(outcome.evaluations), len(outcome.runs)
    return str(done) if done == wanted else f"{done} of {wanted}"


def _samples(outcome: Outcome) -> str:
    return ", ".join(f"{samples:,}" for samples in outcome.every("samples")) or NOTHING


def _duration(seconds: Sequence[float]) -> str:
    if not seconds:
        return NOTHING
    mean = statistics.mean(seconds)
    return f"{mean:.1f} s" if mean < 120 else f"{mean / 60:.1f} min"


def _networks(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"Scores on {dataset} are of {len(names)} feature networks, {' and '.join(names)}: they "
        "say nothing about each other."
        for dataset, names in feature_networks(outcomes).items()
        if len(names) > 1
    ]


def _failures(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"{o.row.label} on {o.row.dataset}, seed {seed}, failed: {why}"
        for o in outcomes
        for seed, why in o.failures.items()
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
