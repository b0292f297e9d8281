"""SN-GAN's plain networks: sizes, layers, what is normalised."""

import keras
import numpy as np
import pytest
from keras import layers

from kgan.errors import InputError
from kgan.layers import SpectralConv2D, SpectralDense
from kgan.networks import sndcgan_discriminator, sndcgan_generator


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def generator_weights(rows, columns, channels):
    """Kernels, biases, and batch norms' scales and centres, from z of 128."""
    units = rows * columns * 512
    total = 128 * units + units + 2 * units
    for before, after in ((512, 256), (256, 128), (128, 64)):
        total += 4 * 4 * before * after + after + 2 * after
    return total + 3 * 3 * 64 * channels + channels


def discriminator_weights(rows, columns, channels, outputs):
    """Kernels and biases: 3x3 and 4x4 in turns."""
    total, before = 0, channels
    for side, after in ((3, 64), (4, 128), (3, 128), (4, 256), (3, 256), (4, 512), (3, 512)):
        total += side * side * before * after + after
        before = after
    return total + rows * columns * 512 * outputs + outputs


@pytest.mark.parametrize(
    ("shape", "start"),
    [
        ((28, 28, 1), (4, 4)),
        ((32, 32, 3), (4, 4)),
        ((48, 48, 3), (6, 6)),
        ((64, 32, 3), (8, 4)),
    ],
)
def test_sizes(shape, start):
    generator, discriminator = sndcgan_generator(shape), sndcgan_discriminator(shape, 3)
    assert generator.input_shape == (None, 128)
    assert (generator.output_shape, discriminator.output_shape) == ((None, *shape), (None, 3))
    assert trainable(generator) == generator_weights(*start, shape[2])
    assert trainable(discriminator) == discriminator_weights(*start, shape[2], 3)


def test_published_counts():
    """With and without spectral normalisation: u is no weight to train."""
    assert trainable(sndcgan_generator((32, 32, 3))) == 3_828_739
    for spectral_norm in (True, False):
        found = sndcgan_discriminator((32, 32, 3), spectral_norm=spectral_norm)
        assert trainable(found) == 5_860_865


def test_sides_of_odd_halves_are_cut_once():
    generator = sndcgan_generator((28, 28, 1), width=2)
    sides = [x.output.shape[1] for x in generator.layers if isinstance(x, layers.Conv2DTranspose)]
    assert sides == [8, 14, 28]
    (cut,) = (x for x in generator.layers if isinstance(x, layers.Cropping2D))
    assert cut.output.shape[1:3] == (7, 7)
    exact = sndcgan_generator((32, 32, 1), width=2)
    assert not any(isinstance(x, layers.Cropping2D) for x in exact.layers)


@pytest.mark.parametrize("spectral_norm", [True, False])
def test_all_or_no_kernels_of_the_discriminator_are_normalised(spectral_norm):
    model = sndcgan_discriminator((16, 16, 3), spectral_norm=spectral_norm, width=2)
    kernels = [x for x in model.layers if hasattr(x, "kernel")]
    assert len(kernels) == 8
    spectral = [isinstance(x, (SpectralConv2D, SpectralDense)) for x in kernels]
    assert spectral == [spectral_norm] * 8
    slopes = {x.negative_slope for x in model.layers if isinstance(x, layers.LeakyReLU)}
    assert slopes == {0.1}
    assert not any(isinstance(x, layers.BatchNormalization) for x in model.layers)


def test_initial_weights_and_batch_norm():
    keras.utils.set_random_seed(0)
    generator = sndcgan_generator((16, 16, 3), width=16)
    for model in (generator, sndcgan_discriminator((16, 16, 3), width=16)):
        for kernel in (v for v in model.trainable_variables if v.path.endswith("kernel")):
            assert kernel.numpy().std() == pytest.approx(0.02, rel=0.15)
    norms = [x for x in generator.layers if isinstance(x, layers.BatchNormalization)]
    assert [x.gamma.shape[0] for x in norms] == [2 * 2 * 128, 64, 32, 16]
    assert {(x.momentum, x.epsilon, x.synchronized) for x in norms} == {(0.9, 2e-5, True)}


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16"])
def test_outputs(dtype):
    rng = np.random.default_rng(0)
    generator = sndcgan_generator((12, 8, 2), 5, width=2, dtype=dtype)
    images = generator(100 * rng.normal(size=(6, 5)).astype("float32"), training=True)
    assert images.dtype == "float32"
    assert np.abs(images).max() <= 1
    assert np.min(images) < 0 < np.max(images)
    model = sndcgan_discriminator((12, 8, 2), 4, width=2, dtype=dtype)
    values = model(images, training=True)
    assert (values.shape, values.dtype) == ((6, 4), "float32")
    assert model.layers[1].compute_dtype == ("bfloat16" if dtype else "float32")


@pytest.mark.parametrize("build", [sndcgan_generator, sndcgan_discriminator])
@pytest.mark.parametrize("shape", [(7, 8, 1), (8, 8), (8, 8, 0), (2,)])
def test_other_shapes(build, shape):
    with pytest.raises(InputError, match=r"sides of 8 and more\. Received: \("):
        build(shape)
