"""What a train step of K generators costs, beside K Keras models with K tapes and K optimizers.

  python -m benchmarks.bank_step --model=ring --method=mgan
  python -m benchmarks.bank_step --model=fashion_mnist --method=mimgan --output=FILE.md

Whatever K, the generators make 120 samples a turn together. Each rival runs in a process of its
own, so that its memory and the time to build its graph are its own; the processes take turns, and
wait while it is another's. Wants an idle machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import gc
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import ops

import kgan
from benchmarks import processes, timing, train_step
from benchmarks.plain_banks import plain_twin
from kgan import presets
from kgan.networks import classifiers

GENERATORS = (1, 2, 5, 10, 20, 32)
SAMPLES = 120
# Steps of a turn, and of one call of Keras' train function.
STEPS = {"ring": 50, "fashion_mnist": 3}
# Generators for which MIM-GAN is timed with and without its term.
TERM_GENERATORS = 10


class WithoutTerm(kgan.MIMGAN):
    """MIM-GAN that never calls its classifier; a diversity of 0 would call it all the same."""

    def _shared_on_all_replicas(self, samples: Any) -> Any:
        return ops.zeros(())


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is timed.

    Attributes:
        method: `"mgan"` or `"mimgan"`.
        model: the rest of the preset's name, a key of `STEPS`.
        generators: K.
        steps: of a turn.
    """

    method: str
    model: str
    generators: int
    steps: int

    @property
    def preset(self) -> presets.Preset:
        return presets.get(f"{self.method}_{self.model}")

    @property
    def samples_per_generator(self) -> int:
        """As many as make `SAMPLES`, or a few more where K does not divide them."""
        return math.ceil(SAMPLES / self.generators)

    def build(self, **changes: Any) -> Any:
        """The game. MIM-GAN's classifier is untrained: its weights do not change the time."""
        preset, arguments = self.preset, dict(changes)
        cls = arguments.pop("cls", preset.model)
        if self.method == "mimgan" and self.model == "ring":
            arguments["classifier"] = classifiers.point_classifier(2, 8)
        elif self.method == "mimgan":
            arguments["classifier"] = classifiers.image_classifier(preset.example_shape, 10)
        return dataclasses.replace(preset, model=cls).build(
            generators=self.generators,
            samples_per_generator=self.samples_per_generator,
            **arguments,
        )

    def batches(self) -> Iterator[Any]:
        """The preset's stream of real examples."""
        return iter(train_step.load(self.model).batches(self.preset.batch_size))


def _ours(setting: Setting, **changes: Any) -> Callable[[int], Any]:
    """The step function that `fit` calls."""
    model = setting.build(**changes)
    model.compile({player: setting.preset.optimizer(player) for player in model.players})
    function, batches = model.make_train_function(), setting.batches()
    return lambda steps: function.run(batches, steps)


def _same_game(setting: Setting) -> Callable[[int], Any]:
    """Ours as the naive twin plays it: Algorithm 1 of MIM-GAN has a sum over pairs."""
    changes = {"measure": "pairwise"} if setting.method == "mimgan" else {}
    return _ours(setting, **changes)


def _without_term(setting: Setting) -> Callable[[int], Any]:
    return _ours(setting, cls=WithoutTerm)


def _naive(setting: Setting) -> Callable[[int], Any]:
    """The train function that Keras' `fit` calls, `setting.steps` steps a call as ours."""
    model = plain_twin(setting.build())
    gc.collect()  # Of our bank only the copied weights stay.
    # All players have the same Adam in these presets.
    options = setting.preset.optimizer("generator").get_config()
    model.compile(
        lambda: keras.optimizers.Adam.from_config(options),
        jit_compile=False,
        steps_per_execution=setting.steps,
    )
    model.make_train_function()
    batches = setting.batches()

    def run(steps: int) -> dict[str, float]:
        logs = model.train_function(batches)
        return {name: float(value) for name, value in logs.items()}

    return run


BUILDERS: Mapping[str, Callable[[Setting], Callable[[int], Any]]] = {
    "kgan": _same_game,
    "naive": _naive,
    "with the overlap": _ours,
    "without": _without_term,
}


def compare(
    setting: Setting, rivals: Sequence[str], *, repeats: int, limit: float
) -> dict[str, processes.Cost]:
    """Costs of the `rivals`, keys of `BUILDERS`; see `processes.compare`."""
    builders = {rival: functools.partial(BUILDERS[rival], setting) for rival in rivals}
    return processes.compare(builders, steps=setting.steps, repeats=repeats, limit=limit)


