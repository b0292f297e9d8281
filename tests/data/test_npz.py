"""NumPy archives as data sets."""

import numpy as np
import pytest
from absl import logging

from kgan.data import load
from kgan.errors import DataError, InputError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
LABELS = np.arange(40) % 4


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_train_and_test_parts(tmp_path):
    path = save(
        tmp_path / "a.npz", x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:5], y_test=LABELS[:5]
    )
    train = load("npz", data_dir=path)
    np.testing.assert_array_equal(train.examples, IMAGES)
    np.testing.assert_array_equal(train.labels, LABELS)
    assert train.labels.dtype == np.int64 and train.num_classes == 4 and str(path) in train.source
    assert len(load("npz", data_dir=str(path), split="test")) == 5


@pytest.mark.parametrize(
    ("key", "label_key"), [("x", "y"), ("images", "y"), ("x", "labels"), ("images", "labels")]
)
def test_a_tenth_is_held_out_of_a_whole(tmp_path, key, label_key):
    path = save(tmp_path / "a.npz", **{key: IMAGES, label_key: LABELS})
    train, test = (load("npz", data_dir=path, split=split) for split in ("train", "test"))
    assert len(train) == 36 and len(test) == 4
    both = np.concatenate([train.examples, test.examples])
    np.testing.assert_array_equal(np.unique(both, axis=0), np.unique(IMAGES, axis=0))
    for part in (train, test):
        for image, label in zip(part.examples, part.labels, strict=True):
            assert LABELS[(image == IMAGES).all(axis=(1, 2, 3))] == [label]


def test_other_forms_of_images_and_labels(tmp_path):
    grey = IMAGES[..., 0]
    column = LABELS[:, None].astype(np.uint8)
    data = load("npz", data_dir=save(tmp_path / "a.npz", x_train=grey, y_train=column))
    np.testing.assert_array_equal(data.examples[..., 0], grey)
    np.testing.assert_array_equal(data.labels, LABELS)
    for array in (IMAGES / 255, (IMAGES / 255).astype(np.float32), IMAGES.astype(np.int64)):
        data = load("npz", data_dir=save(tmp_path / "b.npz", x_train=array))
        np.testing.assert_array_equal(data.examples, IMAGES)
        assert data.labels is None


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, bool])
def test_of_0_and_1_one_is_white(tmp_path, dtype):
    pixels = IMAGES > 99
    data = load("npz", data_dir=save(tmp_path / "a.npz", x_train=pixels.astype(dtype)))
    np.testing.assert_array_equal(data.examples, np.where(pixels, 255, 0))


def test_classes_are_the_labels_that_occur_in_either_split(tmp_path):
    labels = np.array([0, 1000, 2000, 1000])
    path = save(
        tmp_path / "a.npz",
        train_images=IMAGES[:4], train_labels=labels, test_images=IMAGES[:2], test_labels=[2000, 5],
    )  # fmt: skip
    train, test = (load("npz", data_dir=path, split=split) for split in ("train", "test"))
    assert train.class_names == test.class_names == ("0", "5", "1000", "2000")
    assert train.labels.tolist() == [0, 2, 3, 2] and test.labels.tolist() == [3, 1]
    whole = load("npz", data_dir=save(tmp_path / "b.npz", x=IMAGES[:4], labels=labels))
    assert whole.num_classes == 3


def test_arrays_that_nobody_takes_are_named(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr(logging, "warning", lambda text, *values: lines.append(text % values))
    path = save(tmp_path / "a.npz", x=IMAGES, y=LABELS, labels=LABELS, val_images=IMAGES)
    load("npz", data_dir=path)
    assert lines == [f"{path}: arrays left out: labels, val_images."]


def test_images_are_resized_on_request(tmp_path):
    path = save(tmp_path / "a.npz", x_train=IMAGES, y_train=LABELS)
    data = load("npz", data_dir=path, image_size=4)
    assert data.example_shape == (4, 4, 3) and data.examples.dtype == np.uint8


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": IMAGES}, "expected an array x_train, x or images, found pictures"),
        ({"x_train": IMAGES[0, 0]}, r"holds the shape \(8, 3\)"),
        ({"x_train": IMAGES.transpose(0, 3, 1, 2)}, r"holds the shape \(40, 3, 8, 8\)"),
        ({"x_train": IMAGES[:0]}, r"holds the shape \(0, 8, 8, 3\)"),
        ({"x_train": IMAGES / 127.5 - 1}, r"holds float64 in -1.0..1.0"),
        ({"x_train": IMAGES.astype(np.float32)}, r"holds float32 in 0.0..255.0"),
        ({"x_train": IMAGES.astype(np.int32) * 2}, r"holds int32 in 0..510"),
        ({"x_train": np.where(IMAGES == 7, np.nan, 0.5)}, "holds float64 in nan..nan"),
        ({"x_train": IMAGES.astype(complex)}, "holds complex128"),
        ({"x_train": IMAGES, "y_train": LABELS[:9]}, "must hold 40 integer labels"),
        ({"x_train": IMAGES, "y_train": LABELS / 2}, "holds float64"),
        ({"x_train": IMAGES, "y_train": LABELS - 1}, "integer labels >= 0"),
    ],
)
def test_unfit_arrays_are_refused(tmp_path, arrays, message):
    path = save(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message) as caught:
        load("npz", data_dir=path)
    assert str(path) in str(caught.value)


def test_broken_files_are_named(tmp_path):
    path = save(tmp_path / "a.npz", x_train=IMAGES)
    sound = path.read_bytes()
    flipped = bytearray(sound)
    flipped[len(sound) // 2] ^= 0xFF
    for content in (b"", b"nonsense", sound[: len(sound) // 2], bytes(flipped)):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"broken|cannot be read") as caught:
            load("npz", data_dir=path)
        assert str(path) in str(caught.value)
    np.save(tmp_path / "b.npy", IMAGES)
    with pytest.raises(DataError, match="single array"):
        load("npz", data_dir=tmp_path / "b.npy")
    np.savez(path, x_train=np.array([{}], object))
    with pytest.raises(DataError, match="broken array x_train"):
        load("npz", data_dir=path)


def test_a_missing_file_or_split_is_refused(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        load("npz", data_dir=tmp_path / "absent.npz")
    with pytest.raises(InputError, match="'npz' needs data_dir"):
        load("npz")
    with pytest.raises(InputError, match="split must be one of train, test"):
        load("npz", data_dir=save(tmp_path / "a.npz", x=IMAGES), split="validation")
    with pytest.raises(DataError, match="there is only 1"):
        load("npz", data_dir=save(tmp_path / "a.npz", x=IMAGES[:1]))
