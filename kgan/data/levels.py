"""Images whose white is 1, though they are integers."""

from __future__ import annotations

import numpy as np
from absl import logging


def whole_levels(images: np.ndarray, source: str) -> np.ndarray:
    """Returns uint8 images in 0..255, also where they are of 0 and 1 alone; says so.

    Args:
        images: uint8.
        source: where they are from, for the log.
    """
    if images.size == 0 or images.max() != 1:
        return images
    logging.info("%s: images of 0 and 1, of which 1 is taken for white.", source)
    return images * np.uint8(255)
