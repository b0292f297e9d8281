"""Rivals timed in one process, in turns: what slows the machine down slows all of them."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from kgan.files import check_ours, replacing
from kgan.runs.environment import environment


@dataclasses.dataclass(frozen=True)
class Timing:
    """What one rival took.

    Attributes:
        wall: milliseconds a step in each round, `(rounds,)`.
        cpu: milliseconds of CPU a step, over all threads, `(rounds,)`.
    """

    wall: np.ndarray
    cpu: np.ndarray

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """Of the wall times: lower, median, upper."""
        return tuple(np.percentile(self.wall, (25, 50, 75)))

    def speedup(self, other: Timing) -> tuple[float, float, float]:
        """How many times as fast as `other` in the same round: quartiles over the rounds."""
        return tuple(np.percentile(other.wall / self.wall, (25, 50, 75)))


def interleaved(
    rivals: Mapping[str, Callable[[int], object]], *, steps: int, repeats: int, warm_up: int = 2
) -> dict[str, Timing]:
    """Time the rivals in turns; every other round goes backwards.

    Args:
        rivals: by name, what runs a given number of steps and waits for the last.
        steps: that each takes in a round.
        repeats: rounds, at least 1.
        warm_up: rounds before, which are not timed; the first builds the graphs.
    """
    wall: dict[str, list[float]] = {name: [] for name in rivals}
    cpu: dict[str, list[float]] = {name: [] for name in rivals}
    for turn in range(-warm_up, repeats):
        for name in list(rivals)[:: 1 if turn % 2 else -1]:
            wall_start, cpu_start = time.perf_counter(), time.process_time()
            rivals[name](steps)
            seconds = time.perf_counter() - wall_start
            if turn >= 0:
                wall[name].append(seconds / steps * 1e3)
                cpu[name].append((time.process_time() - cpu_start) / steps * 1e3)
    return {name: Timing(np.array(wall[name]), np.array(cpu[name])) for name in rivals}


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """The command line of a benchmark; its description is printed as it is written."""
    layout = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=description, formatter_class=layout
    )


def conditions() -> list[str]:
    """Lines that say on what, with what and when a benchmark ran."""
    facts = environment()
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    load = os.getloadavg()[0]
    return [
        f"`{facts['command']}`, {datetime.date.today().isoformat()}, revision "
        f"{facts['git_revision']}",
        f"{_processor()}, {facts['machine']}; load average {load:.1f} at the end",
        versions,
    ]


def write(path: Path, title: str, paragraphs: Sequence[str]) -> None:
    """Write a Markdown file; another one than a benchmark's is refused."""
    check_ours(path, "python -m benchmarks.", "benchmark's page")
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text("\n\n".join([f"# {title}", *paragraphs]) + "\n")


def _processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"
