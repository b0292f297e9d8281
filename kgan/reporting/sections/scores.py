"""The numbers of a run in words: headline cards, the table of scores, settings."""

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from kgan.reporting.run_files import RunFiles

_LONGEST_SETTING = 160
NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Card:
    """A headline number: what it is, how much, and what to hold it against."""

    label: str
    value: str
    note: str = ""
    important: bool = False


@dataclass(frozen=True)
class Score:
    """A row of the score table; `better` says which direction is good ("", "higher", "lower")."""

    label: str
    better: str
    generated: str
    real: str


# Key of evaluation.json: label, which direction is better.
_SCORES = {
    "frechet_distance": ("Fréchet distance", "lower"),
    "precision": ("Precision (3 neighbours)", "higher"),
    "recall": ("Recall (3 neighbours)", "higher"),
    "density": ("Density (5 neighbours)", "higher"),
    "coverage": ("Coverage (5 neighbours)", "higher"),
    "f_8": ("F8, recall of the PRD curve", "higher"),
    "f_1_8": ("F1/8, precision of the PRD curve", "higher"),
    # More than the real data's is no better.
    "i_variance": ("I-Variance, spread in features", ""),
    "classifier_score": ("Classifier score", "higher"),
    "mode_score": ("Mode score", "higher"),
    "classes_covered": ("Classes covered", "higher"),
    "modes_covered": ("Modes covered", "higher"),
    "modes_strict": ("Modes covered strictly (1% of samples, by weight)", "higher"),
    "high_quality": ("High quality (within 3 std of a mode)", "higher"),
    "plane_modes_covered": ("Modes covered, seen in their plane", "higher"),
    "plane_high_quality": ("High quality, seen in their plane", "higher"),
    "space_modes_covered": ("Modes covered, by distance alone", "higher"),
    "space_high_quality": ("High quality, by distance alone", "higher"),
    # Real points lie around the plane, not in it.
    "off_plane": ("Distance from the modes' plane (as real data is right)", ""),
    # Without a direction: samples far from all modes are left out of it, so it can fall below the
    # real data's while the samples get worse.
    "reverse_kl": ("Reverse KL (of samples near a mode)", ""),
    "reverse_kl_nearest": ("Reverse KL, every sample to its nearest mode", "lower"),
    "balance_chi_square": ("Imbalance of the modes or classes (chi-square)", "lower"),
    # Above a few per cent it tells nothing, so no direction.
    "balance_p_value": ("Its p-value", ""),
    "symmetric_kl": ("Symmetric KL", "lower"),
    "wasserstein": ("Wasserstein distance", "lower"),
    # Generators that share modes or lie idle may be right: what is good depends on the method.
    "own_mode_generators": ("Generators on one mode of their own", ""),
    "distinct_generators": ("Distinct generators (by what they make)", ""),
    "effective_generators": ("Effective generators (by their shares of the samples)", ""),
    "generator_overlap": ("Overlap of the generators (0 to 1)", ""),
    # Neither few dimensions nor many are good in themselves.
    "embedding_effective_rank": ("Effective rank of the discriminator's embedding", ""),
    "tfgan_frechet_distance": ("Fréchet distance by TF-GAN", "lower"),
    "tfgan_classifier_score": ("Classifier score by TF-GAN", "higher"),
    "embedding_first_share": ("Share of the embedding's energy in its first component", ""),
}
# The same of points of more than two dimensions, and of stacked images.
_EMBEDDED = {"high_quality": ("High quality (as near a mode as 98.9% of real data)", "higher")}
_STACKED = {"reverse_kl": ("Reverse KL over modes", "lower")}
_TOTALS = {
    "plane_modes_covered": "modes_total",
    "space_modes_covered": "modes_total",
    "modes_covered": "modes_total",
    "modes_strict": "modes_total",
    "own_mode_generators": "generators",
    "distinct_generators": "generators",
    "effective_generators": "generators",
    "embedding_effective_rank": "embedding_dimensions",
}
_SHORT = {"high_quality": "High quality"}
_ABOUT_THE_RUN = {
    "seed",
    "steps",
    "samples",
    "modes_total",
    "generators",
    "embedding_dimensions",
    "wall_seconds",
    "steps_per_second",
    "peak_rss_mb",
}


