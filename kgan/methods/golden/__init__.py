"""Golden trajectories: what each method's first steps lose, and the tag that its results carry.

`<method>.json` beside this file holds the losses of some steps of its presets, in float64, on
points and on tiny images. `tests/methods/test_golden.py` holds the code to them. A result is keyed
to its method's tag, the hash of its file's part for that kind of data: code may change as long as
the losses do not, and a change of a method expires that method's results alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

KINDS = ("points", "images")
_LENGTH = 12


def path(method: str) -> Path:
    """The file of a method."""
    return Path(__file__).with_name(f"{method}.json")


@functools.cache
def tag(method: str, kind: str) -> str:
    """What results of a method on `"points"` or `"images"` are keyed to; empty without a file."""
    if not path(method).exists():
        return ""
    part = json.loads(path(method).read_text()).get(kind, {})
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:_LENGTH]
