"""Stacked images: which examples they are made of, against Python's own integers."""

import numpy as np
import pytest
from scipy import stats

from kgan.data import Dataset, StackedImages, load, names
from kgan.data.stacked import stack
from kgan.data.stream import GOLDEN_GAMMA, split_mix
from kgan.errors import DataError, InputError


def base(count=50, classes=10, split="train"):
    """Images whose every pixel is their number."""
    images = np.tile(np.arange(count, dtype=np.uint8)[:, None, None, None], (1, 8, 8, 1))
    return Dataset("digits", split, images, labels=np.arange(count) % classes)


def test_an_image_is_a_function_of_the_seed_and_its_number():
    stacked = StackedImages(base(), 1_000, seed=7)
    assert stacked.shape == (1_000, 8, 8, 3) and len(stacked) == 1_000
    images = stacked[np.array([3, 999, 3])]
    assert images.dtype == np.uint8 and images.shape == (3, 8, 8, 3)
    for image, number in zip(images, (3, 999, 3), strict=True):
        key = split_mix(7)
        words = [split_mix(key + (3 * number + channel) * GOLDEN_GAMMA) for channel in range(3)]
        assert image[0, 0].tolist() == [word % 50 for word in words]
        assert (image == image[0, 0]).all()
    # However many there are, and whatever else is asked for.
    np.testing.assert_array_equal(StackedImages(base(), 10, seed=7)[3:4], images[:1])
    assert not np.array_equal(StackedImages(base(), 1_000, seed=8).members, stacked.members)


def test_labels_are_the_channels_classes_as_digits():
    stacked = StackedImages(base(), 200, seed=0)
    members = stacked.members
    expected = [int("".join(str(m % 10) for m in row)) for row in members]
    assert stacked.labels.tolist() == expected
    assert len(stacked.class_names) == 1_000 and stacked.class_names[314] == "3 1 4"


def test_channels_are_independent_and_even():
    stacked = StackedImages(base(), 100_000, seed=1)
    for channel in range(3):
        counts = np.bincount(stacked.members[:, channel], minlength=50)
        assert stats.chisquare(counts).pvalue > 1e-3
    modes = np.bincount(stacked.labels, minlength=1_000)
    assert stats.chisquare(modes, stacked.weights * 100_000).pvalue > 1e-3


def test_weights_are_the_products_of_the_classes_shares():
    uneven = Dataset("d", "train", base(4).examples, labels=np.array([0, 0, 0, 1]))
    weights = StackedImages(uneven, 10, seed=0).weights
    assert weights.tolist() == [27 / 64, 9 / 64, 9 / 64, 3 / 64, 9 / 64, 3 / 64, 3 / 64, 1 / 64]


def test_a_stacked_set_streams_and_scales_without_being_made():
    data = stack(base(), "stacked")
    assert len(data) == 128_000 and data.is_images and data.num_classes == 1_000
    some = np.array([5, 70_000])
    np.testing.assert_array_equal(
        data.with_value_range((-1, 1)).floats(some),
        data.examples[some].astype(np.float32) * np.float32(2 / 255) - np.float32(1),
    )
    first, labels = next(iter(data.batches(16, seed=3, labels=True)))
    again, _ = next(iter(data.batches(16, seed=3, labels=True)))
    np.testing.assert_array_equal(first, again)
    found = np.rint(first.numpy()[:, 0, 0] * 255).astype(int) % 10
    np.testing.assert_array_equal(found @ [100, 10, 1], labels)
    assert len(stack(base(split="test"), "stacked")) == 26_000


def test_it_loads_by_name(tmp_path):
    images, labels = base(20).examples, np.arange(20) % 10
    images = np.repeat(np.repeat(images, 4, axis=1), 4, axis=2)[:, :28, :28]
    np.savez(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    data = load("stacked_mnist", data_dir=tmp_path / "own.npz", value_range=(-1, 1))
    assert data.name == "stacked_mnist" and data.example_shape == (28, 28, 3)
    assert data.value_range == (-1, 1) and data.class_names[12] == "0 1 2"
    clothes = load("stacked_fashion_mnist", split="test", data_dir=tmp_path / "own.npz")
    assert clothes.class_names[12] == "T-shirt/top, Trouser, Pullover"
    assert {"stacked_mnist", "stacked_fashion_mnist"} <= set(names())
    with pytest.raises(InputError, match="split must be one of"):
        load("stacked_mnist", split="dev", data_dir=tmp_path / "own.npz")


def test_what_cannot_be_stacked_is_refused():
    colours = Dataset("c", "train", np.zeros((4, 8, 8, 3), np.uint8), labels=np.arange(4))
    with pytest.raises(DataError, match="Only images of one channel can be stacked, but 'c'"):
        StackedImages(colours, 10, seed=0)
    with pytest.raises(DataError, match="has no labels"):
        StackedImages(Dataset("d", "train", base().examples), 10, seed=0)
