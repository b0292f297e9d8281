"""Where the time goes between a command and its first training steps.

  python -m benchmarks.startup                                    # the ring, Fashion-MNIST
  python -m benchmarks.startup --repeats=5 mdgan:grid gan:ring

Each command is started anew, as a user would, and stopped when its first call of the step function
is over. The first start of all reads files that later ones find in memory, and is not counted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import timing

COMMANDS = ("mdgan:ring", "mdgan:fashion_mnist")
_BEGIN, _RESULT = "KGAN_STARTUP_BEGIN", "startup: "
# What is done in turn; each ends where the next begins.
PARTS = (
    "Python, flags, the first line",
    "TensorFlow and Keras",
    "kgan's modules",
    "data",
    "model",
    "the run's directory, callbacks",
    "first call: graph and steps",
)


def measure(command: str, repeats: int) -> tuple[np.ndarray, int]:
    """Seconds of each of `PARTS` `(repeats, parts)`, and steps of the first call."""
    method, _, dataset = command.partition(":")
    found: list[list[float]] = []
    steps = 0
    for turn in range(-1, repeats):
        with tempfile.TemporaryDirectory() as folder:
            flags = [f"--dataset={dataset}", f"--output_dir={folder}/run"]
            begun = {**os.environ, _BEGIN: repr(time.time())}
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.startup", "--child", method, *flags],
                env=begun,
                capture_output=True,
                text=True,
                check=False,
            )
        line = next((x for x in done.stdout.splitlines() if x.startswith(_RESULT)), None)
        if line is None:
            sys.exit(f"{command} did not come to its first step:\n{done.stderr}")
        told = json.loads(line.removeprefix(_RESULT))
        steps = told["steps"]
        if turn >= 0:
            found.append(np.diff([0.0, *told["ends"]]).tolist())
    return np.array(found), steps


def child(method: str, flags: Sequence[str]) -> None:
    """Do what `python -m apps.METHOD` does, note the time, and leave at the first steps' end."""
    begun = float(os.environ[_BEGIN])
    ends: list[float] = []

    def after(owner: Any, name: str, last: Callable[[Any], None] | None = None) -> None:
        """Note the time when a function of `owner`'s returns for the first time."""
        function, place = getattr(owner, name), len(ends_of)
        ends_of.append(name)

        def noted(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if len(ends) == place:
                ends.append(time.time() - begun)
                if last is not None:
                    last(result)
            return result

        setattr(owner, name, noted)

    ends_of: list[str] = []
    from kgan.commands import launch, training

    after(training, "announce")
    after(launch, "_load")

    def watch_job() -> None:
        importlib.import_module("kgan.commands.train")
        from kgan import data
        from kgan.backend.step_function import StepFunction
        from kgan.commands import jobs

        ends.append(time.time() - begun)
        ends_of.append("modules")
        after(data, "load")
        after(jobs, "build_model")
        first = StepFunction.run

        def run(self: Any, iterator: Any, count: int) -> Any:
            ends.append(time.time() - begun)
            first(self, iterator, count)
            ends.append(time.time() - begun)
            print(_RESULT + json.dumps({"ends": ends, "steps": count}), flush=True)
            os._exit(0)

        StepFunction.run = run  # type: ignore[method-assign]

    train = training.train

    def trained(command: str) -> None:
        watch_job()
        train(command)

    training.train = trained
    sys.argv = [f"apps/{method}.py", *flags]
    training.start(method)


def table(measured: dict[str, tuple[np.ndarray, int]]) -> str:
    """Medians, and when each part is over."""
    lines = ["| part | " + " | ".join(f"{name}, s" for name in measured) + " |"]
    lines.append("| --- |" + " ---: |" * len(measured))
    rows = [np.median(seconds, axis=0) for seconds, _ in measured.values()]
    for place, part in enumerate(PARTS):
        lines.append(f"| {part} | " + " | ".join(f"{row[place]:.2f}" for row in rows) + " |")
    totals = [np.sum(seconds, axis=1) for seconds, _ in measured.values()]
    cells = [f"**{np.median(t):.2f}** ({t.min():.2f} to {t.max():.2f})" for t in totals]
    lines.append(f"| all | {' | '.join(cells)} |")
    return "\n".join(lines)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = timing.parser("startup", __doc__)
    parser.add_argument("commands", nargs="*", default=COMMANDS, help="METHOD:DATASET")
    parser.add_argument("--repeats", type=int, default=3, help="starts to take the medians of")
    return parser.parse_args(arguments)


def main() -> None:
    """Print a table."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
        return
    given = parse()
    measured = {name: measure(name, given.repeats) for name in given.commands}
    print(table(measured))
    steps = ", ".join(f"{name} {count}" for name, (_, count) in measured.items())
    print("\n" + "\n\n".join([f"Steps of the first call: {steps}.", *timing.conditions()]))


if __name__ == "__main__":
    main()
