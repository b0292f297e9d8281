"""Keras generators that kgan has not made, as sources of samples."""

import keras
import numpy as np
import pytest
from keras import layers

import kgan
from kgan import networks
from kgan.backend import engine
from kgan.errors import DataError, InputError
from kgan.serving import KerasGenerator, load_keras_file


def dense(*shape, outputs=2, **kwargs):
    """A generator from latents of a shape to points."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape, **kwargs)
    return keras.Model(inputs, layers.Dense(outputs)(layers.Flatten()(inputs)))


def source(model, example_shape=(2,), **kwargs):
    return KerasGenerator(model, "mine.keras", example_shape=example_shape, **kwargs)


@pytest.mark.parametrize(("latents", "shape"), [("normal", (5,)), ("uniform", (3, 2, 4))])
def test_samples_are_the_models_of_the_latents(latents, shape):
    model = dense(*shape)
    made = source(model, latents=latents)
    assert made.latent_shape == list(shape)
    points = made.sample(1_203, seed=7)
    drawn = np.asarray(engine.noise((1_203, *shape), latents, (7, 0)))
    assert (drawn.min() < -1) == (latents == "normal")
    np.testing.assert_allclose(points, np.asarray(model(drawn)), atol=1e-5)
    np.testing.assert_array_equal(made.sample(1_203, seed=7), points)
    assert not np.allclose(made.sample(1_203, seed=8), points)


def test_the_latents_are_those_of_a_kgan_model():
    gan = kgan.GAN(networks.mlp(3, [8], 2), networks.mlp(2, [8], 1), latent_distribution="normal")
    np.testing.assert_allclose(source(gan.generator).sample(40, 3), gan.sample(40, 3), atol=1e-6)


def test_a_batch_of_one_size_alone():
    model = dense(5, batch_size=32)
    points = source(model).sample(70, seed=1)
    drawn = np.asarray(engine.noise((70, 5), "normal", (1, 0)))
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(points, drawn @ kernel + bias, atol=1e-5)


def test_the_output_of_the_examples_shape():
    inputs = keras.Input((4,))
    many = {"code": layers.Dense(7)(inputs), "points": layers.Dense(2)(inputs)}
    model = keras.Model(inputs, many)
    assert source(model).sample(9).shape == (9, 2)
    with pytest.raises(
        InputError, match=r"shape \(3,\)\. Received: outputs of the shapes \(7,\), "
    ):
        source(model, example_shape=(3,)).sample(9)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, latents):
        return self.dense(latents)


def test_a_subclass_tells_what_it_was_built_with():
    model = Subclassed()
    with pytest.raises(InputError, match="does not tell its input's shape"):
        source(model)
    model(np.zeros((1, 6), "float32"))
    assert source(model).sample(5).shape == (5, 2)


def test_inputs_that_are_no_latents():
    two = keras.Model(
        [first := keras.Input((4,)), second := keras.Input((1,))],
        layers.Dense(2)(layers.concatenate([first, second])),
    )
    with pytest.raises(InputError, match=r"mine\.keras with \(None, 4\), \(None, 1\)"):
        source(two)
    numbers = keras.Input((3,), dtype="int32")
    with pytest.raises(InputError, match="not all of floats"):
        source(keras.Model(numbers, layers.Flatten()(layers.Embedding(5, 2)(numbers))))
    any_size = keras.Input((None, 3))
    with pytest.raises(InputError, match=r"\(None, None, 3\)"):
        source(keras.Model(any_size, layers.Dense(2)(any_size)))
    with pytest.raises(InputError, match="latents must be one of"):
        source(dense(3), latents="cauchy")


def images(activation, scale=1.0):
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(64, activation), layers.Rescaling(scale)]
    )
    model.add(layers.Reshape((8, 8, 1)))
    return model


def test_the_value_range_is_checked(caplog):
    shape = (8, 8, 1)
    keras.utils.set_random_seed(0)
    signed = source(images("tanh"), shape, value_range=(-1, 1)).sample(50)
    assert signed.min() < -0.5
    with pytest.raises(InputError, match=r"go from -0.* and are said to lie in 0 to 1\."):
        source(images("tanh"), shape, value_range=(0, 1)).sample(50)
    with pytest.raises(InputError, match="to lie in -1 to 1"):
        source(images("sigmoid", 255.0), shape, value_range=(-1, 1)).sample(50)
    assert "is that the range" not in caplog.text
    source(images("sigmoid"), shape, value_range=(0, 255)).sample(50)
    assert "of a range of 0 to 255: is that the range" in caplog.text


def test_files(tmp_path):
    path = tmp_path / "mine.keras"
    with pytest.raises(DataError, match="There is no file"):
        load_keras_file(path)
    dense(3).save(path)
    assert source(load_keras_file(path)).sample(3).shape == (3, 2)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"Keras cannot read the model .*mine\.keras"):
        load_keras_file(path)
    path.write_text("no model")
    with pytest.raises(DataError, match="Keras cannot read"):
        load_keras_file(path)
    code = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x)])
    code.save(path)
    with pytest.raises(DataError, match="Keras cannot read"):
        load_keras_file(path)
