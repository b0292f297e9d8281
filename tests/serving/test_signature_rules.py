"""What a server that batches needs of signatures, and what they refuse and choose."""

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy import stats
from tensorflow_serving.apis import prediction_log_pb2

import kgan
from kgan import networks
from kgan.backend import engine
from kgan.serving import endpoints


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """By name `(model, SavedModel)`: a mixture of images with normal latents, and an inverse."""
    keras.utils.set_random_seed(0)
    template = keras.Sequential(
        [keras.Input((3,)), layers.Dense(4, "sigmoid"), layers.Reshape((2, 2, 1))]
    )
    critic = keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(4)])
    models = {
        "mixture": kgan.MGAN(kgan.GeneratorBank(template, 3), critic, latent_distribution="normal"),
        "inverse": kgan.InvertGAN(
            networks.mlp(3, [4], 2), networks.mlp(2, [4], 3), networks.mlp(2, [4], 1)
        ),
    }
    folder = tmp_path_factory.mktemp("served")
    return {
        name: (model, tf.saved_model.load(str(model.export(folder / name))))
        for name, model in models.items()
    }


@pytest.fixture(scope="module")
def signatures(served):
    """By model's and signature's names, the functions."""
    return {
        (name, key): function
        for name, (_, loaded) in served.items()
        for key, function in loaded.signatures.items()
    }


def inputs_of(function):
    return function.structured_input_signature[1]


def test_every_input_and_output_has_a_row_for_each_sample(signatures):
    assert len(signatures) == 7 + 5
    for key, function in signatures.items():
        for name, spec in [*inputs_of(function).items(), *function.structured_outputs.items()]:
            assert spec.shape.rank >= 1 and spec.shape[0] is None, (key, name)
            # Of other strings the server's REST interface makes no base64.
            assert spec.dtype != tf.string or name.endswith("_bytes"), (key, name)


def test_requests_that_share_a_batch_get_what_they_get_alone(signatures):
    """By TensorFlow's own batching."""
    rng = np.random.default_rng(0)
    for function in signatures.values():
        specs = inputs_of(function)
        batched = tf.nondifferentiable_batch_function(1, 16, 50_000, autograph=False)(
            lambda *args, f=function, names=tuple(specs): list(
                f(**dict(zip(names, args, strict=True))).values()
            )
        )
        batched = tf.function(batched, input_signature=list(specs.values()), autograph=False)
        asked = [
            [tf.constant(rng.integers(0, 3, (n, *spec.shape[1:])), spec.dtype)
             for spec in specs.values()]
            for n in (1, 4, 2)
        ]  # fmt: skip
        batched.get_concrete_function()
        answers = [None] * len(asked)

        def ask(place, asked=asked, answers=answers, batched=batched):
            answers[place] = batched(*asked[place])

        threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(asked))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for inputs, answer in zip(asked, answers, strict=True):
            alone = list(function(**dict(zip(specs, inputs, strict=True))).values())
            assert all(len(value) == len(inputs[0]) for value in answer)
            for found, expected in zip(answer, alone, strict=True):
                if found.dtype == tf.string:
                    np.testing.assert_array_equal(found, expected)
                else:
                    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_inputs_that_are_not_finite_are_refused(signatures, value):
    refused = set()
    for key, function in signatures.items():
        specs = inputs_of(function)
        for name, spec in specs.items():
            if not spec.dtype.is_floating:
                continue
            given = {n: tf.zeros([4, *s.shape[1:]], s.dtype) for n, s in specs.items()}
            wrong = np.zeros([4, *spec.shape[1:]], np.float32)
            wrong.flat[-1] = value
            with pytest.raises(tf.errors.InvalidArgumentError, match=f"{name} must be finite"):
                function(**given | {name: tf.constant(wrong)})
            refused.add((*key, name))
    assert len(refused) == 2 + 3 + 2 + 2


def test_unequal_rows_are_refused(signatures):
    draw = signatures["mixture", "sample_with_options"]
    given = {"seeds": tf.zeros([3, 2], tf.int32), "truncation": tf.zeros([3])}
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have as many rows"):
        draw(**given, generator=tf.zeros([1], tf.int32))


def test_truncated_latents_are_those_of_a_truncated_normal(served):
    model, loaded = served["mixture"]
    seeds = np.stack([np.zeros(4_000, np.int64), np.arange(4_000)], axis=1)
    normals = engine.row_noise((3,), "normal", seeds)
    for most in (0.1, 1.0, 3.0):
        moved = endpoints._truncated(normals, tf.fill([4_000], most)).numpy()
        assert np.abs(moved).max() <= most
        assert stats.kstest(moved.ravel(), stats.truncnorm(-most, most).cdf).pvalue > 1e-3
    mixed = tf.constant([0.0, 0.5, 30.0, 1e30])
    moved = endpoints._truncated(normals[:4], mixed)
    np.testing.assert_array_equal(moved[0], normals[0])
    np.testing.assert_allclose(moved[2:], normals[2:4], rtol=1e-4, atol=1e-6)
    given = {"generator": tf.fill([4], 1), "truncation": mixed}
    found = loaded.signatures["sample_with_options"](
        seeds=tf.constant(seeds[:4], tf.int32), **given
    )
    np.testing.assert_allclose(found["samples"], model(moved, generator=1), atol=1e-6)
    draw = loaded.signatures["sample_with_options"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="truncation must be finite and at"):
        draw(
            seeds=tf.constant(seeds[:4], tf.int32),
            generator=tf.fill([4], -1),
            truncation=tf.fill([4], -1.0),
        )


def test_the_server_is_given_a_request_of_each_signature(served, tmp_path):
    folder = served["inverse"][0].export(tmp_path / "1")
    file = str(folder / "assets.extra" / "tf_serving_warmup_requests")
    asked = {}
    for record in tf.data.TFRecordDataset(file).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        assert log.WhichOneof("log_type") == "predict_log"
        request = log.predict_log.request
        inputs = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        asked[request.model_spec.signature_name] = inputs
    signatures = tf.saved_model.load(str(folder)).signatures
    assert asked.keys() == signatures.keys()
    for name, inputs in asked.items():
        found = signatures[name](**{key: tf.constant(value) for key, value in inputs.items()})
        assert {len(value) for value in found.values()} == {1}
