"""What arguments are refused for by their annotations alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from kgan.errors import InputError
from kgan.signatures import checked


@checked
def function(
    count: int = 1,
    rate: float = 1.0,
    flag: bool = True,
    name: str | None = None,
    weights: Sequence[float] | None = None,
    ends: tuple[float, float] = (0.0, 1.0),
    path: str | Path = "",
    anything: Any = None,
) -> None:
    """Takes one of each kind."""


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("count", 1.5, "an integer"),
        ("count", True, "an integer"),
        ("count", "3", "an integer"),
        ("count", np.array([3]), "an integer"),
        ("rate", "x", "a finite number"),
        ("rate", np.float32("nan"), "a finite number"),
        ("rate", False, "a finite number"),
        ("rate", float("inf"), "a finite number"),
        ("flag", 1, "True or False"),
        ("name", 3, "a string or None"),
        ("weights", "12", "a sequence of numbers or None"),
        ("weights", [1, None], "a sequence of numbers or None"),
        ("weights", np.array(3.0), "a sequence of numbers or None"),
        ("ends", (0, 1, 2), "2 numbers"),
        ("ends", 3, "2 numbers"),
        ("path", b"x", "a string or a path"),
    ],
)
def test_another_kind_is_told_by_name(name, value, told):
    with pytest.raises(InputError) as error:
        function(**{name: value})
    assert str(error.value) == f"`{name}` must be {told}. Received: {value!r}"


@pytest.mark.parametrize(
    "given",
    [
        {"count": np.int64(3), "rate": np.float32(2), "flag": np.bool_(True)},
        {"count": tf.constant(3), "rate": tf.constant(2.0)},
        {"rate": 3, "weights": np.arange(3), "ends": [0, 1], "name": "a"},
        {"rate": 1e308, "weights": (), "path": Path()},
        {"weights": None, "name": None, "anything": object()},
    ],
)
def test_what_is_of_the_kind_passes(given):
    function(**given)


def test_a_long_value_is_shown_in_part():
    with pytest.raises(InputError, match=r"Received: 'a{76}\.\.\.$"):
        function(count="a" * 500)


def test_missing_and_unknown_arguments_are_told_by_python():
    with pytest.raises(TypeError, match="unexpected keyword argument 'cuont'"):
        function(cuont=3)
