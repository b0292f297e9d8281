"""Folders of image files, as people have them."""

import os
import struct
import zlib

import numpy as np
import pytest
from absl import logging
from PIL import Image

from kgan.data import load, storage
from kgan.data.splits import SPLITS
from kgan.errors import DataError, InputError

NOISE = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


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


@pytest.fixture
def said(monkeypatch):
    """What is logged of a folder, in order."""
    lines = []
    for level in ("info", "warning"):
        monkeypatch.setattr(logging, level, lambda text, *values: lines.append(text % values))
    return lines


def test_sub_folders_are_classes_and_a_tenth_is_held_out(classes):
    train, test = (load("folder", data_dir=classes, split=split) for split in SPLITS)
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
    train, test = (load("folder", data_dir=tmp_path, split=split) for split in SPLITS)
    assert train.class_names == test.class_names == ("a", "b", "c")
    assert train.labels.tolist() == [0, 1, 2] and test.labels.tolist() == [0, 2]


def test_what_is_no_image_or_a_stray_is_left_out_and_told(classes, said):
    plain = load("folder", data_dir=classes)
    write(classes / "stray.jpg")
    for hidden in (".ipynb_checkpoints/00-checkpoint.png", "__MACOSX/dog/._00.png", "dog/._00.png"):
        write(classes / hidden)
    for name in ("cat/notes.txt", "dog/list.csv", "dog/a.csv", "dog/.DS_Store", "dog/README"):
        (classes / name).write_text("no image")
    (classes / "empty").mkdir()
    data = load("folder", data_dir=classes)
    assert data.class_names == ("cat", "dog")
    np.testing.assert_array_equal(data.examples, plain.examples)
    np.testing.assert_array_equal(data.labels, plain.labels)
    assert said[0] == f"{classes}: 18 images taken for train, 2 classes."
    assert said[2] == (
        f"{classes}: 18 images taken for train, 2 classes; 9 files left out: 4 hidden (.DS_Store, "
        "._00.png, .ipynb_checkpoints, __MACOSX), 2 .csv, 1 .txt, 1 without a suffix, 1 beside the "
        "class folders (stray.jpg)."
    )


def test_many_images_beside_folders_mean_that_there_are_no_classes(classes, said):
    for i in range(3):
        write(classes / f"{i}.png")
    data = load("folder", data_dir=classes)
    assert data.labels is None and data.class_names is None and len(data) == 21
    assert said[0] == f"{classes}: 21 images taken for train, no classes."


def test_a_folder_within_a_folder_stands_for_it(classes, tmp_path, said):
    """As archives unpack: photos/photos/cat."""
    (tmp_path / "outer").mkdir()
    classes.rename(tmp_path / "outer" / "photos")
    assert load("folder", data_dir=tmp_path).class_names == ("cat", "dog")
    assert said[0].startswith(f"{tmp_path}/outer/photos: 18 images")
    assert load("folder", data_dir=tmp_path / "outer" / "photos" / "cat").labels is None


def test_links_are_followed(classes, tmp_path, said):
    classes.joinpath("cat").rename(tmp_path / "elsewhere")
    (classes / "cat").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (classes / "dog" / "99.png").symlink_to(tmp_path / "elsewhere" / "10.png")
    (classes / "dog" / "back").symlink_to(classes, target_is_directory=True)
    (classes / "dog" / "lost.png").symlink_to(tmp_path / "nothing.png")
    os.mkfifo(classes / "dog" / "pipe.png")
    parts = [load("folder", data_dir=classes, split=split) for split in SPLITS]
    assert parts[0].class_names == ("cat", "dog")
    assert sum(len(part) for part in parts) == 21
    assert "1 links to a folder that they lie in (back)" in said[0]
    assert "broken (dog/lost.png)" in said[0] + said[2]


@pytest.mark.parametrize("names", ["train validation", "Train val", "training_set test_set"])
def test_other_names_of_splits(tmp_path, names):
    for i, part in enumerate(names.split()):
        for name in "ab":
            write(tmp_path / part / name / "1.png", (i, 0, 0))
    for i, split in enumerate(("train", "test")):
        data = load("folder", data_dir=tmp_path, split=split)
        assert data.class_names == ("a", "b") and (data.examples[..., 0] == i).all()


