"""Names, the order in which they are looked up, and what is refused."""

import struct
import time

import numpy as np
import pytest
from absl import logging

from kgan.data import load, lookup, names, ring, tfds
from kgan.errors import DataError, InputError


def write_idx(folder, value, count=3, side=28):
    """Writes a training set of equal images in IDX files."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.full((count, side, side), value, np.uint8)
    header = struct.pack(">HBBIII", 0, 8, 3, *images.shape)
    (folder / "train-images-idx3-ubyte").write_bytes(header + images.tobytes())
    labels = struct.pack(">HBBI", 0, 8, 1, count) + bytes(count)
    (folder / "train-labels-idx1-ubyte").write_bytes(labels)
    return folder


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine with neither data nor network: what its places would be called."""
    places = {"tfds": tmp_path / "tfds", "system": tmp_path / "system"}
    monkeypatch.setenv("TFDS_DATA_DIR", str(places["tfds"]))
    monkeypatch.setattr(lookup, "SYSTEM_COPIES", {"fashion_mnist": places["system"]})
    monkeypatch.setattr(tfds, "can_download", lambda: False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return places


def test_what_keras_has_kept_is_found(bare, tmp_path):
    kept = tmp_path / "keras" / "datasets"
    write_idx(kept / "fashion-mnist", 5)
    pixels, digits = np.full((4, 28, 28), 6, np.uint8), np.array([3, 7, 3, 7])
    np.savez(kept / "mnist.npz", x_train=pixels, y_train=digits, x_test=pixels, y_test=digits)
    assert (load("fashion_mnist").examples == 5).all()
    mnist = load("mnist")
    assert (mnist.examples == 6).all() and str(kept) in mnist.source
    # Digits keep their numbers, though not all occur.
    assert mnist.labels.tolist() == [3, 7, 3, 7] and mnist.num_classes == 10
    write_idx(bare["system"], 4)
    assert (load("fashion_mnist").examples == 4).all()


def test_mixtures_are_drawn():
    train, test = load("ring"), load("ring", split="test")
    assert train.examples.shape == (100_000, 2) and train.examples.dtype == np.float32
    assert not np.array_equal(train.examples, test.examples)
    np.testing.assert_array_equal(load("ring").examples, train.examples)
    np.testing.assert_array_equal(train.mixture.means, ring().means)
    nearest = np.argmin(
        np.linalg.norm(train.examples[:, None] - train.mixture.means, axis=2), axis=1
    )
    assert (nearest == train.labels).mean() > 0.999
    assert train.num_classes == 8 and not train.is_images
    assert not np.array_equal(train.mixture.sample(100_000, seed=0)[0], train.examples)


def test_mixtures_take_their_parameters():
    data = load("grid", rows=2, spacing=8, variance=0.01, weights=[0.7, 0.1, 0.1, 0.1], points=5000)
    assert len(data) == 5000
    np.testing.assert_allclose(np.bincount(data.labels) / 5000, [0.7, 0.1, 0.1, 0.1], atol=0.03)
    data = load("mixture", means=[[0, 0], [5, 5]], std=[0.1, 0.2], points=10)
    np.testing.assert_array_equal(data.mixture.std, [0.1, 0.2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "ring", "rows": 3}, "no parameter rows: it takes modes, radius, std, variance"),
        ({"name": "ring", "points": 0}, "points must be positive, received 0"),
        ({"name": "ring", "split": "dev"}, "split must be one of train, test, received 'dev'"),
        ({"name": "ring", "data_dir": "/data"}, "takes no data_dir"),
        ({"name": "grid", "image_size": 32}, "takes no data_dir or image_size"),
        ({"name": "mixture", "std": 1}, "needs its means"),
        ({"name": "ring", "std": 1, "variance": 1}, "exactly one"),
        ({"name": "mnist", "modes": 3}, "'mnist' takes no parameters, received modes"),
        ({"name": "ring", "value_range": (1, 0)}, "value_range"),
        ({"name": "folder"}, "'folder' needs data_dir"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        load(**arguments)


def test_the_users_place_comes_first(bare, tmp_path):
    write_idx(bare["system"], 4)
    own = write_idx(tmp_path / "own", 2)
    assert (load("fashion_mnist").examples == 4).all()
    data = load("fashion_mnist", data_dir=str(own), value_range=(-1, 1))
    assert (data.examples == 2).all() and str(own) in data.source
    assert data.value_range == (-1, 1) and data.class_names[0] == "T-shirt/top"
    np.savez(tmp_path / "own.npz", x_train=np.full((4, 28, 28), 3, np.uint8))
    data = load("fashion_mnist", data_dir=tmp_path / "own.npz", image_size=32)
    assert (data.examples == 3).all() and data.examples.shape == (4, 32, 32, 1)


def test_tfdss_directory_comes_before_the_systems_copy(bare, monkeypatch):
    write_idx(bare["system"], 4)
    folder = bare["tfds"] / "fashion_mnist" / "3.0.1"
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").touch()
    opened = []
    monkeypatch.setattr(tfds, "open_prepared", opened.append)
    monkeypatch.setattr(tfds, "read", lambda *_, **__: load("ring", points=1))
    load("fashion_mnist")
    assert opened == [folder]


def test_the_log_says_which_source_was_taken(bare, monkeypatch):
    lines = []
    monkeypatch.setattr(logging, "info", lambda text, *values: lines.append(text % values))
    write_idx(bare["system"], 4)
    load("fashion_mnist")
    assert lines == [f"fashion_mnist (train): 3 examples from IDX files in {bare['system']}"]


def test_without_data_and_network_the_error_is_quick_and_says_what_to_do(bare, tmp_path):
    started = time.monotonic()
    with pytest.raises(DataError) as caught:
        load("fashion_mnist")
    message = str(caught.value)
    for part in ("fashion_mnist", str(bare["tfds"]), str(bare["system"]), "dataset-fashion-mnist"):
        assert part in message
    assert "storage.googleapis.com cannot be reached" in message and "data_dir" in message
    with pytest.raises(DataError, match="'oxford_flowers102' is not on this machine"):
        load("oxford_flowers102", image_size=64)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=f"looked in TFDS's directory {tmp_path}/empty"):
        load("cifar10", data_dir=tmp_path / "empty")
    assert time.monotonic() - started < 5


def test_a_silent_network_is_an_error_within_5_seconds(bare, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("TFDS_DATA_DIR", str(bare["tfds"]))

    def hang(*_):
        time.sleep(6)
        raise OSError

    monkeypatch.setattr("socket.create_connection", hang)
    started = time.monotonic()
    with pytest.raises(DataError, match="cannot be reached"):
        load("cifar100")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("fashion-mnist", "Did you mean fashion_mnist"),
        ("cifar11", "Did you mean cifar10"),
        ("gird", "grid"),
        ("no such thing", "Known are ring, grid, embedded_grid, mixture, fashion_mnist"),
        ("../etc", "Known are ring"),
        ("", "Known are ring"),
    ],
)
def test_an_unknown_name_is_refused_with_close_ones(bare, name, hint):
    with pytest.raises(InputError, match=f"There is no data set '{name}'") as caught:
        load(name)
    assert hint in str(caught.value)


def test_another_set_than_the_named_one_is_refused(bare, tmp_path):
    own = write_idx(tmp_path / "own", 2)
    with pytest.raises(DataError, match=r"cannot be 'cifar10'.*\(28, 28, 1\), not \(32, 32, 3\)"):
        load("cifar10", data_dir=own)
    # A path that does not exist is never made good from elsewhere.
    write_idx(bare["system"], 4)
    with pytest.raises(DataError, match="There is no data_dir"):
        load("fashion_mnist", data_dir=tmp_path / "absent")


def test_names():
    assert set(names()) >= {"ring", "grid", "fashion_mnist", "cifar10", "stl10", "npz", "folder"}
