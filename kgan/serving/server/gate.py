"""How many requests are taken at once: more are refused, and what was taken is answered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any, TypeVar

from kgan.serving.server.failures import EXHAUSTED, Failure
from kgan.serving.server.limits import Limits

Result = TypeVar("Result")


class Gate:
    """Counts requests from their first byte to their answer's last computation.

    Args:
        limits: of requests.
    """

    def __init__(self, limits: Limits):
        self._limits, self._lock = limits, threading.Lock()
        self._threads = futures.ThreadPoolExecutor(limits.max_pending, "kgan-predict")
        self.pending, self.pending_bytes = 0, 0

    def enter(self) -> Ticket:
        """A place for a request.

        Raises:
            Failure: there is none.
        """
        with self._lock:
            if self.pending >= self._limits.max_pending:
                raise Failure(
                    EXHAUSTED,
                    f"{self._limits.max_pending} requests are being answered: ask again later.",
                )
            self.pending += 1
        return Ticket(self)

    def hold(self, more: int) -> None:
        """Count bytes of a body.

        Raises:
            Failure: they are too many, over all requests.
        """
        with self._lock:
            if self.pending_bytes + more > self._limits.max_pending_bytes:
                raise Failure(
                    EXHAUSTED,
                    "The requests that are being answered are too large: ask again later.",
                )
            self.pending_bytes += more

    def leave(self, held: int) -> None:
        """Give a place back, and its bytes."""
        with self._lock:
            self.pending -= 1
            self.pending_bytes -= held

    def submit(self, function: Callable[..., Result], *args: Any) -> futures.Future[Result]:
        """Run in a thread: there are as many as places."""
        return self._threads.submit(function, *args)

    def close(self) -> None:
        """Wait for what was taken."""
        self._threads.shutdown(wait=True)


class Ticket:
    """A request's place; a context manager that gives it back when nothing runs for it any more.

    Args:
        gate: that gave it.
    """

    def __init__(self, gate: Gate):
        self._gate, self._held = gate, 0
        self._work: futures.Future[Any] | None = None

    def __enter__(self) -> Ticket:
        return self

    def __exit__(self, *error: object) -> None:
        if self._work is None:
            self._leave()
        else:  # A request that took too long holds its thread until that ends.
            self._work.add_done_callback(lambda _: self._leave())

    def hold(self, more: int) -> None:
        """Count bytes of its body; see `Gate.hold`."""
        self._gate.hold(more)
        self._held += more

    def submit(self, function: Callable[..., Result], *args: Any) -> futures.Future[Result]:
        """Run its work, once."""
        found = self._gate.submit(function, *args)
        self._work = found
        return found

    def _leave(self) -> None:
        self._gate.leave(self._held)
