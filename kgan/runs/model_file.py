"""Models in Keras files, kgan's own among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kgan


def load_model(path: str | Path) -> Any:
    """`kgan.serving.load_keras_file`, with all of kgan's classes known to Keras.

    Raises:
        DataError: as there.
    """
    kgan.presets.names()  # Loads every class that registers itself.
    return kgan.serving.load_keras_file(path)
