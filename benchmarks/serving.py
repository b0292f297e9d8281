"""Figures of `apps.serve` under load and under abuse, beside calling the SavedModel in process.

  python -m benchmarks.serving
  python -m benchmarks.serving --seconds=20 --output=docs/results/serving.md

The server runs as a process of its own, on the loopback; all clients are one process more on the
same machine, whose cores they share. About two minutes.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks import load, malformed, timing

ROWS = 64
CLIENTS = (1, 8, 64)
CROWD = 400  # Clients of a server that takes 16 requests at once.
SEEDS = [[0, i] for i in range(ROWS)]
# Model, signature, and what it is.
CASES = [
    ("points", "sample", "64 points of MD-GAN on the grid"),
    ("images", "sample_png", "64 images of 28 x 28 of the GAN on Fashion-MNIST, as PNG files"),
]


class Running:
    """A server's process.

    Args:
        models: folder of models.
        flags: more of its command line.
    """

    def __init__(self, models: Path, *flags: str):
        command = [sys.executable, "-m", "apps.serve", f"--models={models}", *flags]
        self.process = subprocess.Popen(
            [*command, "--rest_api_port=0", "--port=0"], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.told = ""
        for line in self.process.stdout:
            self.told += line
            if "SIGTERM" in line:
                break
        self.rest = int(re.findall(r"REST: http://[\d.]+:(\d+)", self.told)[0])
        self.grpc = re.findall(r"gRPC: ([\d.:]+)", self.told)[0]

    def stop(self) -> str:
        """Send SIGTERM; returns what it says until its end."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout is not None
        rest = self.process.stdout.read()
        assert self.process.wait(60) == 0, rest
        return rest

    @property
    def megabytes(self) -> float:
        """Of memory that it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@contextmanager
def running(models: Path, *flags: str) -> Iterator[Running]:
    """A server that is ended with the block."""
    found = Running(models, *flags)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.stop()


def rest_client(server: Running, model: str, signature: str) -> load.RestClient:
    """A client of REST that asks for 64 rows."""
    body = {"signature_name": signature, "inputs": {"seeds": SEEDS}}
    path = f"/v1/models/{model}:predict"
    return load.RestClient("127.0.0.1", server.rest, path, json.dumps(body).encode())


def grpc_client(server: Running, model: str, signature: str) -> load.GrpcClient:
    """The same by gRPC."""
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = model, signature
    request.inputs["seeds"].CopyFrom(tf.make_tensor_proto(np.array(SEEDS, np.int32)))
    return load.GrpcClient(server.grpc, request)


def in_process(folder: Path, signature: str, seconds: float) -> load.Load:
    """Calls of a SavedModel one after the other."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder))
    function, seeds = loaded.signatures[signature], np.array(SEEDS, np.int32)

    async def ask() -> str:
        for value in function(seeds=tf.constant(seeds)).values():
            value.numpy()
        return "OK"

    asyncio.run(load.closed_loop([ask], 0.5))
    return asyncio.run(load.closed_loop([ask], seconds))


def throughput(models: Path, seconds: float) -> tuple[list[list[str]], str]:
    """Rows of the table of loads, and what is said of memory."""
    table, before = [], 0.0
    with running(models) as server:
        for name, signature, about in CASES:
            found = _of_case(models, server, name, signature, seconds)
            rate = _rate(found["in process", 1])
            for (interface, clients), seen in found.items():
                first = about if interface == "in process" else ""
                table.append(_row(first, interface, clients, seen, rate))
            before = before or server.megabytes
        # The same again: what grew in the first round does not grow in the second.
        between = server.megabytes
        for name, signature, _ in CASES:
            asyncio.run(_loaded(rest_client, 64, seconds, server, name, signature))
        memory = (
            f"{before:.0f} MB after the points, {between:.0f} MB after the images, "
            f"{server.megabytes:.0f} MB after both again by REST at 64 clients"
        )
    return table, memory


def _of_case(
    models: Path, server: Running, name: str, signature: str, seconds: float
) -> dict[tuple[str, int], load.Load]:
    """By interface and number of clients, what they saw.

    Calls in process are timed before and after: what else runs on the machine changes meanwhile.
    """
    own = in_process(models / name / "1", signature, seconds)
    found = {("in process", 1): own}
    for interface, make in (("REST", rest_client), ("gRPC", grpc_client)):
        for clients in CLIENTS:
            asked = (make, clients, seconds, server, name, signature)
            found[interface, clients] = asyncio.run(_loaded(*asked))
    after = in_process(models / name / "1", signature, seconds)
    own.seconds += after.seconds
    own.ends += after.ends
    own.wall += after.wall
    return found


