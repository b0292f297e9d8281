"""What the benchmark of the server counts, of a server that answers as it is told."""

import asyncio
import json
from collections import Counter

from benchmarks import load, malformed, serving


async def answers(statuses, clients):
    """What clients see of a server that answers with these statuses, and then ends."""
    left = list(statuses)

    async def serve(reader, writer):
        while left:
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
            if not left:
                break
            told = f"HTTP/1.1 {left.pop(0)} x\r\nContent-Length: 2\r\n\r\n{{}}"
            writer.write(told.encode())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asks = [load.RestClient("127.0.0.1", port, "/", b"12345") for _ in range(clients)]
    found = await load.closed_loop(asks, 5.0)
    server.close()
    return found


def test_every_request_is_counted_by_its_end():
    found = asyncio.run(answers([200, 429, 200, 400], 1))
    assert found.ends == Counter({"200": 2, "429": 1, "400": 1, "closed": 1})
    assert len(found.seconds) == 4 and 0 <= found.quantile(0.5) <= found.wall
    row = serving._row("points", "REST", 1, found, own=1.0)
    assert row[:3] == ["points", "REST", "1"] and row[-1] == "3"
    assert serving.table_of([row]).count("\n") == 2


def test_bodies_are_malformed_and_the_same_each_time():
    bodies = list(malformed.bodies(300, seed=1))
    assert bodies == list(malformed.bodies(300, seed=1))
    assert len(set(bodies)) > 150
    for body in bodies:
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            continue
        assert asked != {"signature_name": "sample", "inputs": {"seeds": [[0, 0]]}}
