"""Which methods to run on data: those that did best on the bench that is nearest to them.

The order is computed from `kgan.advice.evidence` alone. Where nothing was measured, it says so.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from kgan.advice.evidence import Bench, Row
from kgan.advice.evidence import benches as measured
from kgan.advice.looking import Data, size_text
from kgan.data.catalog import MIXTURES, STACKED
from kgan.data.identity import identity
from kgan.errors import InputError
from kgan.methods import catalog
from kgan.metrics.collapse_rules import MISSING_SHARE
from kgan.metrics.formatting import duration
from kgan.metrics.repeats import Repeated
from kgan.runs.config import data_options
from kgan.runs.places import typed

FEW = 1_000
"""Images below which a discriminator is likely to learn them by heart."""
MANY = 100
"""Classes from which images are held against those of very many modes."""
AUGMENT = "color,translation,cutout"  # Zhao et al. 2020, for small sets.
_SHOWN = 2
_WIDTH, _INDENT = 100, "   "
_ROUND = 100  # Steps that are cut to fit a time are multiples of it.


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A row of a bench, on which it stands."""

    bench: Bench
    row: Row

    @property
    def told(self) -> int:
        """What it is told of the data that others must find out: 1 how many modes, 2 labels too."""
        names = {option.name for option in catalog.methods()[self.row.method].options}
        return ("generators" in names) + any(name.startswith("classifier_") for name in names)

    @property
    def share(self) -> float:
        """Of all modes, those that it kept: the mean over seeds."""
        return statistics.fmean(self.row.covered) / self.bench.total

    @property
    def order(self) -> tuple[float, ...]:
        """Best first: sure seeds, nothing told, most modes, least distance, most modes strictly."""
        row = self.row
        return (
            row.failure,
            self.told,
            -self.share,
            statistics.fmean(row.distance) if row.distance else math.inf,
            -statistics.fmean(row.strict) if row.strict else 0.0,
        )

    @property
    def name(self) -> str:
        """The method, with what it has beside its preset's values."""
        flags = {k: v for k, v in self.row.flags.items() if k != "method"}
        setting = f" with {' '.join(map(_flag, flags.items()))}" if flags else ""
        return f"{self.row.label}{setting}"

    def evidence(self) -> str:
        """What was measured, in words."""
        row, bench = self.row, self.bench
        parts = [bench.covered(row)]
        if row.failed and row.seeds > 1:
            parts[0] += f" ({row.failed} failed)"
        if row.distance:
            real = "" if row.real is None else f" (real data {row.real:.3g})"
            parts.append(f"{bench.distance} {Repeated.of(row.distance).text()}{real}")
        return "; ".join(parts)


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """A command, and why."""

    command: str
    why: Sequence[str]


@dataclasses.dataclass(frozen=True)
class Advice:
    """What to run on data.

    Attributes:
        about: of the data, and of what was measured that is near to them.
        suggestions: the best first.
        remarks: what must be known of it all.
    """

    about: Sequence[str]
    suggestions: Sequence[Suggestion]
    remarks: Sequence[str]

    def text(self) -> str:
        """For a terminal."""
        lines = _wrapped(self.about)
        for place, suggestion in enumerate(self.suggestions, 1):
            first, *more = suggestion.command.splitlines()
            lines += ["", f"{place}. {first}", *(f"{_INDENT}{line}" for line in more)]
            lines += _wrapped(suggestion.why, _INDENT)
        return "\n".join([*lines, "", *_wrapped(self.remarks)])


def _wrapped(paragraphs: Sequence[str], indent: str = "") -> list[str]:
    options: dict[str, Any] = {"initial_indent": indent, "subsequent_indent": indent}
    options |= {"break_long_words": False, "break_on_hyphens": False}
    return [line for text in paragraphs for line in textwrap.wrap(text, _WIDTH, **options)]


def nearest(data: Data, benches: Mapping[str, Bench]) -> list[Bench]:
    """The benches whose data are nearest to these; several of the same data."""
    if not data.is_points:
        many = data.dataset in STACKED or (data.classes or 0) >= MANY
        names = ["stacked_fashion_mnist"] if many else ["fashion_mnist_equal", "fashion_mnist"]
    elif data.shape is not None and data.shape[0] > 2:
        names = ["embedded_grid"]
    else:
        name = "ring" if data.dataset == "ring" else "grid"
        names = [f"rare_{name}" if data.uneven else name]
    return [benches[name] for name in names if name in benches]


