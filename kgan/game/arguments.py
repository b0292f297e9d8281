"""What Keras' `compile` and `fit` may be told in a game; what a game cannot do is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from kgan.errors import InputError


def check_compile(
    model: str, given: Mapping[str, Any], unknown: Iterable[str], steps_per_execution: Any
) -> None:
    """Check the arguments of `compile` besides the optimizer.

    Args:
        model: name of the model's class.
        given: by name, Keras' arguments that a game has no use for.
        unknown: names of arguments that Keras does not know.
        steps_per_execution: must be a whole number of at least 1.

    Raises:
        InputError: if one of them cannot be.
    """
    for name, value in given.items():
        if value is not None:
            raise InputError(
                f"compile takes no {name}: a game's losses and metrics are its method's. "
                f"Received: {name}={value!r}; see the arguments of {model}, and measure samples "
                "with kgan.metrics.evaluate."
            )
    unknown = list(unknown)
    if any("optimizer" in name for name in unknown):
        raise InputError(
            "compile takes one optimizer, of which each player gets a copy, or a dictionary by "
            f"player. Received: {', '.join(unknown)}; give optimizer={{'discriminator': ..., "
            "'generator': ...}."
        )
    if unknown:
        raise InputError(f"compile has other arguments. Received: {', '.join(unknown)}")
    whole = isinstance(steps_per_execution, int | np.integer)
    if not whole or isinstance(steps_per_execution, bool) or steps_per_execution < 1:
        raise InputError(
            "steps_per_execution must be a whole number of at least 1. "
            f"Received: {steps_per_execution!r}"
        )


def refuse_weights(**weights: Any) -> None:
    """Refuse weights of examples: a game's losses compare batches.

    Raises:
        InputError: if one is not None.
    """
    for name, value in weights.items():
        if value is not None:
            raise InputError(
                "A game's losses are of whole batches, real against generated, and take no weights "
                f"of examples. Received: {name}; leave it out, and repeat in the data what should "
                "count more."
            )


def ends_on_nan(callbacks: Any) -> bool:
    """Whether a `TerminateOnNaN` among Keras' callbacks is to end training without an error."""
    found = getattr(callbacks, "callbacks", callbacks)
    return any(
        isinstance(one, keras.callbacks.TerminateOnNaN) and not getattr(one, "raise_error", False)
        for one in keras.tree.flatten(found)
    )
