"""Steps per second of kgan's train step beside a plain Keras one of the same game.

  python -m benchmarks.train_step --model=fashion_mnist
  python -m benchmarks.train_step --model=grid --output=docs/results/train_step_grid.md

Both train the preset's networks with its losses, optimizers, batch and number of updates on the
same stream of batches, in one process and in turns. Wants an idle machine: the load average is
printed for that reason, and the CPU time besides, which a busy one disturbs less.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from absl import logging

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks import timing
from benchmarks.plain_keras import plain_twin
from kgan import data, presets
from kgan.errors import DataError

# What Keras' compile gets besides, by label; no XLA is what jit_compile="auto" means on a CPU.
RIVALS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "fashion_mnist": {
        "plain Keras": {"jit_compile": False},
        "plain Keras, XLA": {"jit_compile": True},
    },
    "grid": {
        "plain Keras": {"jit_compile": False},
        "plain Keras, 250 steps a call": {"jit_compile": False, "steps_per_execution": 250},
        "plain Keras, 250 steps a call, XLA": {"jit_compile": True, "steps_per_execution": 250},
    },
}
# Steps of a turn: about 2 s, and a multiple of all steps per call.
STEPS = {"fashion_mnist": 20, "grid": 1_000}


def compare(
    method: str, model: str, *, repeats: int, steps: int, dataset: data.Dataset
) -> dict[str, timing.Timing]:
    """Time kgan's train step and the plain ones.

    Args:
        method: prefix of the preset, `"gan"` or `"mdgan"`.
        model: the rest of its name, a key of `RIVALS`.
        repeats: rounds, at least 1.
        steps: of a turn.
        dataset: what all train on.

    Returns:
        Timings by label, kgan's first.
    """
    preset = presets.get(f"{method}_{model}")
    rivals = {f"kgan, {preset.steps_per_execution} steps a call": _ours(preset, dataset)}
    for label, compiling in RIVALS[model].items():
        rivals[label] = _plain(preset, dataset, compiling)
    return timing.interleaved(rivals, steps=steps, repeats=repeats)


def _ours(preset: presets.Preset, dataset: data.Dataset) -> Callable[[int], Any]:
    """The step function that `fit` calls."""
    model = preset.build()
    optimizers = {player: preset.optimizer(player) for player in model.players}
    model.compile(optimizers, steps_per_execution=preset.steps_per_execution)
    function = model.make_train_function()
    iterator = iter(model.stream(dataset, preset.batch_size))
    return lambda steps: function.run(iterator, steps)


def _plain(
    preset: presets.Preset, dataset: data.Dataset, compiling: Mapping[str, Any]
) -> Callable[[int], Any]:
    """The train function that Keras' `fit` calls, as often as it would call it."""
    model = plain_twin(preset.build(), preset, **compiling)
    model.make_train_function()
    iterator = iter(dataset.batches(preset.batch_size))

    def run(steps: int) -> dict[str, float]:
        for _ in range(max(steps // model.steps_per_execution, 1)):
            logs = model.train_function(iterator)
        return {name: float(value) for name, value in logs.items()}

    return run


def load(model: str) -> data.Dataset:
    """The training data of `model`; random images of its shape where they are not found."""
    try:
        return data.load(model)
    except DataError as error:
        logging.warning("Random images instead: %s", error)
    shape = presets.get(f"gan_{model}").example_shape
    images = np.random.default_rng(0).integers(0, 256, (10_000, *shape), dtype=np.uint8)
    return data.Dataset(name=model, split="train", examples=images, source="random numbers")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; absl's flags are one for all modules, and the applications have theirs."""
    parser = timing.parser("train_step", __doc__)
    parser.add_argument("--model", choices=list(RIVALS), default="fashion_mnist")
    parser.add_argument("--method", choices=["mdgan", "gan"], default="mdgan")
    parser.add_argument("--repeats", type=int, default=15, help="rounds to time")
    parser.add_argument("--steps", type=int, help="steps of a turn")
    parser.add_argument("--output", type=Path, help="a Markdown file to write")
    return parser.parse_args(arguments)


def main() -> None:
    """Compare as the command line says; print the table, and write it where --output says."""
    given = parse()
    steps, name = given.steps or STEPS[given.model], f"{given.method}_{given.model}"
    dataset = load(given.model)
    timings = compare(
        given.method, given.model, repeats=given.repeats, steps=steps, dataset=dataset
    )
    what = (
        f"Batch {presets.get(name).batch_size}, from {dataset.source}. Medians of {given.repeats} "
        f"rounds of {steps} steps, the rivals in turns; ratios are of the same round, with their "
        "quartiles."
    )
    paragraphs = [what, timing.table(timings), *timing.conditions()]
    print("\n\n".join(paragraphs))
    if given.output:
        title = f"The train step of `{name}` beside plain Keras"
        timing.write(given.output, title, paragraphs)


if __name__ == "__main__":
    main()
