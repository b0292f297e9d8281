"""What a batch may be, and what a message says where it is not."""

import numpy as np
import pytest

from kgan.data import guard
from kgan.errors import InputError

IMAGES = guard.Expected((4, 4, 1), (0.0, 1.0))
POINTS = guard.Expected((2,))
GREY = np.random.default_rng(0).uniform(size=(8, 4, 4, 1)).astype("float32")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_right_passes(dtype):
    IMAGES.check(GREY.astype(dtype))
    IMAGES.check(np.float32([0, 1]).repeat(16).reshape(2, 4, 4, 1))
    IMAGES.check(GREY * 1.02 - 0.01)  # Interpolation overshoots by as much.
    POINTS.check(1e3 * np.random.default_rng(0).normal(size=(5, 2)).astype(dtype))


@pytest.mark.parametrize(
    ("images", "received", "mend"),
    [
        (255 * GREY, r"values in 0\.\d+\.\.25\d", r"from_array\(x, value_range=\(0, 255\)\)"),
        (2 * GREY - 1, r"values in -0\.9\d+\.\.0\.9", r"from_array\(x, value_range=\(-1, 1\)\)"),
        (GREY - 2e6, r"-2e\+06", r"from_array\(x, value_range=\(-2e\+06, -2e\+06\)\)"),
        ((255 * GREY).astype("uint8"), "uint8", r"give kgan.data.from_array\(x\)"),
        (GREY > 0.5, "bool", r"give kgan.data.from_array\(x\)"),
        (GREY[..., 0], r"\(8, 4, 4\)", r"give x\[\.\.\., None\]"),
        (GREY[:, :3], r"\(8, 3, 4, 1\)", "build the networks for these"),
        (GREY[0], r"\(4, 4, 1\)", r"x.batch\(64\)"),
        (GREY.reshape(8, 16), r"\(8, 16\)", r"give x.reshape\(-1, 4, 4, 1\)"),
        (np.where(GREY > 0.99, np.nan, GREY), r"NaN or infinite values in \d of 8 rows", "leave"),
        (np.where(GREY > 0.99, np.inf, GREY), r"NaN or infinite values in \d of 8 rows", "leave"),
    ],
)
def test_a_message_names_what_came_and_how_to_mend_it(images, received, mend):
    with pytest.raises(InputError, match=rf"^Mine must .*Received: .*{received}.*; .*{mend}"):
        IMAGES.check(images, "Mine")


def test_channels_that_come_first():
    with pytest.raises(InputError, match=r"give np.moveaxis\(x, 1, -1\)"):
        guard.Expected((4, 4, 3), (0, 1)).check(np.zeros((2, 3, 4, 4), "float32"))


def test_points_have_a_range_where_their_generator_has_one():
    points = np.float32([[0.5, 3], [0, 0]])
    POINTS.check(points)
    with pytest.raises(InputError, match=r"in -1\.\.1.*values in 0\.\.3; scale them"):
        guard.Expected((2,), (-1, 1)).check(points)


def test_few_rows():
    three = guard.Expected((2,), rows=3, rows_for="the covariance of the latents")
    three.check(np.zeros((3, 2), "float32"))
    with pytest.raises(InputError, match=r"at least 3 examples, for the covariance.*Received: 2"):
        three.check(np.zeros((2, 2), "float32"))


def test_half_of_the_range_is_worth_a_warning():
    with pytest.warns(UserWarning, match=r"in 0\.\d+\.\.0\.\d+, where .* -1\.\.1: .*\(0, 1\)"):
        guard.Expected((4, 4, 1), (-1, 1)).check(GREY)
    with pytest.warns(UserWarning, match=r"where the generator's range is 0\.\.1"):
        IMAGES.check(GREY / 255)


def test_a_large_array_is_looked_at_in_some_rows(monkeypatch):
    monkeypatch.setattr(guard, "_WHOLE_BYTES", 1024)
    monkeypatch.setattr(guard, "_SPREAD_ROWS", 10)
    points = np.zeros((1000, 2), "float32")
    points[-1] = np.nan
    with pytest.raises(InputError, match="must be finite"):
        POINTS.check(points)
    points[-1], points[1] = 0, np.nan
    POINTS.check(points)
