"""Training to a step: boundaries, callbacks, and two halves that make the whole."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kgan.errors import InputError, NonFiniteLossError
from kgan.runs import loop
from kgan.runs.checkpoints import Checkpoints


class Spy(keras.callbacks.Callback):
    """Writes down what it is told, and the step at which it is told."""

    def __init__(self):
        super().__init__()
        self.calls = []
        self.logs = []

    def on_train_begin(self, logs=None):
        self.calls.append(("begin", self.model.steps_taken))

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append(("batch", self.model.steps_taken))
        assert batch == self.model.steps_taken

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(("interval", epoch))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("end of interval", epoch, self.model.steps_taken))
        self.logs.append(dict(logs))

    def on_train_end(self, logs=None):
        self.calls.append(("end", self.model.steps_taken))


def train(gan, points, steps, *callbacks, interval=5):
    loop.train(
        gan, points, steps=steps, batch_size=10, interval=interval, callbacks=list(callbacks)
    )


def test_boundaries_are_multiples_of_the_interval(make_gan, points):
    gan, spy = make_gan(steps_per_execution=3), Spy()
    train(gan, points, 12, spy)
    assert spy.calls == [
        ("begin", 0),
        *(("interval", 0), ("batch", 3), ("batch", 5), ("end of interval", 0, 5)),
        *(("interval", 1), ("batch", 8), ("batch", 10), ("end of interval", 1, 10)),
        *(("interval", 2), ("batch", 12), ("end of interval", 2, 12)),
        ("end", 12),
    ]


def test_boundaries_do_not_move_with_the_start(make_gan, points):
    gan = make_gan(steps_per_execution=4)
    train(gan, points, 7)
    spy = Spy()
    train(gan, points, 15, spy)
    assert spy.calls == [
        ("begin", 7),
        *(("interval", 1), ("batch", 10), ("end of interval", 1, 10)),
        *(("interval", 2), ("batch", 14), ("batch", 15), ("end of interval", 2, 15)),
        ("end", 15),
    ]


def test_nothing_is_left_to_do(make_gan, points, state, same):
    gan = make_gan()
    train(gan, points, 5)
    before, spy = state(gan), Spy()
    for steps in (5, 3):
        train(gan, points, steps, spy)
    assert spy.calls == [("begin", 5), ("end", 5)] * 2
    same(state(gan), before)


def test_logs_are_the_interval_s_means(make_gan, points):
    """Whatever the executions, and from one interval nothing is left in the next."""
    single, several = Spy(), Spy()
    train(make_gan(), points, 6, single, interval=1)
    train(make_gan(steps_per_execution=2), points, 6, several, interval=3)
    losses = np.array([[logs["discriminator_loss"] for logs in single.logs]]).reshape(2, 3)
    ours = [logs["discriminator_loss"] for logs in several.logs]
    np.testing.assert_allclose(ours, losses.mean(axis=1), rtol=1e-12)
    assert list(several.logs[0]) == ["discriminator_loss", "generator_loss"]


def test_a_callback_can_stop_it(make_gan, points):
    class Stop(Spy):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            self.model.stop_training = True

    gan, spy = make_gan(), Stop()
    train(gan, points, 100, spy, interval=2)
    assert gan.steps_taken == 2
    assert spy.calls[-1] == ("end", 2)


@pytest.mark.parametrize("bad", [{"steps": 0}, {"steps": -3}, {"interval": 0}])
def test_bad_arguments(make_gan, points, bad):
    with pytest.raises(InputError, match=r"at least 1\. Received"):
        loop.train(
            make_gan(), points, **{"steps": 5, "batch_size": 10, "interval": 5, **bad}, callbacks=()
        )


@pytest.mark.parametrize("batch_size", [51, 0])
def test_bad_batch_moves_nothing(make_gan, points, state, same, batch_size):
    gan = make_gan()
    before = state(gan)
    with pytest.raises(InputError, match="batch"):
        loop.train(gan, points, steps=5, batch_size=batch_size, interval=5)
    same(state(gan), before)


def test_nan_ends_it_before_any_callback_saves(make_gan, points):
    gan, spy = make_gan(learning_rate=1e30, steps_per_execution=2), Spy()
    with pytest.raises(NonFiniteLossError, match=r"_loss became -?(nan|inf) at step [1-9]"):
        train(gan, points, 50, spy)
    assert not any("end" in call[0] for call in spy.calls)


def test_two_halves_are_the_whole(make_gan, points, tmp_path, state, same):
    """Cut at a step that is no multiple of anything, restored into another process' model."""
    whole, spy = make_gan(steps_per_execution=4), Spy()
    train(whole, points, 26, spy, interval=10)

    first, spies = make_gan(steps_per_execution=4), (Spy(), Spy())
    train(first, points, 13, spies[0], interval=10)
    Checkpoints(first, tmp_path).save()
    keras.utils.set_random_seed(99)
    tf.random.set_seed(5)
    second = make_gan(steps_per_execution=4)
    for variable in second.weights:  # What is not restored would show.
        variable.assign(variable + 1)
    Checkpoints(second, tmp_path).restore()
    train(second, points, 26, spies[1], interval=10)

    same(state(second), state(whole))
    # From a boundary on the logs are the same, too.
    assert spies[1].logs[1:] == spy.logs[2:]
    np.testing.assert_array_equal(second.sample(20, seed=1), whole.sample(20, seed=1))


def test_two_halves_on_two_replicas(make_gan, points, tmp_path, state, same, two_replicas):
    def make():
        with two_replicas.scope():
            return make_gan(steps_per_execution=2)

    def copies(gan):
        """Every replica's own values, which a read of the variable would hide."""
        values = Checkpoints(gan, tmp_path / "unused")._values
        return {
            f"{i} {k}": local.numpy()
            for i, value in enumerate(values)
            for k, local in enumerate(two_replicas.experimental_local_results(value))
        }

    whole = make()
    train(whole, points, 4, interval=3)
    with two_replicas.scope():
        Checkpoints(whole, tmp_path).save()
    train(whole, points, 9, interval=3)
    second = make()
    Checkpoints(second, tmp_path).restore()
    train(second, points, 9, interval=3)
    same(copies(second), copies(whole))
    assert sum("1" in key.split()[1] for key in copies(whole)) > 20
