"""What measures find out about real data, kept for later evaluations.

Under `$KGAN_CACHE`, `$XDG_CACHE_HOME/kgan` or `~/.cache/kgan`, in `statistics/`: a folder for each
set of real examples, which holds `key.json` (what it is), arrays and scores. Its name ends in a
hash of that key, so that nothing is ever found that was computed of other data or by another
network; scores are kept under the version of their measure. Code may be rewritten meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from absl import logging

from kgan.data.storage import cache_folder
from kgan.files import replacing
from kgan.metrics.examples import Arrays

# Raised when the arrays that `kgan.metrics.examples` keeps become others for the same examples.
_ARRAYS_VERSION = 2


class KeptStatistics:
    """What is kept of one set of real examples.

    A file that is broken or cannot be written is warned of and computed again.

    Args:
        name: of the data set, for people who look into the folder.
        key: all that the statistics depend on: plain values for JSON.
    """

    def __init__(self, name: str, key: Mapping[str, Any]):
        self._key = json.dumps({**key, "arrays": _ARRAYS_VERSION}, sort_keys=True, indent=1)
        digest = hashlib.sha256(self._key.encode()).hexdigest()[:16]
        stem = re.sub(r"\W+", "-", name).strip("-")[:60]
        self.folder = cache_folder() / "statistics" / f"{stem}-{digest}"

    def arrays(self, name: str, compute: Callable[[], Arrays]) -> Arrays:
        """The arrays of this name, as they were computed once."""

        def read(path: Path) -> Arrays:
            with np.load(path, allow_pickle=False) as archive:
                return {key: archive[key] for key in archive.files}

        return self._kept(f"{name}.npz", compute, read, lambda path, value: np.savez(path, **value))

    def scores(
        self, name: str, compute: Callable[[], dict[str, Any]], version: str = "1"
    ) -> dict[str, Any]:
        """The scores of this name and version, as they were computed once."""
        return self._kept(
            f"{name}-{version}.json",
            compute,
            lambda path: json.loads(path.read_text()),
            lambda path, value: path.write_text(json.dumps(value) + "\n"),
        )

    def _kept(
        self,
        name: str,
        compute: Callable[[], Any],
        read: Callable[[Path], Any],
        write: Callable[[Path, Any], object],
    ) -> Any:
        path = self.folder / name
        if path.exists():
            try:
                return read(path)
            except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
                logging.warning("%s is broken (%s) and computed again.", path, error)
        value = compute()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self.folder / "key.json") as temporary:
                temporary.write_text(self._key + "\n")
            with replacing(path) as temporary:
                write(temporary, value)
        except OSError as error:
            logging.warning("%s cannot be written (%s) and is not kept.", path, error.strerror)
        return value


def network_digest(model: keras.Model) -> str:
    """A hash of a network's layers and weights, the same once it was saved and loaded."""
    layers = [[type(layer).__qualname__, _settings(layer)] for layer in model.layers]
    digest = hashlib.sha256(json.dumps(layers, sort_keys=True).encode())
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def _settings(layer: keras.Layer) -> dict[str, Any]:
    """What a layer computes with: neither its name nor where its weights came from."""
    try:
        config = layer.get_config()
    except NotImplementedError:  # A layer that does not tell its arguments.
        return {}
    plain = (str, int, float, type(None), list, tuple)
    return {k: str(v) for k, v in config.items() if k != "name" and isinstance(v, plain)}