def format_number(value: object) -> str:
    """Whole numbers with thousands separated, others with four digits; NaN stays visible."""
    if value is None:
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    number = float(value)
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else ("∞" if number > 0 else "-∞")
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    return f"{number:.4g}" if abs(number) < 1000 else f"{number:,.0f}"


def format_duration(seconds: object) -> str:
    """Seconds as "42 s", "7 min 12 s" or "1 h 03 min"."""
    if not isinstance(seconds, Real) or not math.isfinite(float(seconds)):
        return format_number(seconds)
    whole = round(float(seconds))
    if whole < 60:
        return f"{float(seconds):.1f} s" if whole < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def format_score(key: str, values: Mapping[str, Any]) -> str:
    """The score `key` of `values`: counts with their total, quality in percent."""
    value = values.get(key)
    if not isinstance(value, Real) or not math.isfinite(float(value)):
        return format_number(value)
    if key.endswith("high_quality"):
        return f"{float(value):.1%}"
    if key == "generator_overlap":
        return f"{float(value):.3f}"
    if key in ("distinct_generators", "effective_generators"):
        value = round(float(value), 2)
    total = values.get(_TOTALS.get(key, ""))
    return f"{format_number(value)} of {format_number(total)}" if total else format_number(value)


def score_rows(evaluation: Mapping[str, Any]) -> list[Score]:
    """Every scalar score of evaluation.json with that of real against real data beside it."""
    real = _real(evaluation)
    rows = []
    for key in score_keys(evaluation):
        label, better = score_label(key, evaluation)
        total = {"modes_total": evaluation.get("modes_total"), **real}
        rows.append(Score(label, better, format_score(key, evaluation), format_score(key, total)))
    return rows


def score_keys(evaluation: Mapping[str, Any]) -> list[str]:
    """Keys of all scalar scores of evaluation.json, those that have a name here first."""
    return [key for key in _SCORES if key in evaluation] + [
        key
        for key, value in evaluation.items()
        if key not in _SCORES
        and key not in _ABOUT_THE_RUN
        and isinstance(value, Real)
        and not isinstance(value, bool)
    ]


def score_label(key: str, evaluation: Mapping[str, Any]) -> tuple[str, str]:
    """A score's name, and which direction is good ("", "higher", "lower")."""
    label, better = _named(key, evaluation)
    if key == "frechet_distance" and evaluation.get("feature_network"):
        label += f" ({evaluation['feature_network']})"
    return label, better


def _named(key: str, evaluation: Mapping[str, Any]) -> tuple[str, str]:
    special = _EMBEDDED if "off_plane" in evaluation else {}
    if "feature_network" in evaluation:
        special = _STACKED
    return special.get(key) or _SCORES.get(key, (words(key), ""))


def cards(run: RunFiles) -> list[Card]:
    """The headline: the scores that matter for the kind of data, then steps and time."""
    last = {name: _last(column) for name, column in run.metrics.items()}
    evaluation = run.evaluation
    chosen = _score_cards(evaluation) if evaluation is not None else _live_cards(run, last)
    told = evaluation or {}
    steps = told.get("steps", last.get("step"))
    seconds = told.get("wall_seconds", last.get("seconds"))
    speed = told.get("steps_per_second", last.get("steps_per_second"))
    wanted = _mapping(run.config.get("flags")).get("steps")
    unfinished = isinstance(wanted, int) and isinstance(steps, Real) and steps < wanted
    chosen.append(
        Card("Steps", format_number(steps), f"of {format_number(wanted)}" if unfinished else "")
    )
    chosen.append(Card("Wall time", format_duration(seconds)))
    chosen.append(Card("Steps per second", format_number(_three_digits(speed))))
    if "peak_rss_mb" in told:
        chosen.append(Card("Peak memory", f"{format_number(_whole(told['peak_rss_mb']))} MB"))
    return chosen


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
    """The method as people write it: names in small letters are acronyms here."""
    name = str(config.get("method", "Run"))
    return name.upper() if name.islower() else name


