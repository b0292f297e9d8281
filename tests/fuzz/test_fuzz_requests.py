"""Requests as any client may send them: refused as the client's error, or answered row by row."""

from __future__ import annotations

import fuzzing
import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

import kgan
from kgan.serving import MAX_SAMPLES, export

EXTREMES = {
    np.dtype("float32"): [0.0, -1.0, 1e-30, 1e30, -3e38, np.inf, -np.inf, np.nan],
    np.dtype("int32"): [0, 1, -1, 2, 3, 2**31 - 1, -(2**31)],
    np.dtype("int64"): [0, 1, -1, 7, 2**31, 2**63 - 1, -(2**63)],
}


def _network(inputs, outputs, *last):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs), *last])


@pytest.fixture(scope="module")
def signatures(tmp_path_factory):
    """By model and name: functions of a served GAN of images, a mixture, and an InvertGAN."""
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("served")
    image = keras.layers.Reshape((4, 4, 1)), keras.layers.Activation("sigmoid")
    judge = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    models = {
        "images": kgan.GAN(_network(3, 16, *image), judge),
        "mixture": kgan.MGAN(kgan.GeneratorBank(_network(3, 2), 3), _network(2, 4)),
        "inverse": kgan.InvertGAN(
            _network(3, 2), inverse=_network(2, 3), discriminator=_network(2, 1)
        ),
    }
    found = {}
    for name, model in models.items():
        export(model, folder / name)
        loaded = tf.saved_model.load(str(folder / name))
        found |= {(name, key): (loaded, function) for key, function in loaded.signatures.items()}
    return found


@st.composite
def _array(draw, spec, rows):
    """A request's array: of the input's type, of nearly any shape and value."""
    shape = [int(size or 0) for size in spec.shape]
    shape[0] = rows + (draw(st.integers(0, 9), label="more rows") == 0)
    for axis in range(1, len(shape)):
        shape[axis] = max(shape[axis] + draw(st.sampled_from([0, 0, 0, 0, -1, 1])), 0)
    if draw(st.integers(0, 9), label="rank") == 0:
        shape = draw(st.sampled_from([shape[:1], [*shape, 1], []]))
    dtype = np.dtype(spec.dtype.as_numpy_dtype)
    values = draw(st.lists(st.sampled_from(EXTREMES[dtype]), min_size=1, max_size=4))
    return np.resize(np.array(values, dtype), shape)


@fuzzing.inputs(250)
@hypothesis.given(st.data())
def test_a_request(signatures, drawn):
    key = drawn.draw(st.sampled_from(sorted(signatures)))
    _, function = signatures[key]
    specs = function.structured_input_signature[1]
    rows = drawn.draw(st.sampled_from([0, 1, 2, 5, 5, 5, MAX_SAMPLES + 1]), label="rows")
    given = {name: drawn.draw(_array(spec, rows), label=name) for name, spec in specs.items()}
    told = {k: (v.dtype.name, v.shape) for k, v in given.items()}
    try:
        answer = function(**{name: tf.constant(value) for name, value in given.items()})
    except tf.errors.InvalidArgumentError:  # What a server answers as the client's error.
        fuzzing.COUNTS["refused"] += 1
        return
    except (TypeError, ValueError) as error:  # TensorFlow's, of a shape that is not the input's.
        assert any(name in str(error) for name in specs), told
        fuzzing.COUNTS["refused"] += 1
        return
    (rows,) = {len(value) for value in given.values()}
    assert all(np.isfinite(array).all() for array in given.values()), told
    for name, value in answer.items():
        assert value.shape[0] == rows, (name, told)
        if value.dtype.is_floating and "latents" not in given and "samples" not in given:
            assert np.isfinite(value).all(), (name, told)
    fuzzing.COUNTS["accepted"] += 1


def test_no_row_depends_on_the_others(signatures):
    """Any rows in any company: what one of them gets is what it gets alone."""
    rng = np.random.default_rng(0)
    for key, (_, function) in sorted(signatures.items()):
        specs = function.structured_input_signature[1]
        given = {
            name: tf.constant(rng.integers(0, 3, (7, *spec.shape[1:])), spec.dtype)
            for name, spec in specs.items()
        }
        whole = function(**given)
        alone = function(**{name: value[4:5] for name, value in given.items()})
        for name, value in whole.items():
            if value.dtype.is_floating:
                np.testing.assert_allclose(value[4], alone[name][0], rtol=1e-5, err_msg=str(key))
            else:
                np.testing.assert_array_equal(value[4], alone[name][0], err_msg=str(key))
