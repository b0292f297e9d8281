"""Clients that ask a server as fast as it answers, on one thread: what they cost is little."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np


@dataclasses.dataclass
class Load:
    """What clients saw.

    Attributes:
        seconds: each answered request's, in the order of their ends.
        ends: how requests ended: a status, a code, or "closed" for none.
        wall: seconds of all together.
    """

    seconds: list[float] = dataclasses.field(default_factory=list)
    ends: Counter[str] = dataclasses.field(default_factory=Counter)
    wall: float = 0.0

    def quantile(self, share: float) -> float:
        """Seconds that so large a share of the answers took at most."""
        return float(np.quantile(self.seconds, share))


Ask = Callable[[], Awaitable[str]]


async def closed_loop(clients: list[Ask], duration: float) -> Load:
    """Each client asks again as soon as it is answered, until the time is over or it is closed.

    Args:
        clients: each asks once and tells how it ended.
        duration: seconds.
    """
    found, end = Load(), time.monotonic() + duration

    async def one(ask: Ask) -> None:
        while (start := time.monotonic()) < end:
            told = await ask()
            found.ends[told] += 1
            if told == "closed":
                return
            found.seconds.append(time.monotonic() - start)

    start = time.monotonic()
    await asyncio.gather(*map(one, clients))
    found.wall = time.monotonic() - start
    return found


class RestClient:
    """Asks one thing over one connection.

    Args:
        host, port: of the server.
        path: of the model's predict.
        body: of the request.
    """

    def __init__(self, host: str, port: int, path: str, body: bytes):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        self._address, self._request = (host, port), head.encode() + body
        self._streams: Any = None

    async def __call__(self) -> str:
        """Ask; returns the status, or "closed" where the server gives no answer."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._address)
            reader, writer = self._streams
            writer.write(self._request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            await reader.readexactly(size)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return "closed"
        if b"connection: close" in head:
            self.close()
        return head.split(b" ", 2)[1].decode()

    def close(self) -> None:
        """Leave the connection; the next call makes another."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


class GrpcClient:
    """Asks one thing over a channel of its own.

    Args:
        address: of the server.
        request: a PredictRequest.
    """

    def __init__(self, address: str, request: Any):
        import grpc
        from tensorflow_serving.apis import prediction_service_pb2_grpc

        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
        self._error = grpc.RpcError
        self._channel = grpc.aio.insecure_channel(address, options)
        stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._ask, self._request = stub.Predict, request

    async def __call__(self) -> str:
        """Ask; returns the code, or "closed" where the server is gone."""
        try:
            await self._ask(self._request, timeout=60)
        except self._error as error:
            code = error.code().name
            return "closed" if code == "UNAVAILABLE" else code
        return "OK"
