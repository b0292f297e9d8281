"""Feature matching (Salimans et al. 2016, https://arxiv.org/abs/1606.03498, section 3.1)."""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def squared_gap(real_mean: Any, fake_mean: Any) -> Any:
    """`|E f(x) - E f(G(z))|^2` of mean features `(d,)`: a scalar."""
    return ops.sum(ops.square(floats(real_mean) - floats(fake_mean)))
