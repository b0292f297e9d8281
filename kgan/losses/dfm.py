"""Denoising feature matching (Warde-Farley and Bengio, ICLR 2017).

Source: https://openreview.net/forum?id=S1X7nhsxl.
Features are `(batch, d)`. A denoiser r learns the real ones; what it makes of generated ones is
where more probable features lie.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def denoising_error(features: Any, denoised: Any) -> Any:
    """`E |f - r|^2 / d`, a mean over d features too.

    The denoiser minimises it where r is of f with noise, the generator where r is of f and a
    constant.
    """
    return ops.mean(ops.square(floats(features) - floats(denoised)))
