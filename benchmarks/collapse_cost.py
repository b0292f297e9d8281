"""What share of training the watch for collapse takes.

  python -m benchmarks.collapse_cost
  python -m benchmarks.collapse_cost mgan_ring mdgan_fashion_mnist --rounds=9

Times training steps and one measurement, in turns and in one process, and prints medians: of wall
time, and of CPU time, which a busy machine disturbs less. A measurement includes the modes of 2,500
points, which the log has without a watch too; of images the classes are looked up as well, with a
classifier of fresh weights, which costs what a trained one does.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks import timing
from benchmarks.peers.games import load
from kgan import presets
from kgan.data import Dataset
from kgan.metrics import FeatureNetwork
from kgan.metrics.collapse import CollapseDetector
from kgan.networks.classifiers import image_classifier
from kgan.runs.live import LiveMeasurement

PRESETS = ("gan_ring", "mgan_ring", "gan_fashion_mnist", "mdgan_fashion_mnist")
_CLASSES = 10


def cost(name: str, rounds: int, steps: int | None = None) -> tuple[np.ndarray, np.ndarray, int]:
    """Milliseconds of wall and of CPU time `(2,)`, and steps between measurements.

    Args:
        name: of a preset.
        rounds: to take the medians of, at least 1.
        steps: to time a round; by default a tenth of the log's interval, at least one call.

    Returns:
        Those of one measurement, those of a training step, and the log's interval.
    """
    preset = presets.get(name)
    model = preset.build()
    optimizers = {player: preset.optimizer(player) for player in model.players}
    model.compile(optimizers, steps_per_execution=preset.steps_per_execution)
    dataset = load(name.partition("_")[2])
    function = model.make_train_function()
    iterator = iter(model.stream(dataset, preset.batch_size))
    count = steps or max(preset.interval // 10, preset.steps_per_execution)
    measure, detector = LiveMeasurement(model, dataset, _classifier(dataset)), CollapseDetector()

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
    return np.median(measured, axis=0), np.median(trained, axis=0), preset.interval


def _classifier(dataset: Dataset) -> FeatureNetwork | None:
    if not dataset.is_images:
        return None
    model = image_classifier(dataset.example_shape, _CLASSES)
    return FeatureNetwork.from_classifier(model, "untrained")


def _milliseconds(job: Callable[[], object]) -> np.ndarray:
    wall, cpu = time.perf_counter(), time.process_time()
    job()
    return 1e3 * np.array([time.perf_counter() - wall, time.process_time() - cpu])


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = timing.parser("collapse_cost", __doc__)
    parser.add_argument("presets", nargs="*", default=PRESETS, help="names of presets")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, help="training steps a round")
    return parser.parse_args(arguments)


def main() -> None:
    """Print a table."""
    given = parse()
    print(
        "| preset | steps between | step, CPU ms | measurement, CPU ms | share of CPU | of wall |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in given.presets:
        once, step, interval = cost(name, given.rounds, given.steps)
        of_wall, of_cpu = once / (once + interval * step)
        numbers = f"{interval} | {step[1]:.2f} | {once[1]:.1f} | {of_cpu:.1%} | {of_wall:.1%}"
        print(f"| {name} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
