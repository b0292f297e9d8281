"""Centre crop and bilinear resizing of images in memory and in `tf.data` pipelines."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

CHUNK = 1024  # Images resized at a time: their float32 copies are four times as large.


def crop_and_resize(
    images: tf.Tensor, size: int, *, crop: int | None = None, antialias: bool = True
) -> tf.Tensor:
    """Cuts the centre square out of images and resizes it bilinearly.

    Args:
        images: `(..., height, width, channels)` uint8, one image or a batch.
        size: side of the result.
        crop: side of the square, at most the image's; the largest square if None.
        antialias: whether to smooth before shrinking (pixels between the sampled ones count).

    Returns:
        `(..., size, size, channels)` uint8.
    """
    height, width = tf.shape(images)[-3], tf.shape(images)[-2]
    side = tf.reduce_min([height, width] if crop is None else [height, width, crop])
    top, left = (height - side) // 2, (width - side) // 2
    square = images[..., top : top + side, left : left + side, :]
    resized = tf.image.resize(square, (size, size), method="bilinear", antialias=antialias)
    return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), tf.uint8)


def resize_all(images: np.ndarray, size: int) -> np.ndarray:
    """Returns `(n, size, size, channels)` of `(n, height, width, channels)` uint8 images."""
    if images.shape[1:3] == (size, size):
        return images
    resized = np.empty((len(images), size, size, images.shape[3]), np.uint8)
    with tf.device("CPU:0"):
        for first in range(0, len(images), CHUNK):
            chunk = images[first : first + CHUNK]
            resized[first : first + CHUNK] = crop_and_resize(chunk, size).numpy()
    return resized
