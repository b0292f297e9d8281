"""A server from its start to its end: it listens, and stops once what it has taken is answered."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from kgan.errors import InputError
from kgan.serving.server import metrics, rest, rpc
from kgan.serving.server.core import Core
from kgan.serving.server.limits import Limits

_BACKLOG = 2048  # Connections that wait to be taken.
_KEEP_ALIVE = 75  # Seconds that a client's connection may be idle.


class Server:
    """Both interfaces of a folder of models.

    Args:
        models: the folder, or a models.config in it.
        limits: of requests.
        host: name or address to listen at.
        rest_api_port, port: of REST and of gRPC; 0 for a free one.
        grpc: whether gRPC is spoken.

    Attributes:
        rest_api_port, port: the ones it listens at; port is None without gRPC.
        core: what both interfaces ask.

    Raises:
        DataError: models that cannot be read.
        InputError: nothing can listen there, or a path of a model leaves the folder.
    """

    def __init__(
        self,
        models: Path,
        limits: Limits | None = None,
        *,
        host: str = "127.0.0.1",
        rest_api_port: int = 8501,
        port: int = 8500,
        grpc: bool = True,
    ):
        self.host = host
        # Models take seconds to load: a port that is taken is told before.
        self._socket = _listening(host, rest_api_port)
        self.rest_api_port = self._socket.getsockname()[1]
        try:
            self.core = Core(models, limits or Limits())
            started = rpc.start(self.core, host, port) if grpc else None
        except BaseException:
            self._socket.close()
            raise
        self._grpc: Any = started and started[0]
        self.port: int | None = started and started[1]
        config = uvicorn.Config(
            rest.application(self.core),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            backlog=_BACKLOG,
        )
        self._rest = _Rest(config)

    @property
    def url(self) -> str:
        """Of the REST interface."""
        return f"http://{_in_url(self.host)}:{self.rest_api_port}"

    def told(self) -> str:
        """What it serves, and where, in a few lines."""
        versions = self.core.repository.versions.items()
        models = ", ".join(f"{name} ({', '.join(map(str, n))})" for name, n in versions)
        lines = [f"Models: {models}", f"REST: {self.url}/v1/models/NAME:predict"]
        if self.port is not None:
            lines.append(f"gRPC: {_in_url(self.host)}:{self.port}")
        lines.append(f"Health and metrics: {self.url}/healthz, {self.url}{metrics.PATH}")
        if not _is_loopback(self.host):
            lines.append(
                f"It listens at {self.host}: whoever reaches this machine may ask, without a "
                "password and in plain text."
            )
        return "\n".join([*lines, "Ctrl-C or SIGTERM ends it, once what it has taken is answered."])

    def run(self) -> None:
        """Answer until SIGINT, SIGTERM or `stop`, and then what was taken before."""
        try:
            self._rest.run(sockets=[self._socket])
        finally:
            if self._grpc is not None:
                self._grpc.stop(self.core.limits.timeout).wait()
            self.core.gate.close()
            self._socket.close()

    def stop(self) -> None:
        """End `run` of another thread."""
        self._rest.should_exit = True


class _Rest(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, without raising the signal again: it has been obeyed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Asyncio sends small answers at once where the protocol is named, and else after 40 ms.
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(_BACKLOG)  # From here on clients may come: they wait for the models.
    except (OSError, OverflowError) as error:
        raise InputError(
            f"Nothing can listen at {host}, port {port} ({error}): give another `host` or "
            "`rest_api_port`."
        ) from error
    return found


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
