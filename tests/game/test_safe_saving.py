"""Files of a game: whole or not at all, of finite weights or not at all, on a full disk too."""

import contextlib

import keras
import numpy as np
import pytest
from keras import layers

import kgan


def gan(units=8):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(units, "relu"), layers.Dense(2)])
    return kgan.GAN(generator, keras.Sequential([keras.Input((2,)), layers.Dense(1)]))


WAYS = {
    "a.keras": lambda model, path: model.save(path),
    "b.keras": lambda model, path: model.save(str(path), overwrite=True),
    "c.weights.h5": lambda model, path: model.save_weights(path),
    "d.keras": lambda model, path: keras.saving.save_model(model, path),
    "e.weights.json": lambda model, path: model.save_weights(path, max_shard_size=1),
}


@pytest.mark.parametrize("name", WAYS)
def test_every_way_of_saving_refuses_weights_that_are_not_finite(name, tmp_path):
    model, path = gan(), tmp_path / name
    WAYS[name](model, path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert name in before
    kernel = model.generator.layers[0].kernel
    kernel.assign(np.full(kernel.shape, np.nan))
    with pytest.raises(kgan.NonFiniteLossError, match=r"finite weights to be saved\..*kernel"):
        WAYS[name](model, path)
    after = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    if not name.startswith("d"):  # Keras alone has opened the file by then.
        assert after == before


@pytest.mark.parametrize("name", ["a.keras", "c.weights.h5"])
def test_a_full_disk_leaves_the_file_that_was_there(name, small_disk):
    path = small_disk / name
    WAYS[name](gan(), path)
    before = path.read_bytes()
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 1024)
    with pytest.raises(kgan.KganError, match=f"{name} cannot be written: .*What was there is left"):
        WAYS[name](gan(units=30_000), path)
    assert path.read_bytes() == before
    assert sorted(file.name for file in small_disk.iterdir()) == [name, "filler"]


def test_what_keras_asks_and_writes_otherwise_stays_so(tmp_path, monkeypatch):
    model, path = gan(), tmp_path / "a.keras"
    model.save(path)
    before = path.read_bytes()
    monkeypatch.setattr("builtins.input", lambda _: "n")
    gan(units=9).save(path, overwrite=False)
    assert path.read_bytes() == before
    model.save(tmp_path / "folder", zipped=False)
    loaded = keras.models.load_model(tmp_path / "folder")
    np.testing.assert_array_equal(loaded.sample(3, seed=0), model.sample(3, seed=0))
    for save in (model.save, model.save_weights):
        with pytest.raises(ValueError, match=r"must end in|extension"):
            save(tmp_path / "a.txt")
        with pytest.raises(kgan.InputError, match="`filepath` must be a path of this machine"):
            save(
                "gs://bucket/a.weights.h5" if save == model.save_weights else "gs://bucket/a.keras"
            )
