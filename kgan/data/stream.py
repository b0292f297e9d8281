"""The stateless batch stream: batch `s` is a function of (seed, s) alone.

A stream that holds no state needs none restored: a run that was killed starts again at any step
and sees the very batches that it would have seen. Every epoch is a permutation of the data, and
places count through epochs, so that no example is dropped at an epoch's end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from kgan.backend import host
from kgan.errors import InputError

if TYPE_CHECKING:
    from kgan.data.dataset import Dataset
    from kgan.data.stacked import StackedImages

# Four rounds, the op's default, deal batches that are more even than chance (chi-squared 7.0 for
# 9 expected on ten sorted classes); from eight on they cannot be told from random ones.
SHUFFLE_ROUNDS = 8

# TensorFlow copies an array that it captures, for a moment twice. Above this size NumPy gathers
# from the array where it lies, at some 0.1 ms more a batch.
CAPTURE_LIMIT = 512 * 1024**2

# SplitMix64's increment, 2^64 divided by the golden ratio, and its shifts and factors.
GOLDEN_GAMMA = 0x9E3779B97F4A7C15
_MIXING = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def batches(
    dataset: Dataset,
    batch_size: int,
    *,
    seed: int = 0,
    start: int | Callable[[], int] = 0,
    labels: bool = False,
    input_context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Returns the infinite stream of batches from batch `start` on.

    With n examples, the example at place k of batch s is number `p = s * batch_size + k` of the
    stream: place `p % n` of the pseudo-random permutation that (seed, p // n) selects.

    With an `input_context`, the elements are the replicas' pieces of the same batches, in the order
    in which `strategy.distribute_datasets_from_function` hands them out: element e of a worker goes
    to its replica `e % local_replicas` as the piece of step `e // local_replicas`.

    Args:
        dataset: what to draw from.
        batch_size: examples per batch over all replicas together, at most `len(dataset)`.
        seed: selects the order of the examples; any integer.
        start: number of the first batch; or what tells it when the first batch is asked for.
        labels: whether elements are (examples, labels) instead of examples.
        input_context: of the strategy that distributes the batches; None for one replica.

    Returns:
        A `tf.data.Dataset` of float32 examples `(batch_size / replicas, *example_shape)`, images
        scaled to the data set's value range; with `labels` of pairs with int64 labels.

    Raises:
        InputError: a batch larger than the data or not divisible by the replicas, a negative
            start, or labels wanted of a set that has none.
    """
    _check(dataset, batch_size, start, labels)
    local_replicas, first_replica, piece = _share(batch_size, input_context)
    count = len(dataset)
    key = split_mix(seed)
    # The arrays stay in the host's memory, also where a GPU is the default device.
    with tf.device("CPU:0"):
        examples_at = _gatherer(dataset.examples)
        labels_at = _gatherer(dataset.labels) if labels and dataset.labels is not None else None

    @tf.autograph.experimental.do_not_convert  # Reading its source takes a third of a second.
    def element(number: tf.Tensor) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        replica = first_replica + number % local_replicas
        first = number // local_replicas * batch_size + replica * piece
        indices = shuffled_indices(first, piece, count, key)
        examples = _scaled(examples_at(indices), dataset.value_range)
        return examples if labels_at is None else (examples, labels_at(indices))

    with tf.device("CPU:0"):
        stream = _numbers(start, local_replicas).map(element).prefetch(2)
        return stream.with_options(_options())


def _numbers(start: int | Callable[[], int], local_replicas: int) -> tf.data.Dataset:
    """The elements' numbers, from batch `start` on."""
    if not callable(start):
        return tf.data.Dataset.counter(start * local_replicas)

    @tf.autograph.experimental.do_not_convert
    def first(_: tf.Tensor) -> tf.data.Dataset:
        number = host.numpy_function(lambda: np.int64(start()), [], tf.int64)
        return tf.data.Dataset.counter(tf.ensure_shape(number, ()) * local_replicas)

    return tf.data.Dataset.range(1).flat_map(first)


