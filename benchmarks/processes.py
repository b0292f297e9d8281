"""Rivals timed in turns as `timing` does, but each in a process of its own.

So the memory of each is its own, and who takes too long can be stopped. A process waits while it
is another's turn.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import multiprocessing
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import timing

# Called in the new process; gives what runs a number of steps and waits for the last.
Builder = Callable[[], Callable[[int], object]]


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a rival cost.

    Attributes:
        timing: of its steps; None if it did not come so far. Its CPU times are the parent's, and
            say nothing.
        graph_seconds: what its first turn took longer than the others.
        peak_mb: most memory that its process had.
        problem: why there is no timing.
    """

    timing: timing.Timing | None = None
    graph_seconds: float = 0.0
    peak_mb: float = 0.0
    problem: str = ""


class RivalError(Exception):
    """Why there are no times of a rival."""


def compare(
    builders: Mapping[str, Builder], *, steps: int, repeats: int, limit: float
) -> dict[str, Cost]:
    """Time rivals in processes that take turns.

    Args:
        builders: by rival; can be pickled.
        steps: of a turn.
        repeats: rounds, at least 1.
        limit: seconds that a rival may take to build its model, and then to run the first turn.

    Returns:
        Costs by rival.
    """
    first, workers, costs = {}, {}, {}
    with contextlib.ExitStack() as stack:
        for rival, builder in builders.items():
            worker = stack.enter_context(contextlib.closing(_Worker(builder, steps)))
            try:
                first[rival] = worker.start(limit)
                workers[rival] = worker
            except RivalError as error:
                costs[rival] = Cost(problem=str(error))
                worker.close()
        turns = {rival: worker.run for rival, worker in workers.items()}
        timings = timing.interleaved(turns, steps=steps, repeats=repeats, warm_up=1)
        for rival, timed in timings.items():
            later = float(np.median(timed.wall)) * steps / 1e3
            costs[rival] = Cost(timed, max(first[rival] - later, 0.0), workers[rival].peak_mb)
    return {rival: costs[rival] for rival in builders}


def once(job: Callable[[], Any]) -> Any:
    """What `job` returns in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, context) as process:
        return process.submit(job).result()


class _Worker:
    """A rival's process."""

    def __init__(self, builder: Builder, steps: int):
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, builder, steps), daemon=True)
        self._process.start()
        theirs.close()
        self.peak_mb = 0.0

    def start(self, limit: float) -> float:
        """Have the model built and the first turn run; returns the seconds of the latter."""
        self._answer("model", limit)
        return self._answer("graph", limit)

    def run(self, steps: int) -> None:
        """A turn."""
        self._connection.send(steps)
        self.peak_mb = self._answer("turn")

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _answer(self, what: str, limit: float | None = None) -> float:
        if not self._connection.poll(limit):
            raise RivalError(f"{what} not built in {limit:g} s")
        try:
            return self._connection.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            raise RivalError(f"{what}: the process ended with status {code}") from None


def _work(connection: Any, builder: Builder, steps: int) -> None:
    """Build, run the first turn, and then a turn whenever the parent asks for one."""
    run = builder()
    connection.send(0.0)
    start = time.perf_counter()
    run(steps)
    connection.send(time.perf_counter() - start)
    while True:
        run(connection.recv())
        connection.send(_peak_mb())


def _peak_mb() -> float:
    """The most memory that this process has had; its resource usage begins with its parent's."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024