def command_line(config: Mapping[str, Any]) -> str:
    """The command that started the run, ready to paste; "" when config.json has none."""
    command = config.get("command")
    if isinstance(command, list):
        return shlex.join(str(word) for word in command)
    return str(command or "")


def modes_total(run: RunFiles) -> int | None:
    """How many modes the data has, from the evaluation or the real data's centres."""
    if run.evaluation is not None and isinstance(run.evaluation.get("modes_total"), int):
        return run.evaluation["modes_total"]
    if run.real is not None and run.real.means is not None:
        return len(run.real.means)
    return None


def number_of_generators(run: RunFiles) -> int:
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
        evaluation: evaluation.json; its `class_histogram` is a list, or an object with the names.
        names: the names of a list's entries; by default their numbers.
    """
    told = evaluation or {}
    generated, real = told.get("class_histogram"), _real(told).get("class_histogram")
    if not generated or not isinstance(generated, dict | list):
        return None
    if isinstance(generated, dict):
        labels = [str(name) for name in generated]
        real = list(real.values()) if isinstance(real, dict) else real
        generated = list(generated.values())
    else:
        labels = [str(index) for index in range(len(generated))]
        if names is not None and len(names) == len(generated):
            labels = list(names)
    fits = isinstance(real, list) and len(real) == len(generated)
    return np.array(generated, float), np.array(real, float) if fits else None, labels


def label(key: str, evaluation: Mapping[str, Any]) -> str:
    """What a score of evaluation.json is called, with its total where it has one."""
    name, _ = _named(key, evaluation)
    total = evaluation.get(_TOTALS.get(key, ""))
    return f"{name}, of {format_number(total)}" if total else name


def words(key: str) -> str:
    """A key as words: "modes_covered" is "Modes covered"."""
    text = key.replace("_", " ")
    return text[:1].upper() + text[1:]


def _score_cards(evaluation: Mapping[str, Any]) -> list[Card]:
    real = {"modes_total": evaluation.get("modes_total"), **_real(evaluation)}

    def card(key: str, important: bool) -> Card:
        note = f"real data: {format_score(key, real)}" if key in real else ""
        return Card(
            _SHORT.get(key, _SCORES[key][0]), format_score(key, evaluation), note, important
        )

    headline = ["modes_covered", "high_quality", "frechet_distance", "classifier_score"]
    if "modes_covered" in evaluation:  # The score of 1,000 classes tells nothing that modes do not.
        headline.remove("classifier_score")
    keys = [key for key in headline if key in evaluation]
    return [card(key, key != "classifier_score") for key in keys]


def _live_cards(run: RunFiles, last: Mapping[str, float]) -> list[Card]:
    values = {"modes_total": modes_total(run), **last}
    note = "counted while training"
    return [
        Card(label, format_score(key, values), note, True)
        for key, label in (("modes_covered", "Modes covered"), ("high_quality", "High quality"))
        if key in last
    ]


def _real(evaluation: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(evaluation.get("real"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _last(column: np.ndarray) -> float:
    known = column[~np.isnan(column)]
    return float(known[-1]) if len(known) else math.nan


def _three_digits(value: object) -> object:
    if isinstance(value, Real) and math.isfinite(float(value)):
        return float(f"{float(value):.3g}")
    return value


def _whole(value: object) -> object:
    return round(value) if isinstance(value, float) and math.isfinite(value) else value
