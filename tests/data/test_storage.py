"""Images in memory and in the cache."""

import numpy as np
import pytest

from kgan.data import storage
from kgan.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 2, 3, 1), dtype=np.uint8)
LABELS = np.arange(10)


def pieces(images=IMAGES, labels=LABELS):
    for first in range(0, len(images), 4):
        part = slice(first, first + 4)
        yield images[part], None if labels is None else labels[part]


def stored(batches, key="a set", count=10):
    return storage.store(batches, count=count, shape=(2, 3, 1), key=key)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A fresh cache, used for images of any size."""
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(storage, "MEMORY_LIMIT", 0)
    return tmp_path / "cache"


def test_small_sets_stay_in_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))
    images, labels = stored(pieces(), count=12)
    assert not isinstance(images, np.memmap) and not (tmp_path / "cache").exists()
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, LABELS)


def test_large_sets_are_mapped_and_read_once(cache):
    images, labels = stored(pieces())
    assert isinstance(images, np.memmap) and not images.flags.writeable
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, LABELS)
    again, _ = stored(iter(()))  # Not read: nothing would be there.
    np.testing.assert_array_equal(again, IMAGES)
    assert stored(pieces(labels=None), key="no labels")[1] is None
    other, _ = stored(pieces(IMAGES[::-1]), key="another set")
    np.testing.assert_array_equal(other, IMAGES[::-1])


def test_an_interruption_leaves_nothing(cache):
    def interrupted():
        yield IMAGES[:4], LABELS[:4]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stored(interrupted())
    assert list((cache / "images").iterdir()) == []
    np.testing.assert_array_equal(stored(pieces())[0], IMAGES)


def test_two_processes_may_write_the_same_set(cache):
    def overtaken():
        stored(pieces())
        yield from pieces()

    np.testing.assert_array_equal(stored(overtaken())[0], IMAGES)
    assert len(list((cache / "images").iterdir())) == 1


def test_a_cache_that_cannot_be_written_or_read_is_named(cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"cannot be written .*KGAN_CACHE"):
        stored(pieces())
    cache.unlink()
    stored(pieces())
    (file,) = cache.glob("images/*/images.uint8")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"is broken .*delete that folder"):
        stored(pieces())


def test_no_image_is_an_error(cache, monkeypatch):
    with pytest.raises(DataError, match="no readable image"):
        stored(iter(()))
    monkeypatch.setattr(storage, "MEMORY_LIMIT", 10**6)
    with pytest.raises(DataError, match="no readable image"):
        stored(iter(()))


def test_the_cache_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "own"))
    assert storage.cache_folder() == tmp_path / "own"
    monkeypatch.delenv("KGAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert storage.cache_folder() == tmp_path / "kgan"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert storage.cache_folder() == tmp_path / ".cache" / "kgan"
