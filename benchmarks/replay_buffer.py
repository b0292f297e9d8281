"""What the replay buffers of MaEM-GAN cost: a search and a push, and their share of a step.

  python -m benchmarks.replay_buffer
  python -m benchmarks.replay_buffer --output=docs/results/replay_buffer.md

Codes of 128 dimensions, batches of 64. Each size has a process of its own, so that its memory is
its own, and they take turns. The step beside them is that of a GAN on 28x28 images, whose critic
embeds, with the preset's networks; MaEM-GAN searches and pushes twice in it.
"""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

import kgan
from benchmarks import processes, timing
from kgan import networks
from kgan.layers import ReplayBuffer

WIDTH, BATCH = 128, 64
STEP = "28x28 GAN step"
NOTHING = "TensorFlow alone"


def search_and_push(size: int) -> Callable[[int], Any]:
    """Runs a number of searches and pushes in one call into the graph."""
    buffer = ReplayBuffer(size, WIDTH)
    rows = np.random.default_rng(0).normal(size=(size, WIDTH)).astype("float32")
    for start in range(0, size, BATCH):
        buffer.push(rows[start : start + BATCH])
    codes = tf.constant(rows[:BATCH])

    @tf.function(autograph=False)
    def run(steps: Any) -> Any:
        def step(i: Any, total: Any) -> tuple[Any, Any]:
            # The codes change, as a critic's do: nothing of a step can be left out.
            found = buffer.nearest(codes + total)
            buffer.push(codes + total)
            return i + 1, tf.reduce_mean(found)

        start = tf.constant(0), tf.constant(0.0)
        return tf.while_loop(lambda i, _: i < steps, step, start, parallel_iterations=1)

    return lambda steps: float(run(tf.constant(steps))[1])


def gan_step() -> Callable[[int], Any]:
    """Runs a number of steps of the game without MaEM's terms."""
    shape = (28, 28, 1)
    model = kgan.GAN(
        networks.lucic_generator(shape, 64),
        networks.lucic_discriminator(shape, WIDTH, norm="none"),
        loss="wasserstein",
        fresh_noise=True,
    )
    model.compile(kgan.Adam(2e-4, beta_1=0.5))
    images = np.random.default_rng(0).integers(0, 256, (1_000, *shape), dtype=np.uint8)
    data = kgan.data.Dataset(name="random", split="train", examples=images)
    function, batches = model.make_train_function(), iter(model.stream(data, BATCH))
    return lambda steps: function.run(batches, steps)


def nothing() -> Callable[[int], Any]:
    """What a process has without a buffer: its memory is the others' floor."""
    return lambda steps: keras.ops.zeros(())


def compare(sizes: Sequence[int], *, steps: int, repeats: int) -> dict[str, processes.Cost]:
    """Costs by what was run: each size, then the step, then nothing."""
    builders: dict[str, Callable[[], Callable[[int], Any]]] = {
        f"{size:,}": functools.partial(search_and_push, size) for size in sizes
    }
    builders |= {STEP: gan_step, NOTHING: nothing}
    return processes.compare(builders, steps=steps, repeats=repeats, limit=300)


def table(costs: Mapping[str, processes.Cost]) -> str:
    """A Markdown table; a row for each size."""
    step = costs[STEP].timing
    lines = [
        "| codes | search + push, ms | quartiles | memory, MB | share of the step, both buffers |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, cost in costs.items():
        if name in (STEP, NOTHING):
            continue
        if cost.timing is None or step is None:
            lines.append(f"| {name} | {cost.problem or costs[STEP].problem} | | | |")
            continue
        low, median, high = cost.timing.quartiles
        share = 2 * np.median(cost.timing.wall / step.wall)
        memory = cost.peak_mb - costs[NOTHING].peak_mb
        lines.append(
            f"| {name} | {median:.2f} | {low:.2f} to {high:.2f} | {memory:.0f} | {share:.1%} |"
        )
    return "\n".join(lines)


def describe(costs: Mapping[str, processes.Cost], steps: int, repeats: int) -> str:
    """What the table's numbers are."""
    step = costs[STEP].timing
    median = "no time" if step is None else f"{step.quartiles[1]:.0f} ms"
    return (
        f"Batch {BATCH}, {WIDTH} dimensions. The {STEP} without these terms takes {median}. "
        f"Medians of {repeats} rounds of {steps} steps, in turns, each in a process. Memory is "
        "the most that the process had, less that of one without a buffer: it holds the graph, "
        "the codes that fill the buffer at the start, and the buffer."
    )


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = timing.parser("replay_buffer", __doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_024, 65_536])
    parser.add_argument("--steps", type=int, default=20, help="steps of a turn")
    parser.add_argument("--repeats", type=int, default=10, help="rounds to time")
    parser.add_argument("--output", type=Path, help="a Markdown file to write")
    return parser.parse_args(arguments)


def main() -> None:
    """Measure as the command line says; print the table, and write it where --output says."""
    given = parse()
    costs = compare(given.sizes, steps=given.steps, repeats=given.repeats)
    paragraphs = [
        describe(costs, given.steps, given.repeats),
        table(costs),
        *timing.conditions(),
    ]
    print("\n\n".join(paragraphs))
    if given.output:
        timing.write(given.output, "The replay buffer of MaEM-GAN", paragraphs)


if __name__ == "__main__":
    main()