async def _loaded(make: Callable[..., Any], clients: int, seconds: float, *asked: Any) -> load.Load:
    asks = [make(*asked) for _ in range(clients)]
    await load.closed_loop(asks[:8], 0.3)
    return await load.closed_loop(asks, seconds)


def _rate(found: load.Load) -> float:
    """Rows that were answered in a second."""
    return ROWS * (found.ends["200"] + found.ends["OK"]) / found.wall


def _row(about: str, by: str, clients: int, found: load.Load, own: float) -> list[str]:
    rate = _rate(found)
    p50, p99 = (f"{1_000 * found.quantile(share):.1f}" for share in (0.5, 0.99))
    bad = sum(found.ends.values()) - found.ends["200"] - found.ends["OK"]
    return [about, by, str(clients), f"{rate:,.0f}", f"{rate / own:.2f}", p50, p99, str(bad)]


def abused(models: Path) -> list[str]:
    """Sentences on malformed bodies, on too many clients, and on SIGTERM in the middle."""
    told = []
    with running(models, "--max_pending=16") as server:
        ends: dict[str, int] = {}
        connection = http.client.HTTPConnection("127.0.0.1", server.rest, timeout=60)
        for body in malformed.bodies(1_000):
            connection.request("POST", "/v1/models/points:predict", body)
            answer = connection.getresponse()
            answer.read()
            ends[str(answer.status)] = ends.get(str(answer.status), 0) + 1
        connection.close()
        told.append(f"1,000 malformed bodies: {_ends(ends)}.")
        crowd = [rest_client(server, "images", "sample_png") for _ in range(CROWD)]
        found = asyncio.run(load.closed_loop(crowd, 3.0))
        told.append(
            f"{CROWD} clients at once of a server that takes 16 requests, for 3 seconds: "
            f"{_ends(found.ends)}."
        )
        good = asyncio.run(load.closed_loop([rest_client(server, "points", "sample")], 0.2))
        assert set(good.ends) == {"200"}, good.ends
    with running(models) as server:
        found, said = asyncio.run(_ended(server))
        answered = int(re.findall(r"([\d,]+) requests were answered", said)[0].replace(",", ""))
        told.append(
            f"SIGTERM among 32 clients: {found.ends['200']:,} requests got their answers, "
            f"the server counts {answered:,}; "
            f"{sum(v for k, v in found.ends.items() if k not in ('200', 'closed'))} other ends; "
            f"{found.ends['closed']} clients found the connection closed, as after an end."
        )
    return told


async def _ended(server: Running) -> tuple[load.Load, str]:
    clients = [rest_client(server, "images", "sample_png") for _ in range(32)]
    load_of_all = asyncio.create_task(load.closed_loop(clients, 60.0))
    await asyncio.sleep(2.0)
    said = await asyncio.to_thread(server.stop)
    return await load_of_all, said


def _ends(ends: Any) -> str:
    return ", ".join(f"{count:,} times {status}" for status, count in sorted(ends.items()))


def make_models(folder: Path) -> None:
    """Write the models that are asked: MD-GAN of the grid, and an untrained GAN of images."""
    import kgan

    kgan.MDGAN.from_preset("mdgan_grid").export(folder / "points" / "1")
    kgan.GAN.from_preset("gan_fashion_mnist").export(folder / "images" / "1")


def table_of(rows: list[list[str]]) -> str:
    """The table of loads."""
    head = ["64 rows a request", "by", "clients", "rows/s", "of in process", "p50 ms", "p99 ms"]
    head.append("not answered")
    lines = [head, ["---", "---", *["---:"] * 6], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure as the command line says; print the page, and write it where --output says."""
    parser = timing.parser("serving", __doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each load")
    parser.add_argument("--output", type=Path, help="file for the page")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_models(Path(folder))
        rows, memory = throughput(Path(folder), given.seconds)
        told = abused(Path(folder))
    paragraphs = [
        f"`python -m apps.serve` on the loopback, each load for {given.seconds:g} s: clients ask "
        "again as soon as they are answered. They are one process more on the same cores. In "
        "process one thread calls the SavedModel's signature, one call after the other, before and "
        "after the loads. Other work may run on the machine beside it, as the load average says.",
        table_of(rows),
        "\n".join(f"- {sentence}" for sentence in [*told, f"Memory of the server: {memory}."]),
        *timing.conditions(),
    ]
    print("\n\n".join(paragraphs))
    if given.output:
        timing.write(given.output, "The sample server under load", paragraphs)


if __name__ == "__main__":
    main()
