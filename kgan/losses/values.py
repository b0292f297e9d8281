"""What a discriminator says of a batch, as the losses take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from kgan.backend.precision import floats

# From values (batch,) to a scalar: `ops.mean`, or a weighted mean as those of a mixture are.
Mean = Callable[[Any], Any]


def flat(values: Any) -> Any:
    """`(batch, 1)` or `(batch,)` to `(batch,)` float32."""
    return ops.reshape(floats(values), (-1,))
