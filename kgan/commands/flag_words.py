"""Sentences of the library, which name arguments, in the words of the command line."""

from __future__ import annotations

import re

from absl import flags

FLAGS = flags.FLAGS
_ARGUMENT = re.compile(r"`(\w+)(?:=([^`]*))?`")
_QUOTES_AND_BRACKETS = re.compile(r"[\[\]()'\" ]")


def as_flags(sentence: str) -> str:
    """A sentence with --steps for `steps`, --seed=3 for `seed=3` and --noexport for `export=False`.

    Names in backticks that are no flags stay as they are.
    """
    return _ARGUMENT.sub(_flag, sentence)


def _flag(match: re.Match[str]) -> str:
    name, value = match.groups()
    if name not in FLAGS:
        name = f"mode_{name}"  # As the options of data sets of points are called there.
    if name not in FLAGS:
        return match[0]
    if value is None:
        return f"--{name}"
    if FLAGS[name].boolean and value in ("True", "False"):
        return f"--{name}" if value == "True" else f"--no{name}"
    return f"--{name}={_QUOTES_AND_BRACKETS.sub('', value)}"
