"""What a table's picture shows of a run: its last samples, small enough to be kept."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

Arrays = Mapping[str, np.ndarray]

_POINTS = 1_000
_SIDE = 420  # Pixels of a kept picture; a panel has a few less.
_QUALITY = 70


def of_directory(samples: Path) -> Arrays | None:
    """Those of a run's directory: points, or a `picture` of images; None for none.

    Points are `samples` (n, 2), and where they are known `generators` (n,), which made them, and
    `near` (n,), whether they are near a mode.
    """
    pictures = sorted(samples.glob("step_*.png"))
    if pictures:
        return {"picture": np.frombuffer(pictures[-1].read_bytes(), np.uint8)}
    points = sorted(samples.glob("step_*.npz"))
    if not points:
        return None
    with np.load(points[-1]) as arrays:
        return {k: arrays[k] for k in ("samples", "generators", "near") if k in arrays}


def pixels(picture: np.ndarray) -> np.ndarray:
    """The pixels (height, width, 3) uint8 of a `picture`."""
    return np.asarray(Image.open(io.BytesIO(picture.tobytes())).convert("RGB"))


def small(arrays: Arrays) -> Arrays:
    """The same for the store: some of the points, in half precision; smaller pictures."""
    if "picture" in arrays:
        image = Image.fromarray(pixels(arrays["picture"]))
        image.thumbnail((_SIDE, _SIDE))
        file = io.BytesIO()
        image.save(file, "webp", quality=_QUALITY)
        return {"picture": np.frombuffer(file.getvalue(), np.uint8)}
    found = {name: array[:_POINTS] for name, array in arrays.items()}
    found["samples"] = found["samples"].astype(np.float16)
    if "generators" in found:
        found["generators"] = found["generators"].astype(np.uint16)
    return found