def _options() -> tf.data.Options:
    """One thread and nothing to tune: a batch is too little work to share, and 0.04 ms less so."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    return options


def shuffled_indices(first: tf.Tensor, piece: int, count: int, key: int) -> tf.Tensor:
    """Returns the examples' indices at places first to first + piece - 1 of the stream.

    Args:
        first: int64 scalar, the first place.
        piece: number of places, at most `count`, so that they touch two epochs at most.
        count: number of examples.
        key: a 64-bit number, the mixed seed.

    Returns:
        `(piece,)` int64 in 0..count-1.
    """
    epoch = first // count
    places = first - epoch * count + tf.range(piece, dtype=tf.int64)
    later = tf.cast(places >= count, tf.int64)
    return tf.raw_ops.RandomIndexShuffle(
        index=places - later * count,
        seed=tf.gather(_epoch_seeds(epoch, key), later),
        max_index=tf.constant(count - 1, tf.int64),
        rounds=SHUFFLE_ROUNDS,
    )


def _epoch_seeds(epoch: tf.Tensor, key: int) -> tf.Tensor:
    """Returns `(2, 3)` uint32: the shuffling seeds of this epoch and the next.

    They are consecutive outputs of SplitMix64, since the shuffle's own key schedule mixes too
    little: under the seeds (0, 0, 0), (0, 0, 1), ... many small sets keep most of their order.
    """
    counter = 2 * epoch + tf.constant([[0, 1], [2, 3]], tf.int64)
    words = _split_mix_output(_uint64(key) + tf.cast(counter, tf.uint64) * _uint64(GOLDEN_GAMMA))
    return tf.reshape(tf.bitcast(words, tf.uint32), (2, 4))[:, :3]


def _split_mix_output(state: tf.Tensor) -> tf.Tensor:
    """SplitMix64's output function (Steele, Lea and Flood, 2014) of uint64 states."""
    for shift, factor in _MIXING:
        state = tf.bitwise.bitwise_xor(state, tf.bitwise.right_shift(state, _uint64(shift)))
        state = state * _uint64(factor)
    return tf.bitwise.bitwise_xor(state, tf.bitwise.right_shift(state, _uint64(31)))


def _uint64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.uint64)


def split_mix_words(key: int, count: int) -> np.ndarray:
    """Returns the first words, `(count,)` uint64, of the SplitMix64 sequence that starts at a key.

    Args:
        key: any integer; near ones give words that are far apart.
        count: how many.
    """
    places = np.arange(1, count + 1, dtype=np.uint64)
    state = np.uint64(key % 2**64) + places * np.uint64(GOLDEN_GAMMA)
    for shift, factor in _MIXING:
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    return state ^ (state >> np.uint64(31))


def split_mix(seed: int) -> int:
    """Returns the first word for a seed."""
    return int(split_mix_words(seed, 1)[0])


def _gatherer(array: np.ndarray | StackedImages) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns a function from `(m,)` int64 indices to these rows of the array."""
    mapped = isinstance(array, np.memmap)
    if isinstance(array, np.ndarray) and not mapped and array.nbytes <= CAPTURE_LIMIT:
        tensor = tf.convert_to_tensor(array)
        return lambda indices: tf.gather(tensor, indices)

    def rows(indices: tf.Tensor) -> tf.Tensor:
        taken = host.numpy_function(lambda i: np.asarray(array[i]), [indices], array.dtype)
        taken.set_shape((*indices.shape, *array.shape[1:]))
        return taken

    return rows


def _scaled(examples: tf.Tensor, value_range: tuple[float, float]) -> tf.Tensor:
    """Scales uint8 images as `Dataset.floats` does, to the last bit; leaves points alone."""
    if examples.dtype != tf.uint8:
        return examples
    low, high = value_range
    scaled = tf.cast(examples, tf.float32) * np.float32((high - low) / 255)
    return scaled if low == 0 else scaled + np.float32(low)


def _share(batch_size: int, context: tf.distribute.InputContext | None) -> tuple[int, int, int]:
    """Returns this worker's replicas, the number of its first one, and a replica's piece."""
    if context is None:
        return 1, 0, batch_size
    replicas = context.num_replicas_in_sync
    if batch_size % replicas:
        raise InputError(
            f"The batch must be divisible by the number of replicas, received batch_size="
            f"{batch_size} for {replicas} replicas: choose a multiple of {replicas}."
        )
    local_replicas = replicas // context.num_input_pipelines
    return local_replicas, context.input_pipeline_id * local_replicas, batch_size // replicas


def _check(dataset: Dataset, batch_size: int, start: int | Callable[[], int], labels: bool) -> None:
    if batch_size < 1:
        raise InputError(f"The batch must hold at least 1 example, received {batch_size=}.")
    if batch_size > len(dataset):
        raise InputError(
            f"The batch is larger than the data: received {batch_size=}, but '{dataset.name}' "
            f"({dataset.split}) has {len(dataset)} examples; choose a smaller batch."
        )
    if not callable(start) and start < 0:
        raise InputError(f"The stream starts at batch 0 or later, received {start=}.")
    if labels and dataset.labels is None:
        raise InputError(
            f"Labels are wanted, but '{dataset.name}' ({dataset.split}) from {dataset.source} "
            "has none: choose a labelled set, or a method that needs no labels."
        )
