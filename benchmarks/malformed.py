"""Bodies of Predict that no server can answer, all of them made up from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

_JUNK: list[Any] = [
    None, True, "", "x", "\ud800", -1.5, 1e308, 2**31, -(2**63), 10**30, [], {}, [[]],
    {"b64": "AAAA"}, {"b64": 3}, [[[0]]], [0, 1], [["0", "1"]], [[0.5, 1]], [[0, None]],
    [[0, 1], [2]], [[0, 1, 2]], [[True, False]], [{}], {"seeds": {}},
]  # fmt: skip


def bodies(count: int, seed: int = 0) -> Iterator[bytes]:
    """Yields bodies for a signature `sample` of `seeds (n, 2)` int32, none of which is one."""
    rng = random.Random(seed)
    for _ in range(count):
        yield rng.choice(_KINDS)(rng)


def _asked(rng: random.Random) -> dict[str, Any]:
    rows = [[rng.randrange(100), i] for i in range(rng.randint(1, 5))]
    if rng.random() < 0.5:
        return {"signature_name": "sample", "inputs": {"seeds": rows}}
    return {"signature_name": "sample", "instances": [{"seeds": row} for row in rows]}


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def _cut(rng: random.Random) -> bytes:
    whole = _bytes(_asked(rng))
    return whole[: rng.randrange(len(whole))]


def _noise(rng: random.Random) -> bytes:
    return b"\xff" + rng.randbytes(rng.randrange(200))


def _more(rng: random.Random) -> bytes:
    return _bytes(_asked(rng)) + rng.choice([b"}", b"{}", b",", b"\x00", b"[]"])


def _no_object(rng: random.Random) -> bytes:
    return _bytes(rng.choice([value for value in _JUNK if not isinstance(value, dict)]))


def _deep(rng: random.Random) -> bytes:
    depth = rng.choice([60, 70, 1_000, 100_000])
    return b'{"signature_name":"sample","inputs":' + b"[" * depth + b"]" * depth + b"}"


def _other_key(rng: random.Random) -> bytes:
    body = _asked(rng)
    key = next(key for key in ("inputs", "instances") if key in body)
    if rng.random() < 0.5:
        body[{"inputs": "instances", "instances": "inputs"}[key]] = body[key]
    else:
        body[key.upper()] = body.pop(key)
    return _bytes(body)


def _other_signature(rng: random.Random) -> bytes:
    names = [3, None, [], {}, "none", "../sample", "sample\x00", "x" * 10_000]
    return _bytes({**_asked(rng), "signature_name": rng.choice(names)})


def _other_values(rng: random.Random) -> bytes:
    # Rows of strings come as lists of one.
    value = rng.choice([junk for junk in _JUNK if junk != [0, 1]])
    if rng.random() < 0.5:
        return _bytes({"signature_name": "sample", "inputs": {"seeds": value}})
    rows = [{"seeds": [0, 1]}, {"seeds": value}]
    return _bytes({"signature_name": "sample", "instances": rows[:: rng.choice([1, -1])]})


def _other_names(rng: random.Random) -> bytes:
    names = [{}, {"seed": [0, 1]}, {"seeds": [0, 1], "more": 1}]
    if rng.random() < 0.3:
        return _bytes({"signature_name": "sample", "inputs": rng.choice(names[:2])})
    return _bytes(
        {"signature_name": "sample", "instances": [rng.choice(names)] * rng.randint(1, 3)}
    )


def _too_many(rng: random.Random) -> bytes:
    rows = [[0, i] for i in range(1_001 + rng.randrange(9))]
    return _bytes({"signature_name": "sample", "inputs": rows})


def _not_finite(rng: random.Random) -> bytes:
    value = rng.choice([float("nan"), float("inf"), float("-inf")])
    text = rng.choice([b"1e999", b"-1e999", _bytes(value)])
    return b'{"signature_name":"sample","inputs":[[0,' + text + b"]]}"


_KINDS: list[Callable[[random.Random], bytes]] = [
    _cut, _noise, _more, _no_object, _deep, _other_key, _other_signature, _other_values,
    _other_names, _too_many, _not_finite,
]  # fmt: skip
