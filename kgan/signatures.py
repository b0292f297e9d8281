"""Arguments checked against a function's annotations: the wrong kind of value is told by name.

Ranges and whatever needs more than one argument are checked where they are used.
"""

from __future__ import annotations

import functools
import inspect
import math
import numbers
import os
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kgan.errors import InputError

Function = TypeVar("Function", bound=Callable[..., Any])
InfiniteToo = typing.Annotated[float, "or infinite"]
"""The annotation of a number that may be infinite."""


def checked(function: Function) -> Function:
    """Decorate a function: arguments of another kind than its annotations say raise InputError."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        check_arguments(function, signature.bind(*args, **kwargs).arguments)
        return function(*args, **kwargs)

    return typing.cast("Function", call)


def check_arguments(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Raise InputError for an argument of another kind than the function's annotation says.

    Looked at are `bool`, `int`, `float`, `str`, `Path`, sequences and tuples of numbers or strings,
    and what may be None or one of several of these. A float must be finite, but for `InfiniteToo`.

    Args:
        function: whose annotations hold; a class with annotations will do.
        arguments: by name.
    """
    known = hints(function)
    for name, value in arguments.items():
        kinds = known.get(name)
        if kinds and not any(_is_a(value, kind) for kind in kinds):
            raise InputError(f"`{name}` must be {_told(kinds)}. Received: {_shown(value)}")


@functools.cache
def hints(function: Callable[..., Any]) -> dict[str, tuple[Any, ...]]:
    """By argument the kinds that it may be of; those alone that can be told."""
    function, found = inspect.unwrap(function), {}
    names = getattr(function, "__globals__", None) or vars(sys.modules[function.__module__])
    for name, hint in inspect.get_annotations(function).items():
        hint = getattr(hint, "__forward_arg__", hint)  # So a TypedDict keeps it.
        if isinstance(hint, str):
            try:
                hint = eval(hint, names)
            except NameError:  # Imported for type checkers alone: nothing that is looked at here.
                continue
        union = typing.get_origin(hint) in (types.UnionType, typing.Union)
        kinds = typing.get_args(hint) if union else (hint,)
        if all(_items(kind) or kind in _KINDS for kind in kinds):
            found[name] = kinds
    return found


def _items(kind: Any) -> Any:
    """What a sequence holds, where it is one of numbers or strings."""
    if typing.get_origin(kind) in (Sequence, tuple):
        inside = {item for item in typing.get_args(kind) if item is not ...}
        if len(inside) == 1 and inside <= {int, float, str}:
            return inside.pop()
    return None


def _is_a(value: Any, kind: Any) -> bool:
    item = _items(kind)
    if item is None:
        return _KINDS[kind][1](value)
    try:
        given = [] if isinstance(value, str | bytes | Mapping) else list(value)
    except TypeError:
        return False
    wanted = typing.get_args(kind)
    if typing.get_origin(kind) is tuple and ... not in wanted and len(given) != len(wanted):
        return False
    return not isinstance(value, str | bytes | Mapping) and all(_is_a(one, item) for one in given)


def _number_kind(value: Any) -> str:
    """NumPy's letter for the kind of a number of NumPy's or TensorFlow's; empty for all else."""
    dtype = getattr(value, "dtype", None)
    whole = dtype is None or getattr(value, "shape", None) != ()
    return "" if whole else str(getattr(dtype, "kind", getattr(dtype, "name", " "))[0])


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or _number_kind(value) == "b"


def _is_int(value: Any) -> bool:
    return not _is_bool(value) and (isinstance(value, int) or _number_kind(value) in {"i", "u"})


def _is_float(value: Any) -> bool:
    return _is_real(value) and math.isfinite(value)


def _is_real(value: Any) -> bool:
    number = isinstance(value, numbers.Real) or _number_kind(value) in {"f", "i", "u"}
    return number and not _is_bool(value) and not math.isnan(value)


_KINDS: Mapping[Any, tuple[str, Callable[[Any], bool]]] = {
    bool: ("True or False", _is_bool),
    int: ("an integer", _is_int),
    float: ("a finite number", _is_float),
    InfiniteToo: ("a number", _is_real),
    str: ("a string", lambda value: isinstance(value, str)),
    Path: ("a path", lambda value: isinstance(value, os.PathLike)),
    os.PathLike[str]: ("a path", lambda value: isinstance(value, os.PathLike)),
    type(None): ("None", lambda value: value is None),
}


def _told(kinds: Sequence[Any]) -> str:
    words = {int: "integers", float: "numbers", str: "strings"}
    told = []
    for kind in kinds:
        item = _items(kind)
        if item is None:
            told.append(_KINDS[kind][0])
        elif typing.get_origin(kind) is tuple and ... not in typing.get_args(kind):
            told.append(f"{len(typing.get_args(kind))} {words[item]}")
        else:
            told.append(f"a sequence of {words[item]}")
    return " or ".join(dict.fromkeys(told))


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
