"""Sets that TensorFlow Datasets prepared, read without a network."""

import socket
import sys
import threading
import time

import numpy as np
import pytest
import tensorflow_datasets

from kgan.data import load, storage, tfds
from kgan.errors import DataError, InputError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 12, 12, 3), dtype=np.uint8)


class TinyImages(tensorflow_datasets.core.GeneratorBasedBuilder):
    """Thirty images of three classes, the first twenty of them as the test split too."""

    VERSION = tensorflow_datasets.core.Version("1.2.3")
    SPLITS = ("train", "test")

    def _info(self):
        features = tensorflow_datasets.features
        return tensorflow_datasets.core.DatasetInfo(
            builder=self,
            features=features.FeaturesDict(
                {
                    "image": features.Image(shape=(12, 12, 3)),
                    "label": features.ClassLabel(names=["a", "b", "c"]),
                    "id": features.Text(),
                }
            ),
        )

    def _split_generators(self, dl_manager):
        return {
            split: self._generate_examples(30 if split == "train" else 20) for split in self.SPLITS
        }

    def _generate_examples(self, count):
        for i in range(count):
            yield i, {"image": IMAGES[i], "label": i % 3, "id": str(i)}


class TrainOnly(TinyImages):
    """A set without a test split."""

    SPLITS = ("train",)


class Validated(TinyImages):
    """A set with a validation split instead of a test split."""

    SPLITS = ("train", "validation")


class Faces(tensorflow_datasets.core.GeneratorBasedBuilder):
    """Images of many sizes with attributes."""

    VERSION = tensorflow_datasets.core.Version("1.0.0")

    def _info(self):
        features = tensorflow_datasets.features
        attributes = features.FeaturesDict({"young": np.bool_, "bald": np.bool_})
        return tensorflow_datasets.core.DatasetInfo(
            builder=self,
            features=features.FeaturesDict({"image": features.Image(), "attributes": attributes}),
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(), "test": self._generate_examples()}

    def _generate_examples(self):
        for i in range(4):
            image = np.full((200 + i, 180, 3), 10 * i, np.uint8)
            yield i, {"image": image, "attributes": {"young": i > 1, "bald": i == 0}}


class Unlabelled(TinyImages):
    """Like STL-10: some examples have the label -1."""

    SPLITS = ("train", "unlabelled", "test")

    def _generate_examples(self, count):
        for i in range(count):
            yield i, {"image": IMAGES[i], "label": i % 3 if count == 30 else -1, "id": str(i)}


