"""The numbers of a run in words: headline cards, the table of scores, settings."""

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from kgan.methods import catalog
from kgan.metrics import words
from kgan.metrics.formatting import NOTHING, duration, number
from kgan.runs.run import Run

_LONGEST_SETTING = 160


@dataclass(frozen=True)
class Card:
    """A headline number: what it is, how much, and what to hold it against."""

    label: str
    value: str
    note: str = ""
    important: bool = False


@dataclass(frozen=True)
class ScoreRow:
    """A row of the score table; `better` says in words which direction is good, or ""."""

    label: str
    better: str
    generated: str
    real: str


def score_rows(evaluation: Mapping[str, Any]) -> list[ScoreRow]:
    """Every scalar score of evaluation.json with that of real against real data beside it."""
    real = words.of_real_data(evaluation)
    rows = []
    for key in words.shown(evaluation):
        score = words.find(key, evaluation)
        better = words.BETTER[score.better]
        title = score.title(evaluation)
        rows.append(ScoreRow(title, better, score.text(evaluation), score.text(real)))
    return rows


def cards(run: Run) -> list[Card]:
    """The headline: the scores that matter for the kind of data."""
    if run.evaluation is not None:
        return _score_cards(run.evaluation)
    return _live_cards(run, _last_row(run))


def facts(run: Run) -> list[str]:
    """What training took, in words; nothing of what is no run, somebody's samples for example."""
    last, told = _last_row(run), run.evaluation or {}
    steps = told.get("steps", last.get("step"))
    seconds = told.get("wall_seconds", last.get("seconds"))
    speed = told.get("steps_per_second", last.get("steps_per_second"))
    wanted = run.flags.get("steps")
    unfinished = isinstance(wanted, int) and isinstance(steps, Real) and steps < wanted
    found = []
    if steps is not None:
        found.append(f"{number(steps)}{f' of {number(wanted)}' if unfinished else ''} steps")
    if seconds is not None:
        found.append(duration(seconds))
    if speed is not None:
        found.append(f"{number(_three_digits(speed))} steps per second")
    if "peak_rss_mb" in told:
        found.append(f"{number(_whole(told['peak_rss_mb']))} MB of memory at most")
    return found


def _last_row(run: Run) -> dict[str, float]:
    return {name: _last(column) for name, column in run.metrics.items()}


def settings(values: object, prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as rows of a dotted name and a text, in the order of the names."""
    if not isinstance(values, Mapping):
        return [(prefix, format_setting(values))] if prefix else []
    rows: list[tuple[str, str]] = []
    for name in sorted(values, key=str):
        rows += settings(values[name], f"{prefix}.{name}" if prefix else str(name))
    return rows


def format_setting(value: object) -> str:
    """A setting as one would type it; nothing set is a dash."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(format_setting(item) for item in value)
    text = str(value)
    return text if len(text) <= _LONGEST_SETTING else text[:_LONGEST_SETTING] + "..."


def method_name(config: Mapping[str, Any]) -> str:
    """The method as its paper writes it; of others, names in small letters are acronyms."""
    name = str(config.get("method", "Run"))
    known = catalog.methods().get(name)
    if known is not None:
        return known.title
    return name.upper() if name.islower() else name


def command_line(config: Mapping[str, Any]) -> str:
    """The command that started the run, ready to paste; "" when config.json has none."""
    command = config.get("command")
    if isinstance(command, list):
        return shlex.join(str(word) for word in command)
    return str(command or "")


def modes_total(run: Run) -> int | None:
    """How many modes the data has, from the evaluation or the real data's centres."""
    if run.evaluation is not None and isinstance(run.evaluation.get("modes_total"), int):
        return run.evaluation["modes_total"]
    if run.real is not None and run.real.means is not None:
        return len(run.real.means)
    return None


def number_of_generators(run: Run) -> int:
    """How many generators a mixture has, as far as the run's files tell; 0 for other models."""
    told = (run.evaluation or {}).get("generators")
    found = [told if isinstance(told, int) else 0]
    for snapshot in run.snapshots:
        if snapshot.by_generator is not None:
            found.append(len(snapshot.by_generator))
        if snapshot.generators is not None:
            found.append(int(snapshot.generators.max()) + 1)
    return max(found)


def class_histograms(
    evaluation: Mapping[str, Any] | None, names: tuple[str, ...] | None
) -> tuple[np.ndarray, np.ndarray | None, list[str]] | None:
    """Generated and real class histograms and the classes' names; None without a histogram.

    Args:
        evaluation: evaluation.json.
        names: of the classes; by default, and where they do not fit, their numbers.
    """
    told = evaluation or {}
    generated, real = told.get("class_histogram"), words.of_real_data(told).get("class_histogram")
    if not generated or not isinstance(generated, list):
        return None
    labels = list(map(str, range(len(generated))))
    if names is not None and len(names) == len(generated):
        labels = list(names)
    fits = isinstance(real, list) and len(real) == len(generated)
    return np.array(generated, float), np.array(real, float) if fits else None, labels


def _score_cards(evaluation: Mapping[str, Any]) -> list[Card]:
    real = words.of_real_data(evaluation)

    def card(key: str, important: bool) -> Card:
        score = words.find(key, evaluation)
        note = f"real data: {score.text(real)}" if key in real else ""
        note = "; ".join(filter(None, (note, words.remark(key, evaluation))))
        return Card(score.name, score.text(evaluation), note, important)

    headline = ["modes_covered", "high_quality", words.MODE_SPREAD]
    headline += ["frechet_distance", "classifier_score"]
    if "modes_covered" in evaluation:  # The score of 1,000 classes tells nothing that modes do not.
        headline.remove("classifier_score")
    keys = [key for key in headline if key in evaluation]
    return [card(key, key != "classifier_score") for key in keys]


def _live_cards(run: Run, last: Mapping[str, float]) -> list[Card]:
    values = {"modes_total": modes_total(run), **last}
    live = [words.find(key) for key in ("modes_covered", "high_quality") if key in last]
    return [Card(score.name, score.text(values), "counted while training", True) for score in live]


def _last(column: np.ndarray) -> float:
    known = column[~np.isnan(column)]
    return float(known[-1]) if len(known) else math.nan


def _three_digits(value: object) -> object:
    if isinstance(value, Real) and math.isfinite(float(value)):
        return float(f"{float(value):.3g}")
    return value


def _whole(value: object) -> object:
    return round(value) if isinstance(value, float) and math.isfinite(value) else value
