"""Shapes of images that networks take."""

from __future__ import annotations

from collections.abc import Sequence

from kgan.errors import InputError

_LONGEST = 7


def halved(image_shape: Sequence[int], until: int) -> tuple[tuple[int, int, int], int]:
    """What is left of an image when its sides are halved while one is over `until`.

    Args:
        image_shape: `(height, width, channels)`; both sides the same power of two times at most 7
            pixels, the longer one over `until`.
        until: pixels, at most 7.

    Returns:
        The rows and columns that are left, with the image's channels, and the number of halvings.

    Raises:
        InputError: another image shape.
    """
    shape = tuple(int(n) for n in image_shape)
    steps = 0
    if len(shape) == 3 and min(shape) > 0:
        rows, columns, channels = shape
        while max(rows, columns) > until and rows % 2 == columns % 2 == 0:
            rows, columns, steps = rows // 2, columns // 2, steps + 1
        if steps and max(rows, columns) <= _LONGEST:
            return (rows, columns, channels), steps
    smallest = 2 * (until // 2 + 1)  # The next even number: an odd side cannot be halved.
    raise InputError(
        "image_shape must be (height, width, channels), both sides the same power of two times at "
        f"most {_LONGEST} pixels, {smallest} and more, as 28, 32, 48 and 96 are. Received: {shape}"
    )


def divisible(image_shape: Sequence[int], by: int) -> tuple[int, int, int]:
    """The shape (height, width, channels), or InputError where `by` does not divide both sides."""
    shape = tuple(int(n) for n in image_shape)
    if len(shape) != 3 or min(shape) < 1 or shape[0] % by or shape[1] % by:
        raise InputError(
            f"image_shape must be (height, width, channels), both sides divisible by {by}. "
            f"Received: {shape}"
        )
    return shape


def at_least(image_shape: Sequence[int], side: int) -> tuple[int, int, int]:
    """The shape (height, width, channels), or InputError where a side is shorter than `side`."""
    shape = tuple(int(n) for n in image_shape)
    if len(shape) != 3 or min(shape[:2]) < side or shape[2] < 1:
        raise InputError(
            f"image_shape must be (height, width, channels), sides of {side} and more. "
            f"Received: {shape}"
        )
    return shape
