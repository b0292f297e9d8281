"""Folders of image files."""

import numpy as np
import pytest
from absl import logging
from PIL import Image

from kgan.data import load, storage
from kgan.errors import DataError, InputError


def write(path, value=0, size=(8, 6), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value).save(path, **options)
    return path


@pytest.fixture
def classes(tmp_path):
    """20 RGB images in two class folders; the image's red value is its number."""
    for i in range(20):
        write(tmp_path / "photos" / ("dog" if i < 10 else "cat") / f"{i:02}.png", (i, 0, 0))
    return tmp_path / "photos"


def test_sub_folders_are_classes_and_a_tenth_is_held_out(classes):
    train, test = (load("folder", data_dir=classes, split=split) for split in ("train", "test"))
    assert train.examples.shape == (18, 6, 8, 3) and test.examples.shape == (2, 6, 8, 3)
    reds = np.concatenate([train.examples[:, 0, 0, 0], test.examples[:, 0, 0, 0]])
    np.testing.assert_array_equal(np.sort(reds), np.arange(20))
    for data in (train, test):
        assert data.class_names == ("cat", "dog") and data.labels.dtype == np.int64
        np.testing.assert_array_equal(data.labels, data.examples[:, 0, 0, 0] < 10)
    # Sorted by path: cats first.
    assert train.labels[0] == 0 and train.labels[-1] == 1
    np.testing.assert_array_equal(load("folder", data_dir=classes).examples, train.examples)


def test_train_and_test_folders_are_the_splits(tmp_path):
    for split, names in (("train", "abc"), ("test", "ac")):
        for i, name in enumerate(names):
            write(tmp_path / split / name / "deep" / f"{i}.PNG", (i, 0, 0))
    train, test = (load("folder", data_dir=tmp_path, split=split) for split in ("train", "test"))
    assert train.class_names == test.class_names == ("a", "b", "c")
    assert train.labels.tolist() == [0, 1, 2] and test.labels.tolist() == [0, 2]


def test_files_beside_folders_have_no_labels(classes):
    write(classes / "stray.jpg")
    write(classes / "._hidden.png")
    (classes / "notes.txt").write_text("no image")
    data = load("folder", data_dir=classes)
    assert data.labels is None and data.class_names is None and len(data) == 19


def test_grey_images_stay_grey_and_mixed_ones_become_rgb(tmp_path):
    for i in range(5):
        write(tmp_path / f"{i}.png", 100, mode="L")
    Image.fromarray(np.full((6, 8), 51 * 256 + 9, np.uint16)).save(tmp_path / "16bit.png")
    grey = load("folder", data_dir=tmp_path)
    assert grey.example_shape == (6, 8, 1)
    assert set(np.unique(grey.examples)) == {51, 100}
    write(tmp_path / "z.png", (1, 2, 3, 128), mode="RGBA")
    rgb = load("folder", data_dir=tmp_path)
    assert rgb.example_shape == (6, 8, 3) and [1, 2, 3] in rgb.examples[:, 0, 0].tolist()


def test_sizes_must_agree_unless_one_is_given(tmp_path):
    write(tmp_path / "a.png", (9, 9, 9), (8, 6))
    write(tmp_path / "b.png", (9, 9, 9), (40, 20))
    write(tmp_path / "c.png", (9, 9, 9), (3, 5))
    with pytest.raises(InputError, match=r"is 8x6.*is (40x20|3x5).*image_size"):
        load("folder", data_dir=tmp_path)
    data = load("folder", data_dir=tmp_path, image_size=4)
    assert data.example_shape == (4, 4, 3) and (data.examples == 9).all()


def test_both_splits_have_the_same_shape(tmp_path):
    for i in range(20):
        write(tmp_path / f"{i:02}.png", i, mode="L")
    test = load("folder", data_dir=tmp_path, split="test")
    assert test.example_shape == (6, 8, 1)
    held_out = test.examples[0, 0, 0, 0]
    write(tmp_path / f"{held_out:02}.png", (9, 9, 9))
    for split in ("train", "test"):
        assert load("folder", data_dir=tmp_path, split=split).example_shape == (6, 8, 3)


def test_the_centre_is_kept(tmp_path):
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 200
    for name in "ab":
        Image.fromarray(wide).save(tmp_path / f"{name}.png")
    assert (load("folder", data_dir=tmp_path, image_size=5).examples == 200).all()


def test_exif_rotation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in "ab":
        write(tmp_path / f"{name}.jpg", (9, 9, 9), (8, 6), exif=exif)
    assert load("folder", data_dir=tmp_path).example_shape == (8, 6, 3)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no image at all"),
        lambda path: path.write_bytes(path.read_bytes()[:-30]),
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"IDAT", b"I\0AT")),
    ],
)
def test_a_broken_file_is_named_or_skipped(classes, spoil, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).save(classes / "cat" / "12.png")
    spoil(classes / "cat" / "12.png")
    with pytest.raises(DataError, match=r"cat/12\.png is broken .*on_broken='skip'"):
        load("folder", data_dir=classes)
    warnings = []
    monkeypatch.setattr(logging, "warning", lambda text, *values: warnings.append(text % values))
    data = load("folder", data_dir=classes, on_broken="skip")
    assert len(data) == 17 and 12 not in data.examples[:, 0, 0, 0]
    np.testing.assert_array_equal(data.labels, data.examples[:, 0, 0, 0] < 10)
    assert len(warnings) == 1 and "Skipped 1 broken image files of 18" in warnings[0]
    assert "12.png" in warnings[0]


def test_a_truncated_jpeg_is_broken(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for name in "ab":
        Image.fromarray(noise).save(tmp_path / f"{name}.jpg")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "b.jpg").read_bytes()[:2000])
    (tmp_path / "train").mkdir()
    (tmp_path / "test").mkdir()
    for name in "ab":
        (tmp_path / f"{name}.jpg").rename(tmp_path / "train" / f"{name}.jpg")
    with pytest.raises(DataError, match=r"b\.jpg is broken"):
        load("folder", data_dir=tmp_path)


def test_folders_without_images_are_refused(tmp_path):
    with pytest.raises(DataError, match="There is no folder"):
        load("folder", data_dir=tmp_path / "absent")
    with pytest.raises(DataError, match="no PNG or JPEG file for train"):
        load("folder", data_dir=tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"broken")
    with pytest.raises(DataError, match="All image files are broken"):
        load("folder", data_dir=tmp_path, on_broken="skip")
    with pytest.raises(InputError, match="split must be"):
        load("folder", data_dir=tmp_path, split="validation")
    with pytest.raises(InputError, match="on_broken must be 'error' or 'skip', received 'maybe'"):
        load("folder", data_dir=tmp_path, on_broken="maybe")
    with pytest.raises(InputError, match="image_size must be positive, received 0"):
        load("folder", data_dir=tmp_path, image_size=0)


def test_large_folders_are_mapped_and_follow_changes(classes, tmp_path, monkeypatch):
    expected = load("folder", data_dir=classes)
    monkeypatch.setattr(storage, "MEMORY_LIMIT", 10)
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))
    for _ in range(2):
        mapped = load("folder", data_dir=classes)
        assert isinstance(mapped.examples, np.memmap)
        np.testing.assert_array_equal(mapped.examples, expected.examples)
        np.testing.assert_array_equal(mapped.labels, expected.labels)
    write(classes / "dog" / "01.png", (77, 0, 0), compress_level=1)
    assert 77 in load("folder", data_dir=classes).examples[:, 0, 0, 0]
