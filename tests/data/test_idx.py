"""IDX files, sound and broken, and the real Fashion-MNIST."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from kgan.data import load, read_idx
from kgan.data.idx import load_idx
from kgan.data.lookup import SYSTEM_COPIES
from kgan.errors import DataError, InputError


def idx_bytes(array, code=0x08):
    header = struct.pack(">HBB", 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def write_set(folder: Path, count=12, zipped=True):
    """Writes the four files of an MNIST-like set, and returns the training images."""
    rng = np.random.default_rng(0)
    for prefix in ("train", "t10k"):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        for kind, array in (
            ("images-idx3", images),
            ("labels-idx1", np.arange(count, dtype=np.uint8) % 10),
        ):
            content = idx_bytes(array)
            name = f"{prefix}-{kind}-ubyte"
            if zipped:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
    return images


def test_reads_every_type_and_rank(tmp_path):
    floats = np.array([[1.5, -2], [3, 4]], ">f4")
    (tmp_path / "floats").write_bytes(idx_bytes(floats, 0x0D))
    read = read_idx(tmp_path / "floats")
    np.testing.assert_array_equal(read, floats)
    assert read.dtype == np.float32 and read.dtype.isnative
    shorts = np.arange(-3, 3, dtype=">i2")
    (tmp_path / "shorts.gz").write_bytes(gzip.compress(idx_bytes(shorts, 0x0B)))
    np.testing.assert_array_equal(read_idx(tmp_path / "shorts.gz"), shorts)


@pytest.mark.parametrize("zipped", [True, False])
def test_loads_a_folder(tmp_path, zipped):
    images = write_set(tmp_path, zipped=zipped)
    data = load_idx("mnist", tmp_path, "test")
    np.testing.assert_array_equal(data.examples[..., 0], images)
    np.testing.assert_array_equal(data.labels, np.arange(12) % 10)
    assert data.examples.shape == (12, 28, 28, 1) and str(tmp_path) in data.source


def test_of_0_and_1_one_is_white(tmp_path):
    write_set(tmp_path, zipped=False)
    binary = np.arange(12 * 28 * 28, dtype=np.uint8).reshape(12, 28, 28) % 2
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_bytes(binary))
    data = load_idx("mnist", tmp_path, "train")
    np.testing.assert_array_equal(data.examples[..., 0], 255 * binary)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: b"PNG!" + content[4:], "not an IDX file: it begins with 50 4e 47 21"),
        (lambda content: content[:-5], r"9,403 bytes of data, but its header says 9,408"),
        (lambda content: content + b"x", r"9,409 bytes of data"),
        (lambda content: content[:7], "cut off within its header"),
        (lambda content: b"", "not an IDX file"),
    ],
)
def test_broken_content_is_named(tmp_path, damage, message):
    write_set(tmp_path, zipped=False)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=message) as caught:
        load("fashion_mnist", data_dir=tmp_path)
    assert str(path) in str(caught.value)
    zipped = tmp_path / "zipped.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match=message):
        read_idx(zipped)


def test_a_broken_gzip_is_named(tmp_path):
    write_set(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    sound = path.read_bytes()
    flipped = bytearray(sound)
    flipped[len(sound) // 2] ^= 0xFF
    for content in (sound[: len(sound) // 2], b"not a gzip file", bytes(flipped), sound[:-4]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read") as caught:
            load("fashion_mnist", data_dir=tmp_path)
        assert str(path) in str(caught.value)


def test_parts_that_do_not_match_are_refused(tmp_path):
    write_set(tmp_path, zipped=False)
    labels = tmp_path / "train-labels-idx1-ubyte"
    labels.write_bytes(idx_bytes(np.zeros(11, np.uint8)))
    with pytest.raises(DataError, match=r"must hold 12 uint8 labels"):
        load_idx("mnist", tmp_path, "train")
    labels.unlink()
    with pytest.raises(DataError, match="no labels of the train split"):
        load_idx("mnist", tmp_path, "train")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros(11, np.uint8)))
    labels.write_bytes(idx_bytes(np.zeros(11, np.uint8)))
    with pytest.raises(DataError, match="must hold uint8 images"):
        load_idx("mnist", tmp_path, "train")
    with pytest.raises(InputError, match="split"):
        load_idx("mnist", tmp_path, "validation")
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path / "absent")


@pytest.mark.real_data
@pytest.mark.parametrize(("split", "count"), [("train", 60_000), ("test", 10_000)])
def test_the_real_fashion_mnist(split, count, monkeypatch, tmp_path):
    folder = SYSTEM_COPIES["fashion_mnist"]
    if not folder.is_dir():
        pytest.skip(f"{folder} is missing: apt-get install dataset-fashion-mnist")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    data = load("fashion_mnist", split=split)
    assert data.examples.shape == (count, 28, 28, 1) and data.examples.dtype == np.uint8
    np.testing.assert_array_equal(np.bincount(data.labels), [count // 10] * 10)
    assert str(folder) in data.source and data.num_classes == 10
    # The set's known mean and deviation, which its users normalise with.
    if split == "train":
        assert round(float(data.examples.mean()) / 255, 4) == 0.2860
        assert round(float(data.examples.std()) / 255, 4) == 0.3530
        # Ankle boots fill the picture's foot, trousers do not.
        assert data.class_names[9] == "Ankle boot"
        assert data.examples[data.labels == 9].mean() > data.examples[data.labels == 1].mean()
