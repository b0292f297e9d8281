"""Noise, replicas' shares of it, and the function that runs many steps and checks each."""

import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy import stats

import kgan
from kgan.backend import engine
from kgan.backend.step_function import StepFunction
from kgan.data import Dataset
from kgan.errors import InputError, NonFiniteLossError


@pytest.fixture(scope="module")
def points():
    """A data set of 50 points."""
    examples = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    return Dataset(name="cloud", split="train", examples=examples)


class TestNoise:
    @pytest.mark.parametrize("name", engine.DISTRIBUTIONS)
    def test_a_function_of_the_seed_alone(self, name):
        one = engine.noise((40, 5), name, (7, 3)).numpy()
        tf.random.set_seed(123)
        np.random.seed(5)  # noqa: NPY002  # The global state must not matter.
        in_graph = tf.function(lambda n, s: engine.noise((n, 5), name, s))
        seed = tf.constant([7, 3], tf.int32)
        np.testing.assert_array_equal(in_graph(tf.constant(40), seed), one)
        assert one.dtype == np.float32
        for other in ((7, 4), (8, 3), (3, 7)):
            assert np.mean(engine.noise((40, 5), name, other).numpy() == one) < 0.02

    @pytest.mark.parametrize(
        ("name", "law"), [("uniform", stats.uniform(-1, 2)), ("normal", stats.norm())]
    )
    def test_distribution(self, name, law):
        # Seeds of steps that follow each other, as training draws them: no pattern over them.
        draws = np.stack([engine.noise((50, 4), name, (0, s << 6)).numpy() for s in range(200)])
        assert stats.kstest(draws.ravel(), law.cdf).pvalue > 1e-3
        assert stats.kstest(draws[:, 0, 0], law.cdf).pvalue > 1e-3
        next_one = np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]
        columns = np.corrcoef(draws.reshape(-1, 4).T)[np.triu_indices(4, 1)]
        assert abs(next_one) < 0.02
        assert np.abs(columns).max() < 0.05

    def test_large_seeds_differ(self):
        """64 bits of the seed count: training's draws begin at 2^40."""
        seeds = [(0, 1), (0, (1 << 40) + 1), (0, (1 << 41) + 1), (1 << 40, 1)]
        first = {float(engine.noise((1, 1), "normal", seed)[0, 0]) for seed in seeds}
        assert len(first) == len(seeds)

    @pytest.mark.parametrize("name", engine.DISTRIBUTIONS)
    def test_replicas_take_their_rows_of_the_whole(self, name, two_replicas):
        @tf.function
        def draw():
            return two_replicas.run(lambda: engine.replica_noise((3, 2), name, (9, 9)))

        parts = two_replicas.experimental_local_results(draw())
        whole = engine.noise((6, 2), name, (9, 9)).numpy()
        np.testing.assert_array_equal(np.concatenate([p.numpy() for p in parts]), whole)

    def test_one_replica_takes_all(self):
        alone = engine.replica_noise((6, 2), "normal", (9, 9))
        np.testing.assert_array_equal(alone, engine.noise((6, 2), "normal", (9, 9)))


def counter(step, *, count=1, strategy=None, **options):
    """A step function over 0, 1, 2, ...; `step` maps one of them to the logs (a, b)."""
    strategy = strategy or tf.distribute.get_strategy()

    def logs(data, index):
        return tf.stack(step(tf.cast(data, tf.float32), tf.cast(index, tf.float32)))

    stream = tf.data.Dataset.range(1_000)
    return StepFunction(logs, ("a", "b"), strategy, steps_per_call=count, **options), iter(stream)