def ranked(benches: Sequence[Bench], labelled: bool) -> list[Candidate]:
    """The rows of benches of the same data, best first; each computation once."""
    found: dict[str, Candidate] = {}
    for bench in benches:
        for row in bench.rows:
            candidate = Candidate(bench, row)
            if row.covered and row.seconds and (labelled or candidate.told < 2):
                found.setdefault(row.key, candidate)
    return sorted(found.values(), key=lambda candidate: candidate.order)


def is_same(data: Data, bench: Bench) -> bool:
    """Whether these are the very data of a bench."""
    if data.dataset != bench.dataset:
        return False
    own, theirs = (data_options(flags) for flags in (data.flags, bench.data))
    apart = {"data_dir", "strict"}  # Where they lie makes no other data.
    return identity(data.dataset, {k: v for k, v in own.items() if k not in apart}) == identity(
        bench.dataset, theirs
    )


def command(candidate: Candidate, data: Data, steps: int, **more: str | bool) -> str:
    """What a user types, or for points of his own writes in Python.

    Args:
        candidate: whose method.
        data: to train on.
        steps: of the generator; left out where the preset has as many.
        **more: further flags.
    """
    row = candidate.row
    if data.array:
        return _program(candidate, data, steps)
    flags = {"dataset": data.dataset, **data.flags, **row.flags}
    preset = catalog.methods()[row.method].preset(data.dataset)
    if steps != preset["steps"]:
        flags["steps"] = steps
    return typed(row.application, *map(_flag, {**flags, **more}.items()))


def advise(
    data: Data, minutes: float | None = None, benches: Mapping[str, Bench] | None = None
) -> Advice:
    """What to run on data, and why.

    Args:
        data: see `kgan.advice.looking`.
        minutes: for the training; None for as many as it takes.
        benches: by name, what was measured; by default all that the package has.

    Raises:
        InputError: no time.
    """
    if minutes is not None and not 0 < minutes < math.inf:
        raise InputError(f"`minutes` must be over 0. Received: {minutes}")
    near = nearest(data, measured() if benches is None else benches)
    candidates = ranked(near, data.measurable)
    scale = _scale(data, near[0])

    def fits(candidate: Candidate) -> bool:
        seconds = candidate.bench.steps * candidate.row.step * scale
        return minutes is None or seconds <= 60 * minutes

    # What has collapsed is no advice, however quick it is.
    chosen = sorted(candidates, key=lambda c: (c.share < MISSING_SHARE, not fits(c)))[:_SHOWN]
    few = _is_few(data)
    suggestions = []
    for candidate in chosen:
        steps, why = _budget(candidate, data, minutes, scale)
        more: dict[str, str | bool] = {"augment": AUGMENT} if few else {}
        if not data.measurable and not data.array:
            more["evaluate"] = False
        seen = f"{candidate.name}: {candidate.evidence()} ({candidate.bench.page})."
        typed_in = command(candidate, data, steps, **more)
        suggestions.append(Suggestion(typed_in, [seen, *_caveats(candidate), *why]))
    return Advice(_about(data, near[-1]), suggestions, _remarks(data, near, chosen, scale))


def _about(data: Data, bench: Bench) -> list[str]:
    lines = [f"{data.text()}.", *data.remarks]
    if _is_few(data):
        lines.append(
            f"With so few images, under {FEW:,}, a discriminator soon knows them by heart, and "
            "augmentation comes first (--augment). Nothing was measured on so few, nor with it."
        )
    if is_same(data, bench):
        return [*lines, f"Measured on the same data: the bench {bench.name}."]
    about = bench.title if data.is_points else f"{bench.title}, {size_text(bench.shape)}"
    return [
        *lines,
        f"Nothing was measured on these data. Nearest is the bench {bench.name}: {about}.",
        *_not_measured(data, bench),
    ]


