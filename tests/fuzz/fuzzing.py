"""What the fuzz tests share: how many inputs, values that cannot be right, and what is a fault."""

from __future__ import annotations

import collections
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st

from kgan.errors import KganError

# Of each test; the suite's own number is small.
INPUTS = int(os.environ.get("KGAN_FUZZ_INPUTS", "0"))
COUNTS: collections.Counter[str] = collections.Counter()
"""How often inputs were refused, and how often there was nothing wrong after all."""


def inputs(few: int) -> Callable[[Any], Any]:
    """Settings of a fuzz test that tries `few` inputs, the same ones every time, in the suite."""
    return hypothesis.settings(
        max_examples=INPUTS or few,
        derandomize=not INPUTS,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    )


class Opaque:
    """An object that is nothing of what a function may ask for."""

    def __repr__(self) -> str:
        return "Opaque()"


_NO_NUMBER = st.one_of(
    st.text(max_size=5),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.complex_numbers(),
    st.builds(Opaque),
    st.just([[1, 2], [3]]),
    st.sampled_from([np.zeros(3), np.array("x"), np.array(None, object), range, np.array([[1]])]),
)
NO_INTEGER = _NO_NUMBER | st.sampled_from([0.5, -1.5, 1e300, np.inf, np.nan, np.float32(2.5)])
NO_FLOAT = _NO_NUMBER | st.sampled_from([np.nan, float("nan"), np.float32("nan")])
NO_STRING = st.one_of(
    st.integers(),
    st.floats(),
    st.binary(max_size=5),
    st.lists(st.text(max_size=2), max_size=2),
    st.builds(Opaque),
    st.just(np.zeros(2)),
)
NO_SEQUENCE = st.one_of(st.integers(), st.floats(), st.text(max_size=3), st.builds(Opaque))
NO_ARRAY = st.one_of(
    st.text(max_size=3),
    st.builds(Opaque),
    st.sampled_from(
        [
            None,
            [[1, 2], [3]],
            [["a", "b"], ["c", "d"]],
            [[None, 1.0]],
            np.array(["a", "b"]),
            np.zeros((2, 2), complex),
            np.zeros((2, 2), object),
            np.zeros((0, 2)),
            np.zeros((3, 0)),
            np.zeros((2, 2, 2, 2, 2)),
            np.full((4, 2), np.nan),
            np.array([[1.0, np.inf], [0.0, 1.0]]),
            {"a": 1},
        ]
    ),
)


def outcome(call: Callable[[], Any], *names: str, certain: bool = False) -> None:
    """Assert that bad input is refused by name, or that it can be right after all.

    Args:
        call: of the public API, with the bad input.
        *names: of the argument or the file; the error must have one of them.
        certain: whether nothing can be made of it.
    """
    try:
        call()
    except (KganError, ValueError) as error:
        told = str(error)
        # Keras' own are well where they show the argument.
        if not isinstance(error, KganError) and f"{names[0]}=" not in told:
            raise
        assert any(name.lower() in told.lower() for name in names), (
            f"none of {names} is named: {told}"
        )
        COUNTS["refused"] += 1
    else:
        assert not certain, f"{names} was accepted"
        COUNTS["accepted"] += 1


def digests(folder: Path) -> dict[str, str]:
    """What lies in a folder: the digest of each file, by name."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }
