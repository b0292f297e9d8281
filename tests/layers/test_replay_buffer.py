"""The replay buffer: first in, first out; its search; files; replicas; errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kgan import InputError
from kgan.layers import ReplayBuffer

RNG = np.random.default_rng(0)
CODES = np.float32(RNG.normal(size=(40, 3)))
UNITS = CODES / np.linalg.norm(CODES, axis=1, keepdims=True)


def nearest(codes, stored):
    """The oracle: the stored unit code of the largest cosine, one row after the other."""
    return np.array([stored[np.argmax([np.dot(c, s) for s in stored])] for c in np.float64(codes)])


@pytest.mark.parametrize("graph", [False, True])
def test_it_finds_the_nearest_of_the_last_codes(graph):
    buffer = ReplayBuffer(7, 3)

    def turn(codes):
        found = buffer.nearest(codes)
        buffer.push(codes)
        return found

    step = tf.function(turn) if graph else turn
    for start in range(0, 36, 4):
        batch = CODES[start : start + 4]
        found = step(tf.constant(batch)).numpy()
        if start == 0:
            np.testing.assert_array_equal(found, 0)
        else:  # Before its own codes are pushed.
            expected = nearest(batch, UNITS[max(start - 7, 0) : start])
            np.testing.assert_allclose(found, expected, atol=1e-6)
        stored = UNITS[max(start - 3, 0) : start + 4]
        places = np.arange(max(start - 3, 0), start + 4) % 7
        np.testing.assert_allclose(buffer.codes.numpy()[places], stored, atol=1e-6)
        assert int(buffer.pushed) == start + 4


def test_it_finds_the_nearest_by_distance():
    """Codes as they are; the buffer is full from the start, of codes from U[-1, 1]."""
    buffer = ReplayBuffer(50, 3, distance="euclidean")
    stored = buffer.codes.numpy()
    assert np.abs(stored).max() <= 1 and np.abs(stored).mean() == pytest.approx(0.5, abs=0.1)
    for start in (0, 10, 20):
        batch = CODES[start : start + 10]
        distances = ((stored[None] - batch[:, None]) ** 2).sum(axis=2)
        np.testing.assert_array_equal(buffer.nearest(batch), stored[distances.argmin(axis=1)])
        buffer.push(batch)
        stored[start : start + 10] = batch
        np.testing.assert_array_equal(buffer.codes.numpy(), stored)
    again = ReplayBuffer.from_config(buffer.get_config())
    assert again.distance == "euclidean"
    with pytest.raises(InputError, match=r"distance must be one of .* Received: 'angle'"):
        ReplayBuffer(5, 2, distance="angle")


def test_empty_places_are_never_found():
    buffer = ReplayBuffer(5, 2)
    buffer.push(np.float32([[0, -2]]))
    # Zeros are more similar than what lies opposite.
    np.testing.assert_array_equal(buffer.nearest(np.float32([[0, 9], [1, 5]])), [[0, -1]] * 2)


def test_codes_of_norm_0_do_no_harm():
    buffer = ReplayBuffer(4, 2)
    buffer.push(np.zeros((2, 2), np.float32))
    assert np.isfinite(buffer.nearest(np.zeros((3, 2), np.float32))).all()


def test_no_gradient():
    buffer, codes = ReplayBuffer(4, 3), tf.constant(CODES[:2])
    buffer.push(CODES[2:5])
    with tf.GradientTape() as tape:
        tape.watch(codes)
        value = tf.reduce_sum(buffer.nearest(codes))
        buffer.push(codes)
    assert tape.gradient(value, codes) is None
    assert buffer.trainable_variables == []


@pytest.mark.parametrize("rows", [4, 5])
def test_a_batch_larger_than_the_buffer(rows):
    buffer = ReplayBuffer(4, 3)
    if rows > 4:
        with pytest.raises(InputError, match=r"size 4 for 5 codes; give a larger buffer_size"):
            buffer.push(CODES[:rows])
    # A batch whose size is not known in advance.
    push = tf.function(buffer.push, input_signature=[tf.TensorSpec((None, 3))])
    push(CODES[:3])
    push(CODES[3 : 3 + rows])
    total = 3 + rows
    last = np.arange(total - 4, total)
    np.testing.assert_allclose(buffer.codes.numpy()[last % 4], UNITS[last], atol=1e-6)


@pytest.mark.parametrize(("size", "width"), [(0, 3), (4, 0), (-1, 3)])
def test_bad_sizes(size, width):
    with pytest.raises(InputError, match=r"must be at least 1\. Received: (size|width)="):
        ReplayBuffer(size, width)


def test_files(tmp_path):
    def model():
        inputs = keras.Input((3,))
        built = keras.Model(inputs, keras.layers.Dense(1)(inputs))
        built.buffer = ReplayBuffer(8, 3)
        return built

    one, other = model(), model()
    one.buffer.push(CODES[:5])
    tf.train.Checkpoint(m=one).write(str(tmp_path / "c"))
    tf.train.Checkpoint(m=other).read(str(tmp_path / "c")).assert_consumed()
    for buffer in (one.buffer, other.buffer):
        buffer.push(CODES[5:11])
    np.testing.assert_array_equal(one.buffer.codes.numpy(), other.buffer.codes.numpy())
    assert int(other.buffer.pushed) == 11
    again = ReplayBuffer.from_config(one.buffer.get_config())
    assert (again.size, again.width) == (8, 3)


def test_two_replicas_keep_one_buffer(two_replicas):
    one = ReplayBuffer(7, 3)
    with two_replicas.scope():
        two = ReplayBuffer(7, 3)

    def on_replica(codes):
        found = two.nearest(codes)
        two.push(codes)
        return found

    run = tf.function(lambda codes: two_replicas.run(on_replica, (codes,)), autograph=False)

    def turn(codes):
        parts = tf.split(tf.constant(codes), 2)
        values = two_replicas.experimental_distribute_values_from_function(
            lambda context: parts[context.replica_id_in_sync_group]
        )
        return np.concatenate(two_replicas.experimental_local_results(run(values)))

    for start in range(0, 40, 4):
        batch = tf.constant(CODES[start : start + 4])
        expected = one.nearest(batch).numpy()
        one.push(batch)
        np.testing.assert_allclose(turn(batch), expected, atol=1e-6)
        for copy in two.codes.value.values:
            np.testing.assert_allclose(copy.numpy(), one.codes.numpy(), atol=1e-6)
    assert int(two.pushed.value.values[1]) == 40
    with pytest.raises(InputError, match="size 7 for 8 codes"):
        turn(CODES[:8])


def test_rows_are_written_in_place_and_read_without_a_copy():
    buffer = ReplayBuffer(4096, 64)

    def address():
        return buffer.codes.value.read_value_no_copy()._numpy().__array_interface__["data"][0]

    before = address()
    for _ in range(3):
        buffer.nearest(np.ones((2, 64), np.float32))
        buffer.push(np.ones((2, 64), np.float32))
    assert address() == before