def test_of_three_parts_validation_is_left_out(tmp_path, said):
    for part, count in (("train", 4), ("val", 2), ("test", 3)):
        for name in "ab":
            for i in range(count):
                write(tmp_path / part / name / f"{i}.png")
    write(tmp_path / "sample.png")
    assert len(load("folder", data_dir=tmp_path)) == 8
    assert len(load("folder", data_dir=tmp_path, split="test")) == 6
    left_out = "5 files left out: 4 in val, 1 beside the splits' folders (sample.png)."
    assert said[0] == f"{tmp_path}: 8 images taken for train, 2 classes; {left_out}"


def test_a_test_part_without_classes(tmp_path):
    for name in "ab":
        write(tmp_path / "train" / name / "1.png")
        write(tmp_path / "test" / f"{name}.png")
    assert load("folder", data_dir=tmp_path).labels.tolist() == [0, 1]
    test = load("folder", data_dir=tmp_path, split="test")
    assert len(test) == 2 and test.labels is None and test.class_names is None


def test_grey_images_stay_grey_and_mixed_ones_become_rgb(tmp_path):
    for i in range(5):
        write(tmp_path / f"{i}.png", 100, mode="L")
    write(tmp_path / "bits.png", 1, mode="1")
    write(tmp_path / "alpha.png", (51, 255), mode="LA")
    grey = load("folder", data_dir=tmp_path)
    assert grey.example_shape == (6, 8, 1)
    assert set(np.unique(grey.examples)) == {51, 100, 255}
    write(tmp_path / "z.png", (1, 2, 3))
    for split in SPLITS:
        assert load("folder", data_dir=tmp_path, split=split).example_shape == (6, 8, 3)


def test_transparent_parts_are_white(tmp_path, said):
    """Half of each image hides a colour under alpha 0, half is opaque or half-transparent."""
    rgba = np.full((6, 8, 4), (200, 0, 0, 0), np.uint8)
    rgba[:, 4:] = (0, 0, 0, 128)
    image = Image.fromarray(rgba)
    image.save(tmp_path / "a.png")
    image.save(tmp_path / "b.webp", lossless=True, exact=True)
    palette = Image.new("P", (8, 6), 1)
    palette.putpalette([200, 0, 0, 0, 0, 0])
    palette.paste(0, (0, 0, 4, 6))
    palette.save(tmp_path / "c.gif", transparency=0)
    palette.save(tmp_path / "d.png", transparency=0)
    write(tmp_path / "e.png", (9, 9, 9, 255), mode="RGBA")
    parts = [load("folder", data_dir=tmp_path, split=split) for split in SPLITS]
    pixels = np.concatenate([part.examples for part in parts])
    assert pixels.shape == (5, 6, 8, 3)
    assert sorted(pixels[:, 0, 0, 0]) == [9, 255, 255, 255, 255]
    assert sorted(pixels[:, 0, 7, 0]) == [0, 0, 9, 127, 127]
    counts = [int(line.split(" with transparent")[0].split()[-1]) for line in said[::2]]
    assert sum(counts) >= 3 and "with transparent parts laid on white" in said[0]


def test_transparent_grey_stays_grey(tmp_path):
    for name in "ab":
        write(tmp_path / f"{name}.png", (51, 0), mode="LA")
    data = load("folder", data_dir=tmp_path)
    assert data.example_shape == (6, 8, 1) and (data.examples == 255).all()


def deep_png(path, values):
    """Writes (height, width, channels) values as 16 bits each, which Pillow cannot for colours."""
    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_twelve_bits_of_sixteen_are_not_black(tmp_path, channels, said):
    """They are scaled by the largest value of both splits."""
    for part, top in (("train", 2047), ("test", 4095)):
        for i in range(2):
            values = np.full((6, 8, channels), top, np.uint16)
            values[:, 4:] = 1024
            if channels in (2, 4):
                values[..., -1] = 65535
            deep_png(tmp_path / part / f"{i}.png", values)
    for split, top in (("train", 128), ("test", 255)):
        data = load("folder", data_dir=tmp_path, split=split)
        assert data.example_shape == (6, 8, 3 if channels > 2 else 1)
        # 2047 / 4095 and 1024 / 4095 of 255 are 127.5 and 63.8.
        assert abs(int(data.examples[:, 0, 0].max()) - top) <= 1
        np.testing.assert_array_equal(data.examples[:, 0, 7], 64)
    assert "2 of more than 8 bits, 12 of which are used" in said[0]


