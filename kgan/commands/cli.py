"""The command `kgan`: `kgan mdgan --dataset=grid` is `python -m apps.mdgan --dataset=grid`."""

from __future__ import annotations

import difflib
import importlib
import sys
from typing import NamedTuple, NoReturn

from absl import flags

import kgan
from kgan.commands import launch
from kgan.methods import catalog


class Command(NamedTuple):
    """A command besides the methods': its module in this package has its flags and `main`.

    Attributes:
        about: what it does, in a few words.
        positional, in_children: see `launch.start`.
    """

    about: str
    positional: bool = False
    in_children: bool = False


COMMANDS = {
    "advise": Command("which method to run on your data, and why", in_children=True),
    "bench": Command("methods beside each other, with one budget", in_children=True),
    "classifier": Command("train the network in whose features images are compared"),
    "compare": Command("runs side by side on one page", positional=True),
    "evaluate": Command("measure a run, or any generator"),
    "playground": Command("a page to play with trained models, and to watch mode collapse"),
    # It needs no TensorFlow.
    "provenance": Command("where the values of presets come from", in_children=True),
    "reproduce": Command("a paper's table beside ours", in_children=True),
    # A server is asked without it.
    "sample": Command("samples of a server, a SavedModel or a run", in_children=True),
    # It stops by itself, and TensorFlow is all that it loads.
    "serve": Command("trained models, as TensorFlow Serving answers", in_children=True),
    "zoo": Command("a trained model, with its card, of a finished run"),
}
_HELP = ("-h", "-help", "--help", "help")


def main() -> None:
    """Run the command that the command line names."""
    program, *words = sys.argv
    if not words or words[0] in _HELP:
        print(usage())
    elif words[0] == "--version":
        print(kgan.__version__)
    else:
        name, *rest = words
        _start(name, [f"{program} {name}", *rest])


def usage() -> str:
    """What `kgan --help` prints."""

    def lines(abouts: dict[str, str]) -> str:
        return "\n".join(f"  {name:13}{about}" for name, about in sorted(abouts.items()))

    others = {name: command.about for name, command in COMMANDS.items()}
    return (
        "kgan: GANs that keep all their modes.\n\n"
        "  kgan COMMAND [--flag=value ...]     kgan COMMAND --help lists its flags\n\n"
        f"Train, measure, report and export:\n{lines(methods())}\n\n"
        f"Others:\n{lines(others)}\n\n"
        "  kgan mdgan --dataset=grid            writes runs/mdgan-grid-seed0/report.html"
    )


def methods() -> dict[str, str]:
    """The commands that train methods, and the first method's idea of each."""
    found: dict[str, str] = {}
    for entry in catalog.methods().values():
        found.setdefault(entry.command, f"{entry.title}: {entry.idea}")
    return found


def _start(name: str, argv: list[str]) -> None:
    if name in methods():
        importlib.import_module("kgan.commands.training").start(name, argv)
    elif name in COMMANDS:
        command = COMMANDS[name]
        module = importlib.import_module(f"kgan.commands.{name}")
        # `--help` prints the docstring and the key flags of what was started.
        sys.modules["__main__"].__doc__ = module.__doc__
        for flag in flags.FLAGS.get_key_flags_for_module(module):
            flags.FLAGS.register_key_flag_for_module(sys.argv[0], flag)
        launch.start(
            module.main,
            argv=argv,
            positional=command.positional,
            in_children=command.in_children,
        )
    else:
        _refuse(name)


def _refuse(name: str) -> NoReturn:
    known = [*methods(), *COMMANDS]
    near = difflib.get_close_matches(name, known, 1)
    guess = f"Did you mean {near[0]}? " if near else ""
    print(f"error: There is no command {name!r}. {guess}kgan --help lists all.", file=sys.stderr)
    sys.exit(2)
