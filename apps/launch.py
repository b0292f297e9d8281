"""How every application starts, and how it fails: with one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from absl import app, flags, logging

FLAGS = flags.FLAGS

flags.DEFINE_bool("debug", False, "Show tracebacks.")


def given(names: Sequence[str]) -> dict[str, Any]:
    """The flags among `names` that are not None, by name."""
    return {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}


def start(main: Callable[[], None]) -> None:
    """Parse the flags and run `main`; what a user caused ends with one sentence.

    Exit statuses: 0 done, 1 it failed, 2 the command was wrong, 130 interrupted.
    """
    # C++ messages about GPUs that are not there; errors come as exceptions anyway.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    app.run(lambda argv: sys.exit(_guarded(main)), flags_parser=_parse)


def _parse(argv: Sequence[str]) -> list[str]:
    try:
        rest = FLAGS(argv)
    except flags.Error as error:
        sys.exit(_fail(str(error), 2))
    if len(rest) > 1:
        sys.exit(_fail(f"Unknown argument {rest[1]!r}: flags begin with --. Try --help.", 2))
    return rest


def _guarded(main: Callable[[], None]) -> int:
    from kgan.errors import KganError

    logging.set_verbosity(logging.INFO)
    logging.get_absl_handler().setFormatter(None)
    try:
        main()
    except KeyboardInterrupt:
        return _fail("Interrupted. The same command goes on from the last checkpoint.", 130)
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