@pytest.mark.parametrize("values", [np.uint16, np.int32, np.float32])
def test_sixteen_bits_and_floats(tmp_path, values):
    """51 of 255, beside a file of 8 bits."""
    deep = np.full((6, 8), 51 * 257, values)
    if values is np.float32:
        deep = deep / values(65535)
    else:
        deep[0, 0] = 65535
    Image.fromarray(deep).save(tmp_path / "a.tif")
    write(tmp_path / "b.png", 51, mode="L")
    parts = [load("folder", data_dir=tmp_path, split=split) for split in SPLITS]
    for part in parts:
        assert part.example_shape == (6, 8, 1) and (part.examples[:, 1] == 51).all()


def test_values_without_a_known_range_are_broken(tmp_path):
    for name, deep in (
        ("a", np.full((6, 8), 70000, np.int32)),
        ("b", np.full((6, 8), 255, np.float32)),
    ):
        Image.fromarray(deep).save(tmp_path / f"{name}.tif")
    for number in range(8):
        write(tmp_path / f"{number}.png", 51, mode="L")
    assert sum(len(load("folder", data_dir=tmp_path, split=split)) for split in SPLITS) == 8
    with pytest.raises(
        DataError, match=r"[ab]\.tif is broken \((integers in 70000\.\.|floats in 255)"
    ):
        load("folder", data_dir=tmp_path, strict=True)


@pytest.mark.parametrize(
    ("suffix", "mode", "options"),
    [
        ("bmp", "RGB", {}),
        ("gif", "RGB", {}),
        ("tif", "RGB", {}),
        ("tif", "CMYK", {}),
        ("jpg", "CMYK", {"quality": 100}),
        ("webp", "RGB", {"lossless": True}),
        ("ppm", "RGB", {}),
        ("tga", "RGB", {}),
        ("jp2", "RGB", {}),
        ("ico", "RGB", {}),
        ("PNG", "P", {}),
    ],
)
def test_all_that_pillow_decodes_is_read(tmp_path, suffix, mode, options):
    image = Image.new("RGB", (16, 16), (204, 102, 51)).convert(mode)
    for name in "ab":
        image.save(tmp_path / f"{name}.{suffix}", **options)
    data = load("folder", data_dir=tmp_path)
    assert data.example_shape == (16, 16, 3)
    assert np.abs(data.examples.astype(int) - (204, 102, 51)).max() <= 3


def test_what_a_file_is_called_does_not_matter(tmp_path):
    write(tmp_path / "a.webp", (9, 9, 9), lossless=True).rename(tmp_path / "a.jpg")
    write(tmp_path / "b.png", (9, 9, 9)).rename(tmp_path / "b")
    write(tmp_path / "c.png", (9, 9, 9)).rename(tmp_path / "c.jpg_large")
    parts = [load("folder", data_dir=tmp_path, split=split) for split in SPLITS]
    assert sum(len(part) for part in parts) == 3
    assert all((part.examples == 9).all() for part in parts)


def test_of_animated_files_the_first_frame_is_taken(tmp_path, said):
    frames = [Image.new("RGB", (8, 6), (value, 0, 0)) for value in (10, 200)]
    for name in ("a.gif", "b.webp", "c.png", "d.tif"):
        options = {"lossless": True} if name == "b.webp" else {}
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
    assert (load("folder", data_dir=tmp_path).examples[..., 0] == 10).all()
    assert "of 3 animated ones the first frame" in said[0]


def test_names_that_are_not_utf8(tmp_path, said):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    for name in (b"b\xfcrste", b"dog"):
        for i in range(3):
            write(folder / os.fsdecode(name) / os.fsdecode(b"\xe9%d.png" % i), (9, 9, 9))
    (folder / "dog" / os.fsdecode(b"\xff.png")).touch()
    data = load("folder", data_dir=folder)
    assert data.class_names == (r"b\xfcrste", "dog") and len(data) in (5, 6)
    # All that is told can be encoded.
    "".join([*said, data.source, *data.class_names]).encode()
    with pytest.raises(DataError, match=r"caf\\xe9.*is broken"):
        load("folder", data_dir=folder, strict=True)