def _not_measured(data: Data, bench: Bench) -> list[str]:
    """What of the data no bench has."""
    if data.is_points and data.dataset not in MIXTURES and data.classes is None:
        return ["Without labels nobody knows whether rare modes are among them."]
    if data.is_points and data.uneven and bench.shape[0] > 2:
        return ["Uneven modes in many dimensions were not measured."]
    if not data.is_points and data.uneven:
        return ["Uneven classes of images were not measured."]
    return []


def _budget(
    candidate: Candidate, data: Data, minutes: float | None, scale: float
) -> tuple[int, list[str]]:
    """The steps to run, and what they take."""
    row, steps = candidate.row, candidate.bench.steps
    step = row.step * scale
    guess = " (a guess: by the number of pixels)" if scale != 1 else ""
    room = math.inf if minutes is None else 60 * minutes / step
    if steps > room:
        fewer = max(1, int(room) // _ROUND * _ROUND or int(room))
        return fewer, [
            f"{steps:,} steps would take about {duration(steps * step)}{guess}: {fewer:,} fit, and "
            "of so few nothing was measured."
        ]
    told = [f"{steps:,} steps: about {duration(steps * step)}{guess}, {step:.2g} s each."]
    longer = catalog.methods()[row.method].preset(data.dataset)["steps"]
    if steps < longer <= room and not data.array:
        told.append(
            f"Without --steps: the preset's {longer:,}, about {duration(longer * step)}; not in "
            "this bench."
        )
    return steps, told


def _caveats(candidate: Candidate) -> list[str]:
    if candidate.told == 2:
        return ["It uses labels, and has as many generators as the bench has modes or classes."]
    if candidate.told:
        return ["It has as many generators as the bench has modes: on other data a guess."]
    return []


def _remarks(
    data: Data, near: Sequence[Bench], chosen: Sequence[Candidate], scale: float
) -> list[str]:
    machines = dict.fromkeys(candidate.row.machine for candidate in chosen)
    lines = [
        "Order: least chance to fail (by seeds, so that one good seed counts less than five), "
        "nothing told of the data, most modes, least distance. ± is a standard deviation over "
        "seeds. Some presets were chosen on these benches: see docs/results/leaderboard.md.",
        f"Times: training alone, on {' or '.join(machines)}, which other runs may have shared; "
        "yours will differ.",
    ]
    if len({candidate.row.network for candidate in chosen}) > 1:
        lines.append("Their distances are in features of different networks: not to be compared.")
    if near[0].missing:
        there = {row.label for bench in near for row in bench.rows}
        missing = [label for label in near[-1].missing if label not in there]
        lines.append(f"No run is kept there of {', '.join(missing)}.")
    return lines


def _scale(data: Data, bench: Bench) -> float:
    """How much more a step costs than on the bench, for images by their pixels."""
    if data.is_points or data.shape is None:
        return 1.0
    return data.shape[0] * data.shape[1] / (bench.shape[0] * bench.shape[1])


def _is_few(data: Data) -> bool:
    return not data.is_points and data.count is not None and data.count < FEW


def _program(candidate: Candidate, data: Data, steps: int) -> str:
    """Points in a file are no data set by name."""
    row, dataset = candidate.row, candidate.bench.dataset
    entry = catalog.methods()[row.method]
    preset = entry.preset(dataset)
    at_once = preset["steps_per_execution"]
    together = f"steps_per_execution={at_once}" if steps % at_once == 0 else ""
    fit = f"batch_size={preset['batch_size']}, steps_per_epoch={steps}"
    return (
        "import kgan, numpy\n"
        f"points = kgan.data.from_array(numpy.load({data.flags['data_dir']!r})[{data.array!r}])\n"
        f"gan = kgan.{entry.cls}.from_preset("
        f"'{row.method}_{dataset}', example_shape=points.example_shape)\n"
        f"gan.compile({together}); gan.fit(points, {fit})"
    )


def _flag(given: tuple[str, object]) -> str:
    name, value = given
    if isinstance(value, bool):
        return f"--{'' if value else 'no'}{name}"
    if isinstance(value, list | tuple):
        return f"--{name}={','.join(map(str, value))}"
    return f"--{name}={value}"
