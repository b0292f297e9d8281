"""Arrays of any range and type as data sets."""

import numpy as np
import pytest

from kgan import data
from kgan.errors import InputError

LEVELS = np.arange(256, dtype=np.uint8).reshape(4, 8, 8, 1)


@pytest.mark.parametrize(
    ("value_range", "images"),
    [
        (None, LEVELS),
        (None, LEVELS[..., 0]),
        ((0, 255), LEVELS),
        ((0, 255), LEVELS.astype("float32")),
        ((0, 255), LEVELS.astype("int64")),
        ((0, 1), LEVELS / 255),
        ((-1, 1), (LEVELS / 127.5 - 1).astype("float32")),
        ((0, 65535), LEVELS.astype("uint16") * 257),
    ],
)
def test_images_of_every_range_are_the_same_images(value_range, images):
    made = data.from_array(images, value_range=value_range)
    np.testing.assert_array_equal(made.examples, LEVELS)
    assert (made.split, made.labels, made.value_range) == ("train", None, (0.0, 1.0))


def test_points_stay_as_they_are():
    points = np.random.default_rng(0).normal(size=(5, 3))
    made = data.from_array(points, np.arange(5)[:, None], name="mine", split="test")
    np.testing.assert_array_equal(made.examples, points.astype("float32"))
    assert (made.name, made.split, made.labels.tolist()) == ("mine", "test", [0, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("examples", "options", "message"),
    [
        (np.zeros((3,)), {}, r"Received: float64 of the shape \(3,\)"),
        (np.array(["a"]), {}, "must be an array of numbers"),
        (np.full((2, 2), np.nan), {}, "must be finite"),
        (np.zeros((2, 2)), {"value_range": (0, 1)}, "points .* stay as they are"),
        (np.zeros((2, 4, 4)), {}, "and no value_range; give one"),
        (LEVELS * 1.0, {"value_range": (0, 1)}, r"lie in their value_range, 0\.\.1.*0\.\.255"),
        (LEVELS, {"value_range": (1, 0)}, "low < high"),
        (np.zeros((2, 3, 8, 8), np.uint8), {}, r"np.moveaxis\(x, 1, -1\)"),
        (LEVELS, {"labels": np.arange(3)}, "one for each example"),
        (LEVELS, {"labels": np.zeros(4)}, "whole numbers"),
        (LEVELS, {"labels": np.arange(4) - 1}, "at least 0. Received: -1"),
    ],
)
def test_what_cannot_be_one(examples, options, message):
    with pytest.raises(InputError, match=message):
        data.from_array(examples, **options)


def test_a_data_set_of_points_is_finite():
    with pytest.raises(InputError, match=r"The points of 'mine' must be finite.* in 1 of 2 rows"):
        data.Dataset("mine", "train", np.float32([[0, np.inf], [0, 0]]))
