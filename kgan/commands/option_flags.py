"""Flags of options: what a command line may set of a method, as the catalog has it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from absl import flags

from kgan.methods.catalog import Option

FLAGS = flags.FLAGS
# What stands for None, where None is not what is taken without the flag.
_NONE = "none"


class _OrNone(flags.ArgumentParser):
    """A parser that also takes the word none."""

    def __init__(self, parser: flags.ArgumentParser):
        self._parser = parser
        self.syntactic_help = parser.syntactic_help and f"{parser.syntactic_help}, or none"

    def parse(self, argument: Any) -> Any:
        return argument if argument == _NONE else self._parser.parse(argument)

    def flag_type(self) -> str:
        return self._parser.flag_type()


class _Numbers(flags.ListParser):
    """Comma-separated numbers."""

    def parse(self, argument: Any) -> Any:
        if isinstance(argument, list):
            return argument
        return [flags.FloatParser().parse(text) for text in super().parse(argument)]


def define(options: Iterable[Option], defaults: dict[str, str] | None = None) -> None:
    """Define a flag for each option; one that is defined already is passed over.

    Args:
        options: what may be set.
        defaults: by name, words on what holds without the flag.
    """
    for option in options:
        if option.name not in FLAGS:
            default = (defaults or {}).get(option.name, "")
            _define(option, f"{option.about} {default}".strip())


def given(options: Iterable[Option]) -> dict[str, Any]:
    """The values of those options whose flags were given, by name."""
    found = {}
    for option in options:
        value = FLAGS[option.name].value
        if value is not None:
            found[option.name] = None if option.optional and value == _NONE else value
    return found


def _define(option: Option, about: str) -> None:
    if option.type == "bool":
        flags.DEFINE_bool(option.name, None, about, module_name=sys.argv[0])
        return
    parser = _parser(option)
    several = option.type in ("floats", "strs")
    serializer: Any = flags.ListSerializer(",") if several else None
    if option.optional:
        parser = _OrNone(parser)
    flags.DEFINE(parser, option.name, None, about, serializer=serializer, module_name=sys.argv[0])


def _parser(option: Option) -> flags.ArgumentParser:
    if option.choices:
        none = [_NONE] if option.optional else []
        return flags.EnumParser([*option.choices, *none])
    parsers: dict[str, Any] = {
        "int": flags.IntegerParser,
        "float": flags.FloatParser,
        "str": flags.ArgumentParser,
        "floats": _Numbers,
        "strs": flags.ListParser,
    }
    return parsers[option.type]()
