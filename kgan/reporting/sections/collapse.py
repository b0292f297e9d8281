"""The section of the page that tells what went wrong while a run trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kgan.metrics.collapse import COLUMNS, CollapseEvent

_TITLES: Mapping[str, str] = {
    "modes_lost": "Modes lost",
    "modes_missing": "Modes missing",
    "diversity": "Diversity low",
    "mode_spread": "Modes too tight",
    "overlap": "Generators overlap",
    "separation": "Discriminator saturated",
    "loss": "Discriminator saturated",
}


@dataclass(frozen=True)
class CollapseRow:
    """An event in words: its name, what and how much, and the steps that it has."""

    title: str
    what: str
    begun: str
    noticed: str
    recovered: str


def build_collapse(events: Sequence[CollapseEvent] | None) -> list[CollapseRow] | None:
    """The rows of the section, in the order of notice; None if nobody watched."""
    if events is None:
        return None
    return [
        CollapseRow(
            _TITLES[event.kind],
            event.what,
            f"{event.begun:,}",
            f"{event.noticed:,}",
            "not yet" if event.recovered is None else f"{event.recovered:,}",
        )
        for event in events
    ]


def spans(
    events: Sequence[CollapseEvent] | None, columns: Sequence[str]
) -> list[tuple[float, float | None]]:
    """From where to where (None: the end) the curves of some columns are marked."""
    watched = {"modes": "modes_covered"}
    return [
        (event.begun, event.recovered)
        for event in events or ()
        if watched.get(COLUMNS[event.kind], COLUMNS[event.kind]) in columns
    ]
