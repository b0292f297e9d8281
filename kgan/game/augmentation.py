"""Differentiable augmentation (Zhao et al., NeurIPS 2020, https://arxiv.org/abs/2006.10738).

The discriminator sees real and generated images changed at random alike, so that it cannot learn a
small set by heart; gradients pass through the changes to the generator, whose own images stay as
they are. Keras' layers of augmentation draw from state of their own: these are functions of given
shares, so that replicas and resumed runs see what one run sees.

Changes are those of the authors' code (mit-han-lab/data-efficient-gans, 297dc8c), but for the flip,
which is not there. Sizes are of images in [-1, 1], as all their images are: what is moved in or cut
out is the middle of the value range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras import ops

from kgan.errors import InputError, check_whole

SHARES = 12
"""Numbers in [0, 1) that an image is changed by; the last say whether, one for each kind."""
_WHETHER = 8


def check(kinds: Sequence[str], sample_shape: Sequence[int]) -> None:
    """Check the augmentation of a game.

    Raises:
        InputError: an unknown kind, one twice, or examples that are no images.
    """
    unknown = [kind for kind in kinds if kind not in AUGMENTATIONS]
    if unknown or len(set(kinds)) < len(kinds):
        raise InputError(
            f"augment must be of {tuple(AUGMENTATIONS)}, each once. Received: {list(kinds)}"
        )
    if kinds and len(sample_shape) != 3:
        raise InputError(
            f"augment is for images. Received: augment={list(kinds)} and samples of shape "
            f"{tuple(sample_shape)}; leave it out."
        )


def check_target(target: float | None, images: int, kinds: Sequence[str]) -> None:
    """Check an adaptive augmentation.

    Raises:
        InputError: a target out of (-1, 1), no images to adapt over, or nothing to adapt.
    """
    check_whole(1, augment_images=images)
    if target is None:
        return
    if not -1 < target < 1:
        raise InputError(f"augment_target must lie in (-1, 1). Received: {target}")
    if not kinds:
        raise InputError(
            f"augment_target is of an augmentation. Received: augment_target={target} and no "
            f"augment, of {tuple(AUGMENTATIONS)}"
        )


def augmented(
    images: Any,
    kinds: Sequence[str],
    shares: Any,
    value_range: tuple[float, float],
    probability: Any = None,
) -> Any:
    """Images, each changed by its own shares; differentiable in the images.

    Args:
        images: `(n, height, width, channels)` in the value range.
        kinds: of `AUGMENTATIONS`, in order.
        shares: `(n, SHARES)` in [0, 1). Each kind has its own, whatever others there are.
        value_range: (low, high); values may leave it.
        probability: with which each change is made; None for always.
    """
    low, high = value_range
    middle, half = (low + high) / 2, (high - low) / 2
    shares = ops.cast(shares, images.dtype)
    images = (images - middle) / half
    for kind in kinds:
        changed = AUGMENTATIONS[kind](images, shares)
        if probability is not None:
            whether = _wide(shares[:, _WHETHER + list(AUGMENTATIONS).index(kind)])
            changed = ops.where(whether < ops.cast(probability, shares.dtype), changed, images)
        images = changed
    return images * half + middle


def flip(images: Any, shares: Any) -> Any:
    """Half of the images mirrored, left for right."""
    return ops.where(_wide(shares[:, 0]) < 0.5, ops.flip(images, axis=2), images)


def translation(images: Any, shares: Any) -> Any:
    """Images moved by up to an eighth of their sides, in whole pixels."""
    for axis, share in ((1, shares[:, 1]), (2, shares[:, 2])):
        images = _moved(images, share, axis)
    return images


def cutout(images: Any, shares: Any) -> Any:
    """Images of which a box of half their sides is cut out, around any pixel."""
    rows, columns = (_cut(images, shares[:, 2 + axis], axis) for axis in (1, 2))
    inside = ops.logical_and(rows[:, :, None], columns[:, None, :])
    return ops.where(inside[..., None], ops.zeros_like(images), images)


def color(images: Any, shares: Any) -> Any:
    """Brightness by up to 0.5, saturation by 0 to 2 and contrast by 0.5 to 1.5 times, in turn."""
    images = images + _wide(shares[:, 5]) - 0.5
    grey = ops.mean(images, axis=3, keepdims=True)
    images = (images - grey) * (2.0 * _wide(shares[:, 6])) + grey
    grey = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return (images - grey) * (_wide(shares[:, 7]) + 0.5) + grey


AUGMENTATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "flip": flip,
    "translation": translation,
    "cutout": cutout,
    "color": color,
}


def _wide(shares: Any) -> Any:
    return ops.reshape(shares, (-1, 1, 1, 1))


def _whole(shares: Any, count: int) -> Any:
    """Shares of [0, 1) as whole numbers `(n,)` from 0 to count - 1."""
    return ops.minimum(ops.cast(shares * count, "int32"), count - 1)


def _moved(images: Any, shares: Any, axis: int) -> Any:
    """Moved along an axis; what comes in from outside is 0."""
    size = images.shape[axis]
    most = size // 8
    by = _whole(shares, 2 * most + 1) - most
    # Row i is row i + by of before; there is none, and so no 1, outside.
    there = ops.arange(size, dtype="int32")[None, :] + by[:, None]
    taken = ops.one_hot(there, size, dtype=images.dtype)
    return ops.einsum("nij,njwc->niwc" if axis == 1 else "nij,nhjc->nhic", taken, images)


def _cut(images: Any, shares: Any, axis: int) -> Any:
    """Which places along an axis are in the box, `(n, size)`."""
    size = images.shape[axis]
    box = size // 2
    first = _whole(shares, size + 1 - box % 2) - box // 2
    places = ops.arange(size, dtype="int32")[None, :] - first[:, None]
    return ops.logical_and(places >= 0, places < box)
