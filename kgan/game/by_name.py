"""Parts of a game that go together in any number, as objects or by their names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from kgan.errors import InputError


def resolve(
    argument: str, given: Any, known: Mapping[str, Callable[..., Any]], kind: type
) -> tuple[Any, ...]:
    """The parts that a sequence of them is, or of names: `"r1"`, or with a weight `"r1:0.1"`.

    Args:
        argument: its name.
        given: the sequence.
        known: by name, what makes a part, with or without a weight.
        kind: class of the parts.

    Raises:
        InputError: no sequence, an unknown name, or a weight that is no number.
    """
    if isinstance(given, str | bytes | Mapping) or not hasattr(given, "__iter__"):
        raise InputError(f"{_wanted(argument, known, kind)} Received: {given!r}")
    return tuple(
        one if isinstance(one, kind) else _named(argument, one, known, kind) for one in given
    )


def _named(argument: str, given: Any, known: Mapping[str, Callable[..., Any]], kind: type) -> Any:
    name, colon, weight = given.partition(":") if isinstance(given, str) else ("", "", "")
    try:
        arguments = [float(weight)] if colon else []
    except ValueError:
        arguments = [math.nan]
    if name not in known or not all(map(math.isfinite, arguments)):
        raise InputError(f"{_wanted(argument, known, kind)} Received: {given!r}")
    return known[name](*arguments)


def _wanted(argument: str, known: Mapping[str, Any], kind: type) -> str:
    example = next(iter(known))
    return (
        f"{argument} must be a sequence of {kind.__name__} objects or of names, "
        f"{', '.join(known)}, each with its weight as in ['{example}:0.1']."
    )
