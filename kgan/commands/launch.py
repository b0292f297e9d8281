"""How every application starts, and how it fails: with one sentence."""

from __future__ import annotations

import functools
import logging as python_logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from absl import app, flags, logging

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
    from kgan.errors import InputError

    numbers = []
    for text in FLAGS[name].value or []:
        try:
            numbers.append(float(text))
        except ValueError as error:
            raise InputError(f"--{name} must be numbers. Received: {text!r}") from error
    return numbers


def start(main: Callable[..., None], *, positional: bool = False) -> None:
    """Parse the flags and run `main`; what a user caused ends with one sentence.

    Exit statuses: 0 done, 1 it failed, 2 the command was wrong, 130 interrupted.

    Args:
        main: the job.
        positional: whether words that are no flags are welcome; `main` then gets a list of them.
    """
    app.run(
        lambda argv: sys.exit(_guarded(lambda: main(argv[1:]) if positional else main())),
        flags_parser=functools.partial(_parse, positional=positional),
    )


def _parse(argv: Sequence[str], positional: bool = False) -> list[str]:
    try:
        rest = FLAGS(argv)
    except flags.Error as error:
        sys.exit(_fail(str(error), 2))
    except SystemExit:  # --help has printed; absl leaves with 1, which is a failure here.
        sys.exit(0)
    if len(rest) > 1 and not positional:
        sys.exit(_fail(f"Unknown argument {rest[1]!r}: flags begin with --. Try --help.", 2))
    return rest


@contextmanager
def _quiet_import() -> Iterator[None]:
    """Send what TensorFlow's C++ says while it loads (no GPU here, oneDNN is on) to nowhere.

    Its log levels do not reach these lines. Python's errors come out as exceptions all the same.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _is_ours(record: python_logging.LogRecord) -> bool:
    """Whether a log line is for the user: TensorFlow's own chatter is not, its errors are."""
    inside = f"{os.sep}tensorflow{os.sep}" in record.pathname
    return not inside or record.levelno >= python_logging.ERROR


def _guarded(main: Callable[[], None]) -> int:
    with _quiet_import():
        import keras  # noqa: F401 (TensorFlow)
    from kgan.errors import KganError

    logging.set_verbosity(logging.INFO)
    python_logging.getLogger("tensorflow").setLevel(python_logging.WARNING)
    logging.get_absl_handler().addFilter(_is_ours)
    logging.get_absl_handler().setFormatter(None)
    try:
        main()
    except KeyboardInterrupt:
        return _fail("Interrupted. The same command goes on from what it has kept.", 130)
    except KganError as error:
        if FLAGS.debug:
            raise
        return _fail(str(error), error.exit_status)
    except OSError as error:
        if FLAGS.debug:
            raise
        return _fail(f"{error.strerror or error}: {error.filename or 'no file'}.", 1)
    return 0


def _fail(message: str, status: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return status
