"""Weights in fewer bits: fewer bytes, and the same numbers in every file."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan.errors import InputError
from kgan.serving import rounding
from kgan.zoo import storing


def wide_model(**options):
    keras.utils.set_random_seed(0)
    generator = kgan.GeneratorBank(kgan.networks.mlp(4, [64, 64], 2), 2)
    return kgan.MGAN(generator, kgan.networks.mlp(2, [64, 64], 3), **options)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """`(model, folder)`, with both files of it as each type."""
    folder, model = tmp_path_factory.mktemp("stored"), wide_model(ema_decay=0.9)
    for name in rounding.STORED_AS:
        rounded = wide_model(ema_decay=0.9)
        rounding.round_weights(rounded, name)
        storing.store_model(rounded, folder / f"{name}.keras")
        loaded = keras.models.load_model(folder / f"{name}.keras")
        storing.store_saved_model(loaded, folder / name, name)
    return model, folder


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("variables.data*"))


@pytest.mark.parametrize("name", ["float16", "int8"])
def test_large_weights_are_rounded_and_no_others(stored, name):
    model, folder = stored
    whole, rounded = (keras.models.load_model(folder / f"{n}.keras") for n in ("float32", name))
    seen = set()
    for a, b, c in zip(model.variables, whole.variables, rounded.variables, strict=True):
        wanted, how = a.numpy(), rounding.kind(a, name)
        np.testing.assert_array_equal(b, wanted)
        assert c.dtype == a.dtype
        large = a.dtype == "float32" and wanted.size >= rounding.LEAST
        assert (how == "float32") is not large
        seen.add(how)
        if how == "float16":
            wanted = wanted.astype(np.float16)
        elif how == "int8":
            # The largest number of a column is 64 to 127 steps.
            step = np.abs(wanted).max(axis=-2, keepdims=True) / 63.5
            assert (np.abs(c - wanted) <= step / 2).all() and np.any(c != wanted)
            wanted = c
        np.testing.assert_array_equal(c, wanted)
    assert seen == {"float32", name}


def test_columns_are_whole_numbers_times_powers_of_two():
    values = np.array([[0.0, 127, -1, 1e-30], [0, -130, 0.4, 0]]).repeat(40, 0)
    whole, scale = rounding.in_columns(values)
    assert (whole.dtype, scale.dtype, scale.shape) == ("int8", "float16", (1, 4))
    np.testing.assert_array_equal(whole[[0, -1]], [[0, 64, -64, 0], [0, -65, 26, 0]])
    np.testing.assert_array_equal(scale[0, 1:3], [2, 2**-6])
    again = rounding.in_columns(whole * scale.astype(np.float32))
    np.testing.assert_array_equal(again[0] * again[1].astype(float), whole * scale.astype(float))


@pytest.mark.parametrize("name", ["float16", "int8"])
def test_both_files_compute_the_same(stored, name):
    _, folder = stored
    model = keras.models.load_model(folder / f"{name}.keras")
    served = tf.saved_model.load(str(folder / name))
    seeds, draw = tf.constant([[3, 0], [4, 0]]), served.signatures["sample_with_options"]
    found = draw(seeds=seeds, generator=tf.constant([1, 0]))["samples"]
    alone = [model.sample(1, seed=3, generator=1)[0], model.sample(1, seed=4, generator=0)[0]]
    np.testing.assert_allclose(found, alone, rtol=1e-5)
    said = served.signatures["discriminate"](samples=found)
    for key, value in model.discriminate(found).items():
        np.testing.assert_allclose(said[key], value, rtol=1e-4, err_msg=key)


def test_fewer_bits_are_fewer_bytes_and_each_weight_is_there_once(stored):
    model, folder = stored
    used = [v for v in model.variables if "optimizer" not in v.path]
    whole = 4 * sum(int(np.prod(v.shape)) for v in used)
    assert size(folder / "float32") < 1.05 * whole
    assert size(folder / "float16") < 0.6 * size(folder / "float32")
    assert size(folder / "int8") < 0.75 * size(folder / "float16")
    files = [(folder / f"{name}.keras").stat().st_size for name in ("int8", "float16", "float32")]
    assert files[0] < 0.8 * files[1] < 0.6 * files[2]


def test_the_same_weights_give_the_same_bytes(stored, tmp_path):
    _, folder = stored
    for name in rounding.STORED_AS:
        found = []
        for times in range(2):  # Rounded once more, nothing changes.
            model = keras.models.load_model(folder / f"{name}.keras")
            rounding.round_weights(model, name if times else "float32")
            storing.store_model(model, tmp_path / "again.keras")
            found.append((tmp_path / "again.keras").read_bytes())
        assert found[0] == found[1]


@pytest.mark.parametrize("name", ["float16", "int8"])
def test_what_float16_cannot_hold_is_refused(name, tmp_path):
    model = wide_model()
    large = max(model.trainable_variables, key=lambda v: np.prod(v.shape))
    large.assign(large + 1e5)
    with pytest.raises(InputError, match=rf"{name} cannot hold the weights .*\. Received: values"):
        rounding.round_weights(model, name)
    with pytest.raises(InputError, match=rf"{name} cannot hold the weights"):
        storing.store_saved_model(model, tmp_path / "1", name)
    assert not (tmp_path / "1").exists()
    with pytest.raises(InputError, match=r"stored_as must be one of .* Received: 'int4'"):
        storing.store_saved_model(model, "nowhere", "int4")
