"""Weights in half precision: half the bytes, and the same numbers in every file."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan.errors import InputError
from kgan.zoo import storing


def wide_model(**options):
    keras.utils.set_random_seed(0)
    generator = kgan.GeneratorBank(kgan.networks.mlp(4, [64, 64], 2), 2)
    return kgan.MGAN(generator, kgan.networks.mlp(2, [64, 64], 3), **options)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """`(model, folder)`, with both files of it whole and of half precision."""
    folder, model = tmp_path_factory.mktemp("stored"), wide_model(ema_decay=0.9)
    for half in (False, True):
        storing.store_model(model, folder / f"{half}.keras", half=half)
        rounded = keras.models.load_model(folder / f"{half}.keras")
        storing.store_saved_model(rounded, folder / str(half), half=half)
    return model, folder


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("variables.data*"))


def test_large_weights_are_rounded_and_no_others(stored):
    model, folder = stored
    whole, rounded = (keras.models.load_model(folder / f"{half}.keras") for half in (False, True))
    seen = set()
    for a, b, c in zip(model.variables, whole.variables, rounded.variables, strict=True):
        wanted = a.numpy()
        np.testing.assert_array_equal(b, wanted)
        assert c.dtype == a.dtype
        large = a.dtype == "float32" and wanted.size >= storing.LEAST
        seen.add(large)
        np.testing.assert_array_equal(c, wanted.astype(np.float16) if large else wanted)
    assert seen == {True, False}


def test_both_files_compute_the_same(stored):
    _, folder = stored
    model = keras.models.load_model(folder / "True.keras")
    served = tf.saved_model.load(str(folder / "True"))
    seeds, draw = tf.constant([[3, 0], [4, 0]]), served.signatures["sample_with_options"]
    found = draw(seeds=seeds, generator=tf.constant([1, 0]))["samples"]
    alone = [model.sample(1, seed=3, generator=1)[0], model.sample(1, seed=4, generator=0)[0]]
    np.testing.assert_allclose(found, alone, rtol=1e-5)
    said = served.signatures["discriminate"](samples=found)
    for key, value in model.discriminate(found).items():
        np.testing.assert_allclose(said[key], value, rtol=1e-4, err_msg=key)


def test_half_is_nearly_half_the_size_and_each_weight_is_there_once(stored):
    model, folder = stored
    used = [v for v in model.variables if "optimizer" not in v.path]
    whole = 4 * sum(int(np.prod(v.shape)) for v in used)
    assert size(folder / "False") < 1.05 * whole
    assert size(folder / "True") < 0.6 * size(folder / "False")
    files = [(folder / f"{half}.keras").stat().st_size for half in (True, False)]
    assert files[0] < 0.8 * files[1]


def test_the_same_weights_give_the_same_bytes(stored, tmp_path):
    _, folder = stored
    for half in (False, True):
        found = []
        for path in (tmp_path / "one.keras", tmp_path / "two.keras"):
            model = keras.models.load_model(folder / f"{half}.keras")
            storing.store_model(model, path, half=half)
            found.append(path.read_bytes())
        assert found[0] == found[1]


def test_what_float16_cannot_hold_is_refused(tmp_path):
    model = wide_model()
    large = max(model.trainable_variables, key=lambda v: np.prod(v.shape))
    large.assign(large + 1e5)
    with pytest.raises(InputError, match=r"float16 cannot hold the weights .*\. Received: values"):
        storing.store_model(model, tmp_path / "model.keras", half=True)
