"""What the guard at a game's door costs: its share of a training.

  python -m benchmarks.guard
  python -m benchmarks.guard --models=gan_grid,mdgan_fashion_mnist

Each epoch begins with a look at the first batch, and ends with one at all weights; each `fit` of an
array begins with a look at all of it. Beside them stands what a step takes; the share is of an
epoch of 60,000 examples of images, or of 1,000 batches of points.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from benchmarks import timing
from kgan import presets
from kgan.backend import finite
from kgan.backend.step_function import StepFunction


def shares(name: str, *, steps: int = 20, repeats: int = 5) -> dict[str, float]:
    """Milliseconds of a step and of each look, and the looks' shares of an epoch in percent.

    Args:
        name: of a preset with examples of a known shape.
        steps: that are timed in a round.
        repeats: rounds.
    """
    preset = presets.get(name)
    model: Any = presets.build(name)
    model.compile()
    shape, size = model.sample_shape, preset.batch_size
    count = 60_000 if len(shape) == 3 else 1_000 * size
    low, high = model.value_range
    few = np.random.default_rng(0).uniform(low, high, (size, *shape)).astype("float32")
    whole = np.resize(few, (count, *shape))
    expected = model.expected()
    guarded = model.make_train_function()
    bare = StepFunction(
        lambda data, index: model.train_step(data),
        model.log_names,
        model.distribute_strategy,
        first_step=lambda: model.steps_taken,
    )
    iterator = iter(tf.data.Dataset.from_tensors(few).repeat())

    def train(function: StepFunction) -> Any:
        return lambda number: function.run(iterator, number)  # In one call, as `fit` does.

    def often(look: Any) -> Any:
        return lambda number: [look() for _ in range(number)]

    rivals = {
        "step": train(guarded),
        "bare step": train(bare),
        "first batch": often(lambda: expected.check(few)),
        "weights": often(lambda: finite.not_finite(model.variables)),
        "array": lambda number: expected.check(whole),
    }
    timings = timing.interleaved(rivals, steps=steps, repeats=repeats)
    found = {key: float(np.median(value.wall)) for key, value in timings.items()}
    found["array"] *= steps  # Once in a round.
    epoch = count // size * found["step"]
    found["epoch's share"] = 100 * (found["first batch"] + found["weights"]) / epoch
    found["array's share"] = 100 * found["array"] / epoch
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", default="gan_ring,mdgan_grid,gan_fashion_mnist")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    print(
        "| preset | step, ms | unguarded, ms | batch, ms | weights, ms | array, ms | of an epoch |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in options.models.split(","):
        found = shares(name, repeats=options.repeats)
        share, array = found["epoch's share"], found["array's share"]
        looks = f"{share:.3f}% (array: {array:.3f}%)"
        cells = (found[key] for key in ("step", "bare step", "first batch", "weights", "array"))
        print(f"| {name} | " + " | ".join(f"{cell:.2f}" for cell in cells) + f" | {looks} |")


if __name__ == "__main__":
    main()
