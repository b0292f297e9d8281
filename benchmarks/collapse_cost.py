"""What share of training the watch for collapse takes.

  python -m benchmarks.collapse_cost
  python -m benchmarks.collapse_cost mgan_ring mdgan_fashion_mnist --rounds=9

Times the steps between two rows of the log and one measurement, in turns and in one process, and
prints their medians. The 3% that a row may take include what was measured before there was a watch:
the modes of 2,500 points.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.train_step import load
from kgan import presets
from kgan.metrics.collapse import CollapseDetector
from kgan.training.live import LiveMeasurement

PRESETS = ("gan_ring", "mgan_ring", "gan_fashion_mnist", "mdgan_fashion_mnist")


def shares(name: str, rounds: int, steps: int | None = None) -> tuple[float, float, int]:
    """Milliseconds of one measurement and of a training step, and steps between measurements.

    Args:
        name: of a preset.
        rounds: to take the medians of, at least 1.
        steps: to time a round; by default a tenth of the log's interval, at least one call.
    """
    preset = presets.get(name)
    model = preset.build()
    optimizers = {player: preset.optimizer(player) for player in model.players}
    model.compile(optimizers, steps_per_execution=preset.steps_per_execution)
    dataset = load(name.partition("_")[2])
    function = model.make_train_function()
    iterator = iter(model.stream(dataset, preset.batch_size))
    count = steps or max(preset.interval // 10, preset.steps_per_execution)
    measure, detector = LiveMeasurement(model, dataset, None), CollapseDetector()

    def watch() -> None:
        found = measure()
        detector.update(0, {**found.values, "modes": found.modes})

    measured, trained = [], []
    for turn in range(-1, rounds):  # The first round builds the graphs.
        step = _milliseconds(lambda: function.run(iterator, count)) / count
        once = _milliseconds(watch)
        if turn >= 0:
            trained.append(step)
            measured.append(once)
    return float(np.median(measured)), float(np.median(trained)), preset.interval


def _milliseconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return 1e3 * (time.perf_counter() - start)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.collapse_cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("presets", nargs="*", default=PRESETS, help="names of presets")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, help="training steps a round")
    return parser.parse_args(arguments)


def main() -> None:
    """Print a table."""
    given = parse()
    print("| preset | measurement, ms | step, ms | steps between | share |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in given.presets:
        once, step, interval = shares(name, given.rounds, given.steps)
        share = once / (once + interval * step)
        print(f"| {name} | {once:.1f} | {step:.2f} | {interval} | {share:.2%} |", flush=True)


if __name__ == "__main__":
    main()
