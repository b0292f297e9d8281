"""The errors that a user of kgan can cause, each with one clear sentence.

Applications print the message alone and leave with `exit_status`; everything else is a bug and
shows its traceback.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection
from typing import Any


class KganError(Exception):
    """Base of all errors that tell a user what was wrong, what was received, what to do."""

    exit_status = 1


class InputError(KganError, ValueError):
    """An argument, flag or configuration that cannot work."""

    exit_status = 2


class BackendError(KganError, ImportError):
    """TensorFlow is missing, or Keras is on another backend."""


class DataError(KganError):
    """A data set that is missing, cannot be fetched, or is broken."""


class RunError(KganError):
    """A run directory that cannot be used, resumed or written."""


class WriteError(RunError, OSError):
    """A file or folder that cannot be written: no room, no right to, something else there."""

    def __str__(self) -> str:
        return (
            f"{self.filename} cannot be written: {self.strerror}. What was there is left as it "
            "was; make room, or give another place."
        )


class ServingError(KganError):
    """A server of models that cannot be reached, or fails."""


class NonFiniteLossError(KganError, FloatingPointError):
    """A loss, a weight or a sample became NaN or infinite."""


def check_not_negative(**values: float) -> None:
    """Raise InputError, with its name, for what is negative, NaN or infinite."""
    for name, value in values.items():
        if not 0 <= value < math.inf:
            raise InputError(f"{name} must be at least 0. Received: {value}")


def check_positive(**values: float | None) -> None:
    """Raise InputError, with its name, for a number that is not over 0; None may be."""
    for name, value in values.items():
        if value is not None and not value > 0:
            raise InputError(f"{name} must be over 0. Received: {value}")


def check_one_of(known: Collection[Any], **values: Any) -> None:
    """Raise InputError, with its name and what is known, for a value that is none of `known`."""
    for name, value in values.items():
        if value not in known:
            raise InputError(f"{name} must be one of {tuple(known)}. Received: {value!r}")


def check_whole(least: int, **values: Any) -> None:
    """Raise InputError, with its name, for what is no whole number of at least `least`."""
    for name, value in values.items():
        if not isinstance(value, numbers.Integral) or isinstance(value, bool) or int(value) < least:
            raise InputError(
                f"{name} must be a whole number of at least {least}. Received: {value!r}"
            )