HEADER = (
    "| K | samples | kgan, ms a step | naive, ms a step | kgan is times as fast "
    "| graph, s: kgan | naive | peak MB: kgan | naive |\n"
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def row(setting: Setting, costs: Mapping[str, processes.Cost]) -> str:
    """A line of the table: times are medians with quartiles."""
    ours, naive = costs["kgan"], costs["naive"]
    times = ""
    if ours.timing and naive.timing:
        slow, ratio, fast = ours.timing.speedup(naive.timing)
        times = f"**{ratio:.2f}** ({slow:.2f} to {fast:.2f})"
    cells = [
        setting.generators,
        setting.generators * setting.samples_per_generator,
        _milliseconds(ours),
        _milliseconds(naive),
        times,
        *(f"{c.graph_seconds:.1f}" if c.timing else "" for c in (ours, naive)),
        *(f"{c.peak_mb:.0f}" if c.timing else "" for c in (ours, naive)),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _milliseconds(cost: processes.Cost) -> str:
    if cost.timing is None:
        return cost.problem
    low, median, high = cost.timing.quartiles
    return f"{median:.2f} ({low:.2f} to {high:.2f})"


def term(setting: Setting, *, repeats: int, limit: float) -> str:
    """A sentence: how much longer MIM-GAN's step is with the overlap term than without."""
    costs = compare(setting, ["with the overlap", "without"], repeats=repeats, limit=limit)
    with_term, without = costs.values()
    if with_term.timing is None or without.timing is None:
        return f"The overlap term was not timed: {with_term.problem or without.problem}."
    low, ratio, high = (100 * (r - 1) for r in without.timing.speedup(with_term.timing))
    return (
        f"K = {setting.generators}: the overlap term adds **{ratio:.1f}%** ({low:.1f} to "
        f"{high:.1f}) to a step, {_milliseconds(with_term)} ms with it and "
        f"{_milliseconds(without)} without the term and its classifier pass."
    )


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = timing.parser("bank_step", __doc__)
    parser.add_argument("--model", choices=list(STEPS), default="fashion_mnist")
    parser.add_argument("--method", choices=["mgan", "mimgan"], default="mgan")
    parser.add_argument("--generators", default=",".join(map(str, GENERATORS)), help="all K")
    parser.add_argument("--repeats", type=int, default=15, help="rounds to time")
    parser.add_argument("--steps", type=int, help="steps of a turn")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds to build a graph in")
    parser.add_argument("--output", type=Path, help="a Markdown file to write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare as the command line says; print the table, and write it where --output says."""
    given = parse(arguments)
    options = {"repeats": given.repeats, "limit": given.limit}
    steps = given.steps or STEPS[given.model]
    lines, sentences = [HEADER], []
    print(HEADER)
    for generators in map(int, given.generators.split(",")):
        setting = Setting(given.method, given.model, generators, steps)
        lines.append(row(setting, compare(setting, ["kgan", "naive"], **options)))
        print(lines[-1], flush=True)
        if given.method == "mimgan" and generators == TERM_GENERATORS:
            sentences = [term(setting, **options)]
    paragraphs = [_what(setting, given), "\n".join(lines), *sentences, *timing.conditions()]
    print("\n\n".join(["", paragraphs[0], *paragraphs[2:]]))
    if given.output:
        title = f"A train step of `{given.method}_{given.model}` for K generators"
        timing.write(given.output, title, paragraphs)


def _what(setting: Setting, given: argparse.Namespace) -> str:
    """What the table's numbers are."""
    same = {
        "mgan": "MGAN's K private layers, the trunk for each, and the discriminator for each",
        "mimgan": "Algorithm 1 of MIM-GAN with its K (K - 1) classifier passes besides each "
        "generator's own",
    }
    return (
        f"Batches of {setting.preset.batch_size} from {train_step.load(given.model).source}. "
        "Naive: K Keras models, K tapes, K of Keras' Adam, as many steps a call as kgan: "
        f"{same[given.method]}. Medians of {given.repeats} rounds of {setting.steps} steps with "
        "quartiles, each rival in a process of its own, in turns; ratios are of the same round. "
        "Graph: what the first turn took longer than the others; the naive one may take "
        f"{given.limit:g} s. Peak: of the whole process, Python and TensorFlow included."
    )


if __name__ == "__main__":
    main()
