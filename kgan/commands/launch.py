"""How every application starts, and how it fails: with one sentence."""

from __future__ import annotations

import functools
import logging as python_logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from absl import app, flags, logging

from kgan.backend import loading
from kgan.commands.flag_words import as_flags
from kgan.errors import InputError, KganError

FLAGS = flags.FLAGS

# What all applications have; a flag is defined once for all modules of a process.
flags.DEFINE_bool("debug", False, "Show tracebacks.")
flags.DEFINE_integer("seed", 0, "Seed of weights, noise and batches.")
flags.DEFINE_integer("batch_size", None, "Examples per step, over all replicas.")


def given(names: Sequence[str]) -> dict[str, Any]:
    """The flags among `names` that are not None, by name."""
    return {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}


def numbers(name: str) -> list[float]:
    """The list flag `name` as numbers.

    Raises:
        InputError: if something in it is none.
    """
    numbers = []
    for text in FLAGS[name].value or []:
        try:
            numbers.append(float(text))
        except ValueError as error:
            raise InputError(f"--{name} must be numbers. Received: {text!r}") from error
    return numbers


def start(
    main: Callable[..., int | None],
    *,
    argv: list[str] | None = None,
    positional: bool = False,
    in_children: bool = False,
    before: Callable[[], None] | None = None,
) -> None:
    """Parse the flags, `run` the job, and leave with its exit status.

    Args:
        main: the job.
        argv: the command line of `kgan NAME`, program first; by default the process's own, which
            is that of `python -m apps.NAME`.
        positional: whether words that are no flags are welcome; `main` then gets a list of them.
        in_children: see `run`.
        before: see `run`.
    """

    if argv is not None:
        program = sys.modules["__main__"]
        program.__doc__ = (program.__doc__ or "").replace("python -m apps.", "kgan ")

    def job(words: list[str]) -> None:
        work = functools.partial(main, words[1:]) if positional else main
        sys.exit(run(work, in_children=in_children, before=before))

    app.run(job, argv=argv, flags_parser=functools.partial(_parse, positional=positional))


def run(
    main: Callable[[], int | None],
    *,
    in_children: bool = False,
    before: Callable[[], None] | None = None,
) -> int:
    """Run a job whose flags are parsed; what a user caused ends with one sentence.

    Args:
        main: the job. What it returns is the exit status, None for 0.
        in_children: whether other processes, which it starts, do the work. TensorFlow is not
            loaded then, and SIGTERM and SIGHUP interrupt it as Ctrl-C does: it ends its children.
        before: done at once, before TensorFlow is loaded, which takes seconds.

    Returns:
        The exit status: 0 done, 1 it failed, 2 the command was wrong, 130 interrupted.
    """
    _interrupted.clear()
    try:
        _interrupt_on(signal.SIGINT, *([signal.SIGTERM, signal.SIGHUP] if in_children else []))
        loading.check_installed()
        if before is not None:
            before()
        if not in_children:
            _load()
        return main() or 0
    except (KeyboardInterrupt, Exception) as error:
        # Within a layer's call Keras makes an error of its own of an interrupt.
        if _interrupted or isinstance(error, KeyboardInterrupt):
            return _fail("Interrupted. The same command goes on from what it has kept.", 130)
        if FLAGS.debug or not isinstance(error, (KganError, flags.Error, OSError)):
            raise
        return _fail(*_told(error))


def _parse(argv: Sequence[str], positional: bool) -> list[str]:
    try:
        rest = FLAGS(argv)
    except flags.Error as error:
        sys.exit(_fail(str(error), 2))
    except SystemExit:  # --help has printed; absl leaves with 1, which is a failure here.
        sys.exit(0)
    if len(rest) > 1 and not positional:
        sys.exit(_fail(f"Unknown argument {rest[1]!r}: flags begin with --. Try --help.", 2))
    return rest


def _load() -> None:
    """Load TensorFlow without its chatter, and show the user's log lines as they are."""
    # A process of kgan's own leaves to others what it does not need of a GPU.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    with loading.quietly():
        loading.load()
    logging.set_verbosity(logging.INFO)
    python_logging.getLogger("tensorflow").setLevel(python_logging.WARNING)
    logging.get_absl_handler().addFilter(_is_ours)
    logging.get_absl_handler().setFormatter(None)


def _is_ours(record: python_logging.LogRecord) -> bool:
    """Whether a log line is for the user: TensorFlow's own chatter is not, its errors are."""
    inside = f"{os.sep}tensorflow{os.sep}" in record.pathname
    return not inside or record.levelno >= python_logging.ERROR


_interrupted: list[int] = []


def _interrupt(number: int, frame: Any) -> None:
    _interrupted.append(number)
    raise KeyboardInterrupt


def _interrupt_on(*numbers: signal.Signals) -> None:
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:  # As under nohup.
            signal.signal(number, _interrupt)


def _told(error: Exception) -> tuple[str, int]:
    """An error's sentence and exit status."""
    if isinstance(error, KganError):
        return as_flags(str(error)), error.exit_status
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or 'no file'}.", 1
    return str(error), 2


def _fail(message: str, status: int) -> int:
    # What was received may hold anything: a terminal would obey some of it.
    line = message.replace("\n", " ")
    told = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
    print(f"error: {told}", file=sys.stderr)
    return status
