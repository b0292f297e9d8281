"""How a game finds the presets of methods.

`kgan.methods` has them, and stands above the game: it says here how its registry is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_loaders: list[Callable[[], Any]] = []


def look_up_in(load: Callable[[], Any]) -> None:
    """Let `load` give the module that knows presets from now on: `kgan.methods.registry`."""
    _loaders[:] = [load]


def registry() -> Any:
    """That module."""
    (load,) = _loaders
    return load()


def recipe(name: str) -> Any:
    """The preset of this name, a `kgan.presets.Preset`.

    Raises:
        InputError: if there is none.
    """
    return registry().preset(name)
