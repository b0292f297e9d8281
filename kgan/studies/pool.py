"""Runs as subprocesses, several at a time."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kgan.files import replacing
from kgan.studies.records import key_of
from kgan.studies.runs import Run

_POLL_SECONDS = 0.05
# What an interrupted run may take to say so; killing it then harms nothing.
_GRACE_SECONDS = 20.0
# Losses of a step, or what weights give in the end that no loss looked at any more.
_DIVERGED = r"\bbecame (nan|-?inf)|\b(samples|examples|images) must be finite"
# On a processor without AVX-VNNI or AVX512-VNNI TensorFlow leaves oneDNN off: a dense layer's
# gradient in its inputs, a product with a transposed kernel, then takes five times as long.
_IMAGES = {"TF_ENABLE_ONEDNN_OPTS": "1"}
# Their small networks are about a fifth slower with it.
_POINTS = ("ring", "grid", "embedded_grid")
CHANGED = (
    "the code was changed meanwhile, and this is another run now; the same command begins anew"
)


def diverged(why: str) -> bool:
    """Whether a run failed for what it learnt, and would again; not for want of memory or disk."""
    return re.search(_DIVERGED, why, re.IGNORECASE) is not None


def divergences(runs: Sequence[Run], logs: Path) -> dict[Path, str]:
    """By directory, how runs have diverged: results too, which no further run would change."""
    found = {}
    for run in runs:
        note, kept = _note(run, logs), run.kept
        if run.finished:
            continue
        if note.exists() and diverged(why := note.read_text()):  # Not what a full disk cut off.
            found[run.directory] = why
        elif kept is not None and kept.failure is not None:
            found[run.directory] = kept.failure
    return found


def usable_cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0))


def execute(
    runs: Sequence[Run],
    *,
    jobs: int,
    logs: Path,
    report: Callable[[Run, float, str | None], None],
) -> dict[Path, str]:
    """Run all of them; when interrupted, interrupt those that run and wait for their ends.

    Args:
        runs: what to run, in this order.
        jobs: at a time.
        logs: folder for a file with what each says, and one more for each that diverged.
        report: called as each ends, with the seconds it took and why it failed, or None.

    Returns:
        By directory, why a run failed.
    """
    logs.mkdir(parents=True, exist_ok=True)
    environment = _environment(min(jobs, len(runs)))
    waiting, failed = list(runs), {}
    running: dict[subprocess.Popen[bytes], tuple[Run, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                run = waiting.pop(0)
                running[_start(run, logs, environment)] = run, time.monotonic()
            for child in [child for child in running if child.poll() is not None]:
                run, start = running.pop(child)
                failure = _failure(run, child.returncode, _log(run, logs))
                if failure is not None:
                    failed[run.directory] = failure
                    if diverged(failure):
                        with replacing(_note(run, logs)) as note:
                            note.write_text(failure)
                report(run, time.monotonic() - start, failure)
            time.sleep(_POLL_SECONDS)
    finally:
        _stop(list(running))
    return failed


def _environment(jobs: int) -> dict[str, str]:
    """Variables for each of `jobs` processes, so that they do not fight over cores or a GPU."""
    if jobs == 1:
        return dict(os.environ)
    threads = str(max(1, usable_cores() // jobs))
    shared = {
        "TF_NUM_INTRAOP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    }
    return {**shared, **os.environ}


def _of_data(dataset: str) -> Mapping[str, str]:
    """Variables that make the steps on this data faster; the user's own win."""
    return {} if dataset in _POINTS else _IMAGES


def _start(run: Run, logs: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    _note(run, logs).unlink(missing_ok=True)
    with _log(run, logs).open("wb") as log:
        return subprocess.Popen(
            _command(run),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**_of_data(run.row.dataset), **environment},
            # Ctrl-C at the terminal comes to this process alone, which passes it on once.
            start_new_session=True,
        )


def _command(run: Run) -> list[str]:
    # Who is killed outright cannot stop its runs, which would hold their directories against the
    # same command: where there is util-linux the kernel does.
    guard = shutil.which("setpriv")
    return [
        *([guard, "--pdeathsig=TERM", "--"] if guard else []),
        *(sys.executable, "-m", "kgan", *run.arguments),
    ]


def _log(run: Run, logs: Path) -> Path:
    return logs / f"{run.directory.name}.log"


def _note(run: Run, logs: Path) -> Path:
    """Where a divergence is kept."""
    return logs / f"{run.directory.name}.failure"


def _failure(run: Run, status: int, log: Path) -> str | None:
    """The last line with an error of a run that failed, or else its last one."""
    if status == 0 and run.finished:
        return None
    if status == 0 and key_of(run.directory) not in (None, (run.key, run.seed)):
        return CHANGED
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if errors:
        return errors[-1]
    ended = f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
    return f"it ended with {ended}: {lines[-1] if lines else 'it said nothing'}"


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    # Who started us in the background of a script has had SIGINT ignored, by the runs too.
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    for child in children:
        child.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
    deadline = time.monotonic() + _GRACE_SECONDS
    try:
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(deadline - time.monotonic(), 0))
    finally:  # Also at a second Ctrl-C.
        for child in children:
            if child.poll() is None:
                child.kill()
                child.wait()