class TestStepFunction:
    @pytest.mark.parametrize("eager", [False, True])
    def test_rows_and_means(self, eager):
        function, data = counter(lambda x, i: (x, 10 * i), count=4, eager=eager)
        assert function(data) == {"a": 1.5, "b": 15.0}
        np.testing.assert_array_equal(function.run(data, 2), [[4, 40], [5, 50]])
        assert function.means() == {"a": 2.5, "b": 25.0}
        function.reset()
        assert function.means() == {"a": 0.0, "b": 0.0}
        assert function(data) == {"a": 7.5, "b": 15.0}

    def test_means_are_those_of_float64(self):
        """A million and a small loss: float32 sums over an interval would lose the latter."""
        function, data = counter(lambda x, i: (x * 0 + 1e6, x * 0 + 0.1), count=100)
        for _ in range(9):
            means = function(data)
        assert means["a"] == 1e6
        assert means["b"] == pytest.approx(np.float32(0.1), rel=1e-12)

    def test_one_graph_for_all_counts(self):
        traces = []

        def step(x, i):
            traces.append(1)
            return x, i

        function, data = counter(step, count=3)
        for count in (3, 1, 2, 3):
            function.run(data, count)
        # Once for the loop's body, and perhaps once more as TensorFlow relaxes shapes.
        assert len(traces) <= 2

    @pytest.mark.parametrize(
        ("step", "message"),
        [
            (lambda x, i: (x, x / (x - 5)), "b became inf at step 106"),
            (lambda x, i: (tf.math.log(6 - x), x), "a became -inf at step 107"),
            (lambda x, i: (x, (x - 5) / (x - 5)), "b became nan at step 106"),
            # Both at once: the first of the log's order.
            (lambda x, i: (tf.sqrt(3 - x), tf.sqrt(3 - x)), "a became -?nan at step 105"),
        ],
    )
    def test_names_the_first_step_and_loss(self, step, message):
        taken = tf.Variable(100)

        def counted(x, i):
            taken.assign_add(1)
            return step(x, i)

        function, data = counter(counted, count=4, first_step=lambda: int(taken.numpy()))
        with pytest.raises(NonFiniteLossError, match=message):
            for _ in range(3):
                function(data)

    def test_an_overflow_within_the_mean_of_replicas_is_seen(self, two_replicas):
        def logs(data, index):
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            mine = tf.cond(tf.equal(replica, 1), lambda: np.float32(np.nan), lambda: 1.0)
            return tf.stack([mine, 1.0])

        function = StepFunction(logs, ("a", "b"), two_replicas)
        stream = two_replicas.experimental_distribute_dataset(tf.data.Dataset.range(8).batch(2))
        with pytest.raises(NonFiniteLossError, match="a became nan at step 1"):
            function(iter(stream))

    def test_the_mean_over_replicas(self, two_replicas):
        function = StepFunction(
            lambda data, index: tf.cast(data, tf.float32), ("a",), two_replicas, steps_per_call=2
        )
        stream = two_replicas.experimental_distribute_dataset(
            tf.data.Dataset.range(8).batch(2, drop_remainder=True)
        )
        # Replicas see one number each: batches (0, 1), (2, 3).
        assert function(iter(stream)) == {"a": 1.5}


def test_distribute_refuses_a_batch_that_does_not_divide(two_replicas, points):
    with two_replicas.scope(), pytest.raises(InputError, match="batch_size=7 on 2 replicas"):
        engine.distribute(points, 7, seed=0, start=0)


def test_one_cpu_gets_plain_batches(points):
    # A distributed iterator makes TensorFlow spoil malloc for the whole process.
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        stream = engine.distribute(points, 8, seed=3, start=5)
    assert isinstance(stream, tf.data.Dataset)


def test_replicas_get_the_pieces_of_the_same_batches(two_replicas, points):
    alone = iter(engine.distribute(points, 8, seed=3, start=5))
    with two_replicas.scope():
        shared = iter(engine.distribute(points, 8, seed=3, start=5))
    for _ in range(9):  # Beyond an epoch's end.
        parts = two_replicas.experimental_local_results(next(shared))
        np.testing.assert_array_equal(np.concatenate([p.numpy() for p in parts]), next(alone))


@pytest.mark.parametrize(
    ("steps", "right"), [(None, True), (-1, True), (6, True), (7, False), (float("inf"), True)]
)
def test_require_divisible(steps, right):
    if right:
        engine.require_divisible(steps, 3)
    else:
        with pytest.raises(InputError, match="7 steps per epoch with steps_per_execution=3"):
            engine.require_divisible(steps, 3)


@pytest.mark.parametrize("how", ["graph", "xla", "replicas"])
def test_a_model_that_nobody_has_any_more_is_gone(how, request):
    """`all_reduce`, of optimizers and batch norm, and `numpy_function` would keep each."""
    place = request.getfixturevalue("two_replicas") if how == "replicas" else None
    with (place or tf.distribute.get_strategy()).scope():
        x = keras.Input((2,))
        values = layers.Dense(1)(layers.BatchNormalization(synchronized=True)(x))
        model = kgan.GAN(
            keras.Sequential([keras.Input((2,)), layers.Dense(2)]), keras.Model(x, values)
        )
        model.compile(jit_compile=how == "xla")
    model.fit(np.zeros((8, 2), "float32"), batch_size=4, verbose=0)
    there = weakref.ref(model)
    del model, x, values
    gc.collect()
    assert there() is None
