"""Commands of the applications, forked off one process that has TensorFlow loaded.

`python -m apps.mdgan` spends most of a short run on imports. A fork of a process that has done
them begins at once, and is the same command in all else: a process of its own with its flags,
environment, output and exit status, which a SIGKILL can end at any moment.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# What commands import, besides what that imports.
LOADED = ("kgan.commands.train", "jinja2", "matplotlib.figure", "matplotlib.backends.backend_agg")


class Command:
    """A running command.

    Attributes:
        pid: of its process.
        log: file with its stdout and stderr.
    """

    def __init__(self, server: CommandServer, pid: int, log: Path):
        self._server = server
        self._status: int | None = None
        self.pid = pid
        self.log = log

    @property
    def output(self) -> str:
        """What it wrote to stdout and stderr so far."""
        return self.log.read_text("utf-8", errors="replace")

    def poll(self) -> int | None:
        """Its exit status, the negative signal's number if killed; None while it runs."""
        if self._status is None:
            self._status = self._server.ask(poll=self.pid)
        return self._status

    def wait(self, timeout: float = 300) -> int:
        """Its exit status once it has ended."""
        self.wait_for(lambda: False, timeout)
        return self._status

    def wait_for(self, event: Callable[[], bool], timeout: float = 300) -> bool:
        """Wait for an event or the command's end; returns whether it was the event."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if event():
                return True
            if self.poll() is not None:
                return False
            time.sleep(0.002)
        self.send(signal.SIGKILL)
        raise TimeoutError(f"After {timeout} s the command still ran. It said:\n{self.output}")

    def send(self, number: int) -> None:
        """Send a signal, unless the command has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


class CommandServer:
    """Starts commands; a context manager, whose end kills those that still run."""

    def __enter__(self) -> CommandServer:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._process.stdin.close()
        self._process.wait(60)

    def ask(self, **request: Any) -> Any:
        """Send a request; returns the answer."""
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(
        self,
        module: str,
        *flags: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Command:
        """Start `python -m module flags`.

        Args:
            module: such as `"apps.mdgan"`.
            *flags: of its command line.
            log: file for its output.
            env: changes to the environment.
            cwd: its working directory; the checkout's root by default.
        """
        log.touch()  # A kill may come before the command opens it.
        place = str(cwd or ROOT)
        pid = self.ask(module=module, flags=flags, log=str(log), env=dict(env or {}), cwd=place)
        return Command(self, pid, log)

    def run(self, module: str, *flags: str, log: Path, **options: Any) -> tuple[int, str]:
        """Start a command and wait for it; returns its exit status and output."""
        command = self.start(module, *flags, log=log, **options)
        return command.wait(), command.output


def _serve() -> None:
    """Fork a child for each request; returns in a child as its command ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for module in LOADED:
        __import__(module)
    # A child's collections look at what it made alone, and leave the memory shared.
    gc.collect()
    gc.freeze()
    running: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            pid, status = os.waitpid(request["poll"], os.WNOHANG)
            running.discard(pid)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                _become(**request)
                return
            running.add(answer)
        print(json.dumps(answer), file=answers, flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _become(module: str, flags: list[str], log: str, env: dict[str, str], cwd: str) -> None:
    os.environ.update(env)
    os.chdir(cwd)
    # As at a terminal: whoever starts the tests in the background leaves SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    sys.argv = [module, *flags]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int):
            # All that an interpreter does at its end but to take its modules apart: a second.
            threading._shutdown()
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code)
        raise


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.path[0] = str(ROOT)
    _serve()
