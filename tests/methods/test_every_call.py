"""Every public call of every method: eager, under mixed policies, in float64, and by XLA."""

import functools
import operator

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_methods import NETWORKS, examples, precision, requests, tiny

from kgan.backend import engine
from kgan.methods import registry

ROWS = 8
METHODS = registry.methods()
FIRST = {method.model: name for name, method in reversed(METHODS.items())}  # Of each class.


def noise(shape, distribution, seed):
    """The same in a graph of XLA's, which draws other numbers from a seed."""
    count = functools.reduce(operator.mul, shape)
    return tf.reshape(tf.sin(tf.cast(tf.range(count), keras.config.floatx())), shape)


def row_noise(shape, distribution, seeds):
    """The same, of each row's own seed."""
    drawn = tf.sin(tf.cast(seeds[:, 1] % 1009, keras.config.floatx()))
    return tf.reshape(drawn, (-1, *[1] * len(shape))) * tf.ones((1, *shape), drawn.dtype)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", METHODS)
def test_every_call_in_every_precision(name, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "replica_noise", noise)
    monkeypatch.setattr(engine, "row_noise", row_noise)
    model = tiny(name)
    weights = model.get_weights()
    # Methods of one class differ in their losses: all other calls are tried on its first.
    first = name in FIRST.values()
    if first:
        exact = called(model, tmp_path / "float32.keras", run_eagerly=True)
    else:
        model.compile(keras.optimizers.SGD(0.02), run_eagerly=True)
        exact = stepped(model)
    if name not in NETWORKS:  # Its deep networks would compile longer than all others together.
        model.set_weights(weights)
        model.compile(keras.optimizers.SGD(0.02), jit_compile=True)
        # Evaluation has the losses of a step: it is compiled once for all methods.
        again = trained(model) if name == "gan" else stepped(model)
        assert_near(again, exact[: len(again)], "XLA", 1e-4)
    for policy in ("mixed_float16", *(["mixed_bfloat16"] if first else []), "float64"):
        with precision(policy):
            other = tiny(name)
            other.set_weights(weights)
            if first and policy != "mixed_bfloat16":  # It differs from float16 in losses' scales.
                found = called(other, tmp_path / f"{policy}.keras", run_eagerly=True)
            else:
                other.compile(keras.optimizers.SGD(0.02), run_eagerly=True)
                found = stepped(other)
        share = 0.05 if "mixed" in policy else 1e-4
        assert_near(found, exact[: len(found)], policy, share)


def assert_near(found, exact, what, share):
    """Losses, and how far a step moved each weight, up to rounding."""
    for (losses, moves), (wanted, wanted_moves) in zip(found, exact, strict=True):
        np.testing.assert_allclose(losses, wanted, rtol=share, atol=share, err_msg=what)
        # A loss scale left in the gradients would change them 64 times.
        size = np.linalg.norm(wanted_moves)
        assert np.linalg.norm(moves - wanted_moves) <= 6 * share * size, what


def called(model, path, **compiled):
    """Every call once; returns what `trained` does."""
    model.compile(keras.optimizers.SGD(0.02), **compiled)
    found = trained(model)
    x = examples(model, ROWS)
    values = model.evaluate(x, batch_size=ROWS, verbose=0)
    losses = dict(zip(model.metrics_names, values, strict=True))
    again = model.evaluate(x, batch_size=ROWS, verbose=0, return_dict=True)
    assert losses == again == pytest.approx(model.test_on_batch(x, return_dict=True), rel=1e-4)
    z = np.asarray(model.sample_latents(4, seed=1))
    outputs = np.asarray(model(z))
    np.testing.assert_allclose(model.predict_on_batch(z), outputs, rtol=1e-4, atol=1e-5)
    samples = model.sample(3, seed=1)
    assert (samples.dtype, samples.shape) == (np.float32, (3, *model.sample_shape))
    assert all(np.isfinite(value).all() for value in model.discriminate(samples).values())
    for endpoint in model.endpoints().values():  # What an export makes callable.
        for value in endpoint.function(*requests(endpoint, 3)).values():
            assert len(value) == 3
            assert value.dtype == tf.string or np.isfinite(value).all()
    model.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.sample(3, seed=1), samples)
    for one, other in zip(model.variables, loaded.variables, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    return found


def stepped(model):
    """Losses of a step, and how far it moved each weight."""
    for optimizer in model.optimizers.values():
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            optimizer.dynamic_scale.assign(64.0)  # Low enough for the first step.
    start = flat(model)
    losses = model.train_on_batch(examples(model, ROWS))
    assert model.steps_taken == 1
    return [(compared(model, losses), flat(model) - start)]


def trained(model):
    """The same, and losses of an evaluation, which moves nothing."""
    found, start = stepped(model), flat(model)
    losses = model.evaluate(examples(model, ROWS), batch_size=ROWS, verbose=0)
    z = np.asarray(model.sample_latents(4, seed=1))
    np.testing.assert_allclose(model.predict(z, verbose=0), model(z), rtol=1e-4, atol=1e-5)
    return [*found, (compared(model, losses), flat(model) - start)]


def compared(model, losses):
    """Without accuracies: of a dozen rows one more or less is told right by rounding."""
    kept = [not name.endswith("accuracy") for name in model.metrics_names]
    return np.array(losses)[kept]


def flat(model):
    return np.concatenate([np.float64(v.numpy()).ravel() for v in model.trainable_variables])
