"""SavedModels of mixtures: the generator is an input that may be left out, and an output."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan import networks

GENERATORS = 3
SEED = [5, 0]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """`(model, folder of its SavedModel)`."""
    keras.utils.set_random_seed(0)
    bank = kgan.GeneratorBank(
        networks.lucic_generator((8, 8, 1), 4),
        GENERATORS,
        private_layers=1,
        mixture_weights=[0.2, 0.3, 0.5],
    )
    model = kgan.MGAN(bank, networks.lucic_discriminator((8, 8, 1), 1 + GENERATORS))
    return model, model.export(tmp_path_factory.mktemp("served") / "1")


@pytest.fixture(scope="module")
def signatures(served):
    return tf.saved_model.load(served[1]).signatures


def draw(signatures, generator, name="sample", count=6):
    return signatures[name](
        num_samples=tf.constant(count),
        seed=tf.constant(SEED),
        generator=tf.constant(generator, tf.int32),
    )


def test_minus_one_draws_as_the_model_does(served, signatures):
    samples, generators = served[0].sample_with_generators(6, seed=SEED[0])
    found = draw(signatures, -1)
    np.testing.assert_array_equal(found["generator"], generators)
    np.testing.assert_allclose(found["samples"], samples, atol=1e-4)


def test_a_named_generator_makes_all(served, signatures):
    found = draw(signatures, 2)
    np.testing.assert_array_equal(found["generator"], [2] * 6)
    expected = served[0].sample(6, seed=SEED[0], generator=2)
    np.testing.assert_allclose(found["samples"], expected, atol=1e-4)


def test_one_for_each_row(served, signatures):
    model, chosen = served[0], np.array([0, 2, 1, 1, 0, 2], np.int32)
    latents = model.sample_latents(6, 1)
    found = signatures["serving_default"](latents=tf.constant(latents), generator=chosen)
    np.testing.assert_array_equal(found["generator"], chosen)
    np.testing.assert_allclose(found["samples"], model(latents, generator=chosen), atol=1e-4)
    mixed = draw(signatures, [0, -1, 2, -1, -1, 1])["generator"].numpy()
    assert (mixed[[0, 2, 5]] == [0, 2, 1]).all()


def test_the_same_latents_draw_the_same_generators(served, signatures):
    latents = tf.constant(served[0].sample_latents(6, 1))
    found = [
        signatures["serving_default"](latents=latents, generator=tf.constant(-1)) for _ in range(2)
    ]
    np.testing.assert_array_equal(found[0]["generator"], found[1]["generator"])
    np.testing.assert_allclose(found[0]["samples"], served[0](latents), atol=1e-4)


def test_pictures_come_with_their_generators(signatures):
    found = draw(signatures, 1, "sample_png", count=2)
    np.testing.assert_array_equal(found["generator"], [1, 1])
    pixels = tf.io.decode_png(found["images"][0]).numpy()
    expected = draw(signatures, 1, count=2)["samples"][0].numpy() * 255
    assert np.abs(pixels - expected).max() <= 0.51


@pytest.mark.parametrize("generator", [GENERATORS, -2, [0, 1, 2, 0, 1, 7]])
def test_numbers_out_of_range_are_refused(signatures, generator):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"0\.\.2, or be -1 for a draw"):
        draw(signatures, generator)


@pytest.mark.parametrize("name", ["serving_default", "sample", "sample_png"])
def test_servers_may_leave_the_generator_out(served, name):
    """As TF Serving reads it: with a session, feeding what a request has."""
    model, folder = served
    latents = np.asarray(model.sample_latents(6, 1))
    expected = model.sample_with_generators(6, SEED[0])[1]
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        graph = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        signature = graph.signature_def[name]
        assert tf.make_ndarray(signature.defaults["generator"]) == -1
        given = {"num_samples": 6, "seed": SEED}
        if name == "serving_default":
            given = {"latents": latents}
        feeds = {signature.inputs[key].name: value for key, value in given.items()}
        generators = session.run(signature.outputs["generator"].name, feeds)
    if name == "serving_default":
        assert generators.shape == (6,)
    else:
        np.testing.assert_array_equal(generators, expected)
