"""Neighbours of samples in the data's space: F(x) of MaEM-GAN's Eq. (9)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.input_gradients import input_gradients
from kgan.errors import InputError, check_not_negative, check_one_of

NEIGHBOURS = ("gaussian", "rotation", "rotation_gaussian", "flip_gaussian", "adversarial")
# By the rank of a sample: the noise, in units of the value range's width or of the points' own,
# and the largest angle in degrees. Points must stay well within a mode, of std 0.05 on the grid.
_SIZES = {1: (0.02, 0.25), 3: (0.05, 10.0)}


class Neighbours:
    """Makes a neighbour of each sample, not far from it for the kind of data.

    Args:
        kind: `"gaussian"` noise; `"rotation"` by an angle drawn uniformly, about an image's centre
            (bilinear, edges repeated) or the origin of 2-D points; `"rotation_gaussian"`, both;
            `"flip_gaussian"`, images upside down or mirrored, drawn for each, and noise (the
            authors' code, which draws once for a batch and has noise of 0.001 in [-1, 1]);
            `"adversarial"`, one step against what the critic says of the sample, the same in
            size for every value (FGSM, Goodfellow et al. 2015, https://arxiv.org/abs/1412.6572).
        sample_shape: of one sample, `(height, width, channels)` or `(d,)`.
        value_range: of images.
        noise: standard deviation of the noise, or the adversarial step's size; for images in
            units of the value range's width. None: 0.05 for images, 0.02 for points.
        angle: the largest angle, in degrees. None: 10 for images, 0.25 for points.

    Raises:
        InputError: an unknown kind, a size below 0, rotation of what has no angle, or flips of
            points.
    """

    def __init__(
        self,
        kind: str,
        sample_shape: Sequence[int],
        value_range: Sequence[float] = (0.0, 1.0),
        *,
        noise: float | None = None,
        angle: float | None = None,
    ):
        check(kind, noise, angle)
        rank = len(sample_shape)
        usual_noise, usual_angle = _SIZES.get(rank, _SIZES[1])
        self.kind = kind
        width = value_range[1] - value_range[0] if rank == 3 else 1.0
        self.noise = width * (usual_noise if noise is None else noise)
        self.angle = math.radians(usual_angle if angle is None else angle)
        if "flip" in kind and rank != 3:
            raise InputError(
                "Only images can be flipped. Received: "
                f"neighbours={kind!r} for samples of shape {tuple(sample_shape)}"
            )
        if "rotation" in kind and rank != 3 and tuple(sample_shape) != (2,):
            raise InputError(
                "Only images and points of two dimensions can be rotated. Received: "
                f"neighbours={kind!r} for samples of shape {tuple(sample_shape)}"
            )

    def __call__(
        self, samples: Any, turn: Turn, values: Callable[[Any], Any], *, raised: bool
    ) -> Any:
        """Neighbours `(n, ...)` of `samples (n, ...)`, without gradient.

        Args:
            samples: as the critic sees them.
            turn: whose noise is taken.
            values: the critic's `(n,)` of samples; for adversarial neighbours.
            raised: whether these are to raise the critic's value, and not to lower it.
        """
        samples = ops.stop_gradient(samples)
        if self.kind == "adversarial":
            step = self.noise if raised else -self.noise
            return ops.stop_gradient(samples + step * ops.sign(input_gradients(values, samples)))
        shape = ops.shape(samples)
        if "rotation" in self.kind:
            angles = self.angle * turn.noise((shape[0],), "uniform")
            rotate = rotated_images if len(shape) == 4 else rotated_points
            samples = rotate(samples, angles)
        if "flip" in self.kind:
            mirrored = ops.reshape(turn.noise((shape[0],), "uniform") > 0, (-1, 1, 1, 1))
            samples = ops.where(mirrored, ops.flip(samples, axis=2), ops.flip(samples, axis=1))
        if "gaussian" in self.kind:
            samples = samples + self.noise * ops.cast(turn.noise(shape, "normal"), samples.dtype)
        return samples


def rotated_points(points: Any, angles: Any) -> Any:
    """`(n, 2)` points turned about the origin, counter-clockwise by `(n,)` radians."""
    cos, sin = (ops.cast(f(angles), points.dtype) for f in (ops.cos, ops.sin))
    x, y = points[:, 0], points[:, 1]
    return ops.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


def rotated_images(images: Any, angles: Any) -> Any:
    """`(n, height, width, channels)` turned about their centres by `(n,)` radians.

    Bilinear; what comes in from outside repeats the edge. XLA has no kernel for it.
    """
    middle_y, middle_x = ((side - 1) / 2 for side in images.shape[1:3])
    cos, sin, zero = ops.cos(angles), ops.sin(angles), ops.zeros_like(angles)
    # Where each pixel (x, y) of the result comes from: [a x + b y + c, d x + e y + f].
    source = [
        *(cos, -sin, middle_x - cos * middle_x + sin * middle_y),
        *(sin, cos, middle_y - sin * middle_x - cos * middle_y),
        *(zero, zero),
    ]
    return ops.image.affine_transform(
        images,
        ops.stack(source, axis=-1),
        interpolation="bilinear",
        fill_mode="nearest",
        data_format="channels_last",
    )


def check(kind: str, noise: float | None, angle: float | None) -> None:
    """Check what can be checked without the data.

    Raises:
        InputError: an unknown kind, or a size below 0.
    """
    check_one_of(NEIGHBOURS, neighbours=kind)
    check_not_negative(noise=noise or 0.0, angle=angle or 0.0)
