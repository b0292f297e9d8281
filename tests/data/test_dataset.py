"""The Dataset class."""

import dataclasses

import numpy as np
import pytest

from kgan.data import Dataset
from kgan.errors import InputError

IMAGES = np.arange(4 * 2 * 2 * 1, dtype=np.uint8).reshape(4, 2, 2, 1) * 17
POINTS = np.arange(6, dtype=np.float32).reshape(3, 2)


def test_images():
    data = Dataset("a", "train", IMAGES, np.array([0, 2, 1, 0]))
    assert data.is_images and len(data) == 4 and data.example_shape == (2, 2, 1)
    assert data.num_classes == 3
    assert data.floats().dtype == np.float32
    np.testing.assert_allclose(data.floats(), IMAGES / 255, atol=1e-7)
    signed = data.with_value_range((-1, 1))
    np.testing.assert_allclose(signed.floats([1, 3]), IMAGES[[1, 3]] / 127.5 - 1, atol=1e-7)
    assert signed.floats().min() == -1 and signed.floats().max() == 1
    assert data.value_range == (0, 1) and signed.name == "a"


def test_points_are_never_scaled():
    data = Dataset("a", "train", POINTS).with_value_range((-1, 1))
    assert not data.is_images and data.num_classes is None
    np.testing.assert_array_equal(data.floats(slice(1, 3)), POINTS[1:])
    data.floats()[:] = 0  # A copy.
    assert POINTS[2, 1] == 5


def test_classes_and_attributes_are_counted():
    assert Dataset("a", "train", POINTS, np.zeros(3, int), class_names=("x", "y")).num_classes == 2
    assert Dataset("a", "train", POINTS, np.zeros((3, 40), int)).num_classes == 40


def test_it_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Dataset("a", "train", POINTS).name = "b"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"examples": IMAGES.astype(np.float32)}, "received float32 of shape"),
        ({"examples": POINTS.astype(np.float64)}, "received float64"),
        ({"examples": IMAGES[:0]}, r"shape \(0, 2, 2, 1\)"),
        ({"examples": IMAGES[0]}, r"shape \(2, 2, 1\)"),
        ({"examples": IMAGES, "labels": np.zeros(3, int)}, "received 3 labels for 4 examples"),
        ({"examples": IMAGES, "value_range": (1, 0)}, "low < high"),
        ({"examples": IMAGES, "value_range": (0, np.inf)}, "`value_range` must be 2 numbers"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(InputError, match=message):
        Dataset("a", "train", **arguments)
