"""Files that TensorFlow writes."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from kgan import files
from kgan.errors import WriteError


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """`kgan.files.writing` for a block in which TensorFlow writes too.

    Raises:
        WriteError: for any OSError, and for what TensorFlow raises in its place.
    """
    try:
        with files.writing(path):
            yield
    except tf.errors.OpError as error:
        full = isinstance(error, tf.errors.ResourceExhaustedError)
        # Which node of which graph it was helps nobody: "{{node ...}} PATH; REASON [Op:SaveV2]".
        reason = error.message.splitlines()[0].rpartition("; ")[2].partition(" [Op:")[0]
        raise WriteError(errno.ENOSPC if full else errno.EIO, reason, str(path)) from error
