"""Centre crop and bilinear resizing."""

import numpy as np
import pytest
from PIL import Image

from kgan.data.resize import crop_and_resize, resize_all

NOISE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def test_halving_without_antialiasing_averages_two_by_two():
    images = NOISE[:, 5:25]
    halved = crop_and_resize(images, 10, antialias=False)
    expected = images.reshape(10, 2, 10, 2, 3).mean(axis=(1, 3), dtype=np.float64)
    assert np.abs(halved.numpy() - expected).max() <= 0.5


def test_antialiased_is_pillows_bilinear():
    for size in (7, 20, 41):
        square = Image.fromarray(NOISE[:, 5:25])
        expected = np.asarray(square.resize((size, size), Image.Resampling.BILINEAR), int)
        assert np.abs(crop_and_resize(NOISE, size).numpy() - expected).max() <= 1


def test_the_centre_of_the_given_side_is_cut_out():
    np.testing.assert_array_equal(crop_and_resize(NOISE, 6, crop=6), NOISE[7:13, 12:18])
    # CelebA, as in Lucic et al.: 218x178 to the centre 160x160.
    faces = np.zeros((218, 178, 3), np.uint8)
    faces[29:189, 9:169] = 255
    assert (crop_and_resize(faces, 64, crop=160, antialias=False).numpy() == 255).all()


@pytest.mark.parametrize("size", [5, 20])
def test_many_images_at_once(size, monkeypatch):
    monkeypatch.setattr("kgan.data.resize.CHUNK", 3)
    images = np.stack([NOISE, NOISE[::-1], NOISE[:, ::-1], 255 - NOISE])
    resized = resize_all(images, size)
    assert resized.dtype == np.uint8
    np.testing.assert_array_equal(resized, [crop_and_resize(image, size) for image in images])


def test_nothing_is_done_to_images_of_that_size():
    images = NOISE[None, :, :20]
    assert resize_all(images, 20) is images
