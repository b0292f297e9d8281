"""What TensorBoard shows of a run: one file of events for each process that trains or measures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from kgan.backend.writing import writing
from kgan.metrics import words


class Events:
    """Writes TensorBoard events.

    Args:
        directory: where the file goes; made if it is not there.

    Raises:
        WriteError: it cannot be written; whatever is called.
    """

    def __init__(self, directory: str | Path):
        self._directory = str(directory)
        with writing(self._directory):
            self._writer = tf.summary.create_file_writer(self._directory)

    def scalars(self, step: int, values: Mapping[str, Any], prefix: str = "") -> None:
        """Write the numbers among `values`; those of mappings inside as `outer/inner`."""
        with writing(self._directory), self._writer.as_default(step=step):
            for name, value in _numbers(values, prefix):
                tf.summary.scalar(name, value, description=_described(name))

    def settings(self, values: Mapping[str, Any], name: str) -> None:
        """Write what a run was asked for, for TensorBoard's page of hyperparameters.

        Args:
            values: by name; those inside mappings are `outer/inner`, what is None is left out.
            name: of the run.
        """
        try:
            from tensorboard.plugins.hparams import api
        except ImportError:  # TensorFlow works without TensorBoard.
            return
        with writing(self._directory), self._writer.as_default(step=0):
            api.hparams(_plain(values), trial_id=name)

    def image(self, step: int, name: str, pixels: np.ndarray) -> None:
        """Write a picture, (height, width, 3) uint8."""
        with writing(self._directory), self._writer.as_default(step=step):
            tf.summary.image(name, pixels[None])

    def flush(self) -> None:
        """Write to the disk what waits in memory."""
        with writing(self._directory):
            self._writer.flush()

    def close(self) -> None:
        """End the file."""
        with writing(self._directory):
            self._writer.close()


def _numbers(values: Mapping[str, Any], prefix: str) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            found += _numbers(value, f"{prefix}{name}/")
        elif words.is_number(value):
            found.append((prefix + name, float(value)))
    return found


def _plain(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Numbers and texts by name, which is all that the page takes."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _plain(value, f"{prefix}{name}/")
        elif isinstance(value, bool | int | float | str):
            found[prefix + name] = value
        elif value is not None:
            found[prefix + name] = str(value)
    return found


def _described(tag: str) -> str | None:
    """What TensorBoard says of a scalar: the words of a score, of samples or of real data."""
    key = tag.removeprefix("evaluation/").removeprefix("real/").replace("/", "_")
    return words.SCORES[key].description if key in words.SCORES else None
