"""What the methods with an inverse share: encode, invert, reconstruct, interpolate."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan

IMAGES = np.random.default_rng(0).uniform(size=(9, 4, 4, 1)).astype("float32")


def networks(*, dtype=None):
    keras.utils.set_random_seed(1)
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(16, dtype=dtype),
            layers.BatchNormalization(dtype=dtype),
            layers.Reshape((4, 4, 1), dtype=dtype),
            layers.Activation("sigmoid", dtype=dtype),
        ]
    )
    inverse = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Flatten(dtype=dtype), layers.Dense(3, dtype=dtype)]
    )
    discriminator = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(1)])
    return generator, inverse, discriminator


def make(*, dtype=None, **kwargs):
    return kgan.InvertGAN(*networks(dtype=dtype), **kwargs)


def test_encode_and_invert_are_the_inverse():
    model = make()
    expected = model.inverse(IMAGES).numpy()
    np.testing.assert_array_equal(model.encode(IMAGES), expected)
    found = model.invert(IMAGES)
    assert found.shape == (9, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(model.invert(IMAGES, batch_size=4), expected, atol=1e-6)
    np.testing.assert_allclose(model.invert(IMAGES[:1].tolist()), expected[:1], atol=1e-6)


def test_reconstructions_are_the_generators_of_the_latents():
    model = make()
    expected = model.generator(model.inverse(IMAGES)).numpy()
    found = model.reconstruct(IMAGES)
    assert found.shape == IMAGES.shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(model.reconstruct(IMAGES, batch_size=2), expected, atol=1e-6)


def test_reconstructions_are_the_moving_averages_where_there_is_one():
    model = make(ema_decay=0.9)
    model.compile(keras.optimizers.SGD(0.5))
    for _ in range(5):
        model.train_step(tf.constant(IMAGES))
    latents = model.inverse(IMAGES)
    averaged, last = model.ema_generator(latents).numpy(), model.generator(latents).numpy()
    assert np.abs(averaged - last).max() > 1e-3
    np.testing.assert_allclose(model.reconstruct(IMAGES), averaged, atol=1e-6)
    np.testing.assert_allclose(
        model.interpolate(IMAGES[:2], IMAGES[2:4], 2)[:, 0], averaged[:2], atol=1e-6
    )


@pytest.mark.parametrize("steps", [2, 5])
def test_interpolation_is_a_line_between_the_latents(steps):
    model = make()
    first, second = IMAGES[:4], IMAGES[4:8]
    found = model.interpolate(first, second, steps)
    assert found.shape == (4, steps, 4, 4, 1)
    np.testing.assert_allclose(found[:, 0], model.reconstruct(first), atol=1e-6)
    np.testing.assert_allclose(found[:, -1], model.reconstruct(second), atol=1e-6)
    start, end = model.invert(first), model.invert(second)
    for step in range(steps):
        part = step / (steps - 1)
        latents = (1 - part) * start + part * end
        np.testing.assert_allclose(found[:, step], model.generator(latents), atol=1e-5)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_outputs_of_half_precision_networks_are_float32(dtype):
    model = make(dtype=dtype)
    assert model.generator(model.inverse(IMAGES)).dtype == dtype.removeprefix("mixed_")
    assert model.encode(IMAGES).dtype == tf.float32
    for found in (
        model.invert(IMAGES),
        model.reconstruct(IMAGES),
        model.interpolate(IMAGES[:2], IMAGES[2:4], 3),
    ):
        assert found.dtype == np.float32
        assert np.isfinite(found).all()


def test_bad_examples():
    model = make()
    for examples in (IMAGES[..., 0], IMAGES[0], IMAGES[:0], IMAGES[:, :3], np.float32(1)):
        message = r"^Examples must have the shape \(n, 4, 4, 1\)\. Received: \("
        with pytest.raises(kgan.InputError, match=message):
            model.invert(examples)
        with pytest.raises(kgan.InputError, match=message):
            model.reconstruct(examples)
        with pytest.raises(kgan.InputError, match=message):
            model.interpolate(IMAGES, examples, 3)
    for steps in (1, 2.5, "3"):
        with pytest.raises(
            kgan.InputError, match=r"steps`? must be (an integer|a whole number of at least 2)\."
        ):
            model.interpolate(IMAGES, IMAGES, steps)
    with pytest.raises(kgan.InputError, match=r"Received: 3 and 9$"):
        model.interpolate(IMAGES[:3], IMAGES, 4)


def test_an_inverse_with_bounds_is_warned_of_where_latents_have_none():
    generator, inverse, discriminator = networks()
    bounded = keras.Sequential([inverse, layers.Activation("tanh")], name="bounded")
    with pytest.warns(UserWarning, match=r"bounded ends in a tanh, and latents that are N\(0, I\)"):
        kgan.InvertGAN(generator, bounded, discriminator)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kgan.InvertGAN(
            generator,
            bounded,
            discriminator,
            gaussian_loss="none",
            latent_distribution="uniform",
        )


def test_an_inverse_of_another_latent_size():
    generator, _, discriminator = networks()
    for outputs, shape in (
        ([layers.Flatten(), layers.Dense(4)], r"\(None, 4\)"),
        ([layers.Dense(3)], r"\(None, 4, 4, 3\)"),
    ):
        inverse = keras.Sequential([keras.Input((4, 4, 1)), *outputs])
        message = rf"\(4, 4, 1\) to the generator's 3 latent dimensions\. Received: .* {shape}$"
        with pytest.raises(kgan.InputError, match=message):
            kgan.InvertGAN(generator, inverse, discriminator)


def test_an_inverse_of_other_samples():
    generator, _, discriminator = networks()
    inverse = keras.Sequential([keras.Input((5, 5, 1)), layers.Flatten(), layers.Dense(3)])
    # Keras' own error, as the model is made and not as it trains.
    with pytest.raises(ValueError, match=r"incompatible .* expected shape=\(None, 5, 5, 1\)"):
        kgan.InvertGAN(generator, inverse, discriminator)