def test_sizes_must_agree_unless_one_is_given(tmp_path):
    write(tmp_path / "a.png", (9, 9, 9), (8, 6))
    write(tmp_path / "b.png", (9, 9, 9), (40, 20))
    write(tmp_path / "c.png", (9, 9, 9), (3, 5))
    with pytest.raises(InputError, match=r"differ: .* is .*x.*, .* is .*x.*; give .* `image_size`"):
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
    for split in SPLITS:
        assert load("folder", data_dir=tmp_path, split=split).example_shape == (6, 8, 3)


def test_the_centre_is_kept(tmp_path):
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 200
    for name in "ab":
        Image.fromarray(wide).save(tmp_path / f"{name}.png")
    assert (load("folder", data_dir=tmp_path, image_size=5).examples == 200).all()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(tmp_path, suffix, orientation):
    """As a viewer shows it: the bright corner wanders."""
    pixels = np.zeros((64, 96), np.uint8)
    pixels[:32, :32] = 200
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in "ab":
        Image.fromarray(pixels).convert("RGB").save(tmp_path / f"{name}.{suffix}", exif=exif)
    turned = {2: pixels[:, ::-1], 3: pixels[::-1, ::-1], 4: pixels[::-1], 5: pixels.T}
    turned |= {6: pixels.T[:, ::-1], 7: pixels.T[::-1, ::-1], 8: pixels.T[::-1]}
    expected = turned.get(orientation, pixels)
    for split in SPLITS:
        data = load("folder", data_dir=tmp_path, split=split)
        assert data.example_shape == (*expected.shape, 3)
        assert np.abs(data.examples[0, ..., 0].astype(int) - expected).max() < 30


@pytest.mark.parametrize("side", [17, 32, 64, 100])
def test_a_large_jpeg_is_halved_while_it_is_decoded(tmp_path, side):
    """Which looks as decoding it whole."""
    across = np.linspace(0, 255, 200)
    image = Image.fromarray(
        np.stack(np.broadcast_arrays(across, across[:, None], 90), -1).astype(np.uint8)
    )
    for name in "ab":
        image.save(tmp_path / f"{name}.jpg", quality=95)
    whole = image.resize((side, side), Image.Resampling.BILINEAR)
    data = load("folder", data_dir=tmp_path, image_size=side)
    assert np.abs(data.examples[0].astype(int) - np.asarray(whole)).mean() < 2


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
def test_a_broken_file_is_left_out_and_named_or_refused(classes, spoil, said):
    Image.fromarray(NOISE).save(classes / "cat" / "12.png")
    spoil(classes / "cat" / "12.png")
    data = load("folder", data_dir=classes)
    assert len(data) == 17 and 12 not in data.examples[:, 0, 0, 0]
    np.testing.assert_array_equal(data.labels, data.examples[:, 0, 0, 0] < 10)
    left_out = "1 files left out: 1 broken (cat/12.png)."
    assert said[0] == f"{classes}: 17 images taken for train, 2 classes; {left_out}"
    with pytest.raises(DataError, match=r"cat/12\.png is broken .*`strict=False`"):
        load("folder", data_dir=classes, strict=True)


def test_a_truncated_jpeg_is_broken(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for name in "ab":
        Image.fromarray(noise).save(tmp_path / f"{name}.jpg")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "b.jpg").read_bytes()[:2000])
    for name in "cd":
        write(tmp_path / f"{name}.jpg", 9, (64, 64))
    with pytest.raises(DataError, match=r"b\.jpg is broken"):
        load("folder", data_dir=tmp_path, strict=True)


def test_folders_without_images_are_refused(tmp_path):
    with pytest.raises(DataError, match="There is no folder"):
        load("folder", data_dir=tmp_path / "absent")
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(DataError, match="There is no image file under"):
        load("folder", data_dir=tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"broken")
    with pytest.raises(DataError, match=r"All 2 image files are broken, .*[ab]\.png among them"):
        load("folder", data_dir=tmp_path)
    with pytest.raises(InputError, match="split must be"):
        load("folder", data_dir=tmp_path, split="validation")
    with pytest.raises(InputError, match=r"`image_size` must be positive\. Received: 0"):
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
