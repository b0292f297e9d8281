"""SavedModels of mixtures: the generator may be named for each row, and is told."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan import networks

GENERATORS = 3
SEEDS = np.array([[5 + i, 0] for i in range(6)], np.int32)


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
    generators = tf.constant(np.resize(generator, count), tf.int32)
    return signatures[f"{name}_with_options"](
        seeds=tf.constant(SEEDS[:count]), generator=generators
    )


def alone(model, **kwargs):
    """Of each seed the one sample that the model itself makes of it, and its generator."""
    found = [model.sample_with_generators(1, seed=int(seed), **kwargs) for seed, _ in SEEDS]
    return (np.concatenate(parts) for parts in zip(*found, strict=True))


def test_they_draw_as_the_model_does(served, signatures):
    """Minus one too."""
    samples, generators = alone(served[0])
    for found in (draw(signatures, -1), signatures["sample"](seeds=tf.constant(SEEDS))):
        np.testing.assert_array_equal(found["generator"], generators)
        np.testing.assert_allclose(found["samples"], samples, atol=1e-4)


def test_a_named_generator_makes_all(served, signatures):
    found = draw(signatures, 2)
    np.testing.assert_array_equal(found["generator"], [2] * 6)
    expected = [served[0].sample(1, seed=int(seed), generator=2)[0] for seed, _ in SEEDS]
    np.testing.assert_allclose(found["samples"], expected, atol=1e-4)


@pytest.mark.parametrize("name", ["serving_default", "sample", "sample_png", "discriminate"])
def test_a_row_is_the_same_whatever_lies_beside_it(served, signatures, name):
    """As when a server puts the requests of several clients into one batch."""
    model, rng = served[0], np.random.default_rng(1)
    given = {"seeds": rng.integers(0, 99, (40, 2)).astype("int32")}
    if name == "serving_default":
        given = {"latents": model.sample_latents(40, 3)}
    if name == "discriminate":
        given = {"samples": rng.random((40, 8, 8, 1), "float32")}
    (key, rows), order = *given.items(), rng.permutation(40)
    rows = np.asarray(rows)
    together, shuffled, *single = (
        signatures[name](**{key: tf.constant(some)})
        for some in (rows, rows[order], *(rows[i : i + 1] for i in range(12)))
    )
    assert name == "discriminate" or len(set(together["generator"].numpy())) == GENERATORS
    for output, values in together.items():
        if output == "image_bytes":  # A pixel may be rounded otherwise.
            values, *others = (
                np.stack([tf.io.decode_png(file) for file in found[output]]).astype(float)
                for found in (together, shuffled, *single)
            )
            tolerance = 1.0
        else:
            others, tolerance = [found[output] for found in (shuffled, *single)], 1e-4
        values = np.asarray(values)
        np.testing.assert_allclose(others[0], values[order], atol=tolerance)
        np.testing.assert_allclose(np.concatenate(others[1:]), values[:12], atol=tolerance)


def test_generators_are_drawn_by_their_weights(served, signatures):
    model = served[0]
    latents = tf.constant(model.sample_latents(3_000, 0))
    for drawn in (
        model.generators_of(np.stack([np.full(3_000, 7), np.arange(3_000)], 1)),
        signatures["serving_default"](latents=latents)["generator"],
    ):
        shares = np.bincount(np.asarray(drawn)) / 3_000
        # Three standard deviations.
        np.testing.assert_allclose(shares, model.mixture_weights, atol=0.028)


def test_one_for_each_row(served, signatures):
    model, chosen = served[0], np.array([0, 2, 1, 1, 0, 2], np.int32)
    latents = model.sample_latents(6, 1)
    found = signatures["serving_with_options"](latents=tf.constant(latents), generator=chosen)
    np.testing.assert_array_equal(found["generator"], chosen)
    np.testing.assert_allclose(found["samples"], model(latents, generator=chosen), atol=1e-4)
    mixed = draw(signatures, [0, -1, 2, -1, -1, 1])["generator"].numpy()
    assert (mixed[[0, 2, 5]] == [0, 2, 1]).all()


def test_the_same_latents_draw_the_same_generators(served, signatures):
    latents = tf.constant(served[0].sample_latents(6, 1))
    drawn = tf.fill([6], -1)
    found = [
        signatures["serving_default"](latents=latents),
        signatures["serving_with_options"](latents=latents, generator=drawn),
    ]
    np.testing.assert_array_equal(found[0]["generator"], found[1]["generator"])
    np.testing.assert_allclose(found[0]["samples"], served[0](latents), atol=1e-4)


def test_pictures_come_with_their_generators(signatures):
    found = draw(signatures, 1, "sample_png", count=2)
    np.testing.assert_array_equal(found["generator"], [1, 1])
    pixels = tf.io.decode_png(found["image_bytes"][0]).numpy()
    expected = draw(signatures, 1, count=2)["samples"][0].numpy() * 255
    assert np.abs(pixels - expected).max() <= 0.51


@pytest.mark.parametrize("generator", [GENERATORS, -2, [0, 1, 2, 0, 1, 7]])
def test_numbers_out_of_range_are_refused(signatures, generator):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"0\.\.2, or be -1 for a draw"):
        draw(signatures, generator)