class Texts(TinyImages):
    """No images."""

    def _info(self):
        text = tensorflow_datasets.features.Text()
        return tensorflow_datasets.core.DatasetInfo(
            builder=self,
            features=tensorflow_datasets.features.FeaturesDict({"text": text, "id": text}),
        )

    def _generate_examples(self, count):
        for i in range(count):
            yield i, {"text": "a", "id": str(i)}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A TFDS directory with the sets above, two of them under names that kgan knows, too."""
    folder = tmp_path_factory.mktemp("tfds")
    for builder in (TinyImages, TrainOnly, Validated, Faces, Unlabelled, Texts):
        builder(data_dir=folder).download_and_prepare()
    (folder / "celeb_a").symlink_to(folder / "faces")
    (folder / "stl10").symlink_to(folder / "unlabelled")
    return folder


def test_a_prepared_set_is_read_in_one_order(root):
    data = load("tiny_images", data_dir=root)
    assert data.examples.shape == (30, 12, 12, 3) and data.class_names == ("a", "b", "c")
    assert "tiny_images/1.2.3" in data.source and str(root) in data.source
    for image, label in zip(data.examples, data.labels, strict=True):
        (number,) = np.flatnonzero((image == IMAGES).all(axis=(1, 2, 3)))
        assert number % 3 == label
    assert len(load("tiny_images", data_dir=root, split="test")) == 20
    again = load("tiny_images", data_dir=root)
    np.testing.assert_array_equal(again.examples, data.examples)
    images, labels = next(iter(data.batches(10, labels=True)))
    assert images.shape == (10, 12, 12, 3) and labels.shape == (10,)


def test_the_default_directory_is_tfdss(root, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(root))
    assert tfds.data_root() == root
    assert len(load("tiny_images:1.2.3", split="train[:50%]")) == 15
    monkeypatch.delenv("TFDS_DATA_DIR")
    monkeypatch.setenv("HOME", "/home/someone")
    assert str(tfds.data_root()) == "/home/someone/tensorflow_datasets"


def test_splits_that_are_not_there(root):
    parts = [load("train_only", data_dir=root, split=split) for split in ("train", "test")]
    assert [len(part) for part in parts] == [27, 3]
    together = np.concatenate([part.examples for part in parts])
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(IMAGES, axis=0))
    assert len(load("validated", data_dir=root)) == 30
    assert len(load("validated", data_dir=root, split="test")) == 20
    with pytest.raises(InputError, match=r"no split 'dev': choose among .*train"):
        load("tiny_images", data_dir=root, split="dev")


def test_images_of_many_sizes_need_one(root):
    with pytest.raises(InputError, match="many sizes"):
        load("faces", data_dir=root)
    assert load("faces", data_dir=root, image_size=8).examples.shape == (4, 8, 8, 3)
    assert load("tiny_images", data_dir=root, image_size=6).example_shape == (6, 6, 3)


def test_celeb_a_has_its_size_and_attributes(root):
    data = load("celeb_a", data_dir=root)
    assert data.examples.shape == (4, 64, 64, 3)
    assert data.class_names == ("bald", "young") and data.num_classes == 2
    number = data.examples[:, 0, 0, 0] // 10
    np.testing.assert_array_equal(data.labels, np.stack([number == 0, number > 1], axis=1))


def test_stl10_trains_on_all_its_images(root):
    train = load("stl10", data_dir=root)
    assert len(train) == 50 and train.labels is None and train.class_names is None
    labelled = load("stl10", data_dir=root, split="labelled")
    assert len(labelled) == 30 and labelled.num_classes == 3


def test_a_set_without_images_is_refused(root):
    with pytest.raises(InputError, match=r"no set of 8-bit images .* features .*text"):
        load("texts", data_dir=root)


def test_large_sets_are_mapped(root, tmp_path, monkeypatch):
    expected = load("tiny_images", data_dir=root)
    monkeypatch.setattr(storage, "MEMORY_LIMIT", 100)
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path))
    for _ in range(2):
        mapped = load("tiny_images", data_dir=root)
        assert isinstance(mapped.examples, np.memmap)
        np.testing.assert_array_equal(mapped.examples, expected.examples)
        np.testing.assert_array_equal(mapped.labels, expected.labels)
    np.testing.assert_array_equal(
        next(iter(mapped.batches(7, start=5))), next(iter(expected.batches(7, start=5)))
    )


def test_broken_files_are_named(tmp_path):
    TinyImages(data_dir=tmp_path).download_and_prepare()
    folder = tmp_path / "tiny_images" / "1.2.3"
    (record,) = folder.glob("*train.tfrecord*")
    content = bytearray(record.read_bytes())
    content[len(content) // 2] ^= 0xFF
    record.write_bytes(content)
    with pytest.raises(DataError, match="are broken") as caught:
        load("tiny_images", data_dir=tmp_path)
    assert str(folder) in str(caught.value)
    (folder / "dataset_info.json").write_text("{")
    with pytest.raises(DataError, match="cannot open"):
        load("tiny_images", data_dir=tmp_path)


def test_the_newest_version_is_taken(tmp_path):
    for version in ("1.2.3", "1.10.0", "incomplete.X_2.0.0"):
        folder = tmp_path / "a_set" / version
        folder.mkdir(parents=True)
        (folder / "dataset_info.json").touch()
    (tmp_path / "a_set" / "9.0.0").mkdir()
    assert tfds.prepared_directory("a_set", tmp_path).name == "1.10.0"
    assert tfds.prepared_directory("a_set:1.2.3", tmp_path).name == "1.2.3"
    for name in ("a_set:3.0.0", "a_set/config", "other", "../a_set", ""):
        assert tfds.prepared_directory(name, tmp_path) is None


def test_a_download_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds, "can_download", lambda: True)
    with tensorflow_datasets.testing.mock_data(num_examples=12):
        data = load("cifar10", data_dir=tmp_path)
    assert data.examples.shape == (12, 32, 32, 3) and data.num_classes == 10
    assert "cifar10" in data.source


def test_a_download_that_fails_says_so(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise ConnectionError("the server went away")

    monkeypatch.setattr(tfds, "can_download", lambda: True)
    monkeypatch.setattr(
        tensorflow_datasets.core.GeneratorBasedBuilder, "download_and_prepare", fail
    )
    with pytest.raises(DataError, match=r"could not download .*the server went away"):
        load("cifar10", data_dir=tmp_path)


def test_without_tfds_the_error_says_what_to_install(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(DataError, match="pip install tensorflow-datasets"):
        load("tiny_images", data_dir=root)


def test_the_probe_sees_a_server_and_none(monkeypatch):
    monkeypatch.setattr(tfds.urllib.request, "getproxies", dict)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        monkeypatch.setattr(tfds, "DOWNLOAD_HOST", address)
        assert tfds.can_download()
        # Behind a proxy, the proxy is what must answer.
        monkeypatch.setattr(tfds, "DOWNLOAD_HOST", ("host.invalid", 443))
        assert not tfds.can_download()
        for proxy in (f"http://127.0.0.1:{address[1]}", f"127.0.0.1:{address[1]}"):
            monkeypatch.setattr(tfds.urllib.request, "getproxies", lambda p=proxy: {"https": p})
            assert tfds.can_download()
    assert not tfds.can_download()


def test_the_probe_does_not_wait_for_a_silent_network(monkeypatch):
    release = threading.Event()

    def hang(*_):
        release.wait(20)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", hang)
    started = time.monotonic()
    assert not tfds.can_download(timeout=0.2)
    assert time.monotonic() - started < 2
    release.set()
