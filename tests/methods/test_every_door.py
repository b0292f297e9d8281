"""What no method takes, by whatever door: it is refused, and no weight has changed."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_methods import examples, tiny, tiny_of_images

import kgan
from kgan.methods import registry

ROWS = 8


def compiled(model):
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    return model


def broken(x):
    """The examples with one number that is none."""
    x = x.copy()
    x.flat[5] = np.nan
    return x


def batches(x, rows=ROWS):
    return tf.data.Dataset.from_tensor_slices(x).batch(rows)


def doors(model):
    """Calls that take examples; those of one batch first, for an epoch begins with a look."""
    yield model.train_on_batch
    yield model.test_on_batch
    for run in (model.fit, model.evaluate):
        yield lambda x, run=run: run(x, batch_size=ROWS, verbose=0)
        yield lambda x, run=run: run(batches(x), verbose=0)


def assert_refused(model, wrong):
    """Examples by what a message says of them, at each door."""
    before = model.get_weights()
    for message, x in wrong.items():
        for enter in doors(model):
            with pytest.raises(kgan.InputError, match=message):
                enter(x)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", registry.methods())
def test_what_every_method_refuses(name):
    model = compiled(tiny(name))
    x = examples(model, ROWS)
    wrong = {
        "must be finite": broken(x),
        "must have the shape of the generator's samples": x[..., :1] if x.ndim == 2 else x[:, 1:],
        "must be floats": (9 * x).astype("int32"),
    }
    assert_refused(model, wrong)
    # After a good batch it is no other: weights that a bad one has spoiled are of no use.
    model.train_on_batch(x)
    assert model.steps_taken == 1
    assert_refused(model, wrong)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", registry.methods())
def test_fewer_rows_than_a_step_needs(name):
    model = compiled(tiny(name))
    moves = max(map(model.moves, model.players))
    few = model.expected(moves).rows - 1
    x = examples(model, ROWS)[:few]
    before = model.get_weights()
    enter = [lambda: model.fit(x, verbose=0), lambda: model.train_on_batch(x)]
    if few:
        enter.append(lambda: model.fit(batches(x), verbose=0))
    for call in enter:
        with pytest.raises(kgan.InputError, match=rf"at least {few + 1} examples.*Received: {few}"):
            call()
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", registry.methods())
def test_images_of_another_range(name):
    model = compiled(tiny_of_images(name))
    low, high = model.value_range
    unit = (examples(model, ROWS) - low) / (high - low)
    other = unit if low < 0 else 2 * unit - 1
    wrong = {r"value_range=\(0, 255\)": 255 * unit, "must be floats": np.uint8(255 * unit)}
    if low >= 0:  # The other way round half of a range might be meant: a warning.
        wrong[r"value_range=\(-1, 1\)"] = other
    else:
        with pytest.warns(UserWarning, match=r"if theirs is another"):
            model.evaluate(other, batch_size=ROWS, verbose=0)
    assert_refused(model, wrong)
    model.evaluate(examples(model, ROWS), batch_size=ROWS, verbose=0)
