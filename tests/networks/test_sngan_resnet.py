"""SN-GAN's residual networks: weights by hand, blocks against their formula, what is normalised."""

import keras
import numpy as np
import pytest
from keras import layers

from kgan.errors import InputError
from kgan.layers import SpectralConv2D, SpectralDense
from kgan.networks import sngan_resnet_discriminator, sngan_resnet_generator


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def conv(inputs, outputs, side=3):
    return side * side * inputs * outputs + outputs


def norm(channels):
    return 2 * channels


def test_weights_of_table_4():
    up = norm(256) + conv(256, 256) + norm(256) + conv(256, 256) + conv(256, 256, 1)
    generator = (128 * 4 * 4 * 256 + 4 * 4 * 256) + 3 * up + norm(256) + conv(256, 3)
    first = conv(3, 128) + conv(128, 128) + conv(3, 128, 1)
    same = conv(128, 128) + conv(128, 128)
    discriminator = first + (same + conv(128, 128, 1)) + same + same + (128 + 1)
    assert (generator, discriminator) == (4_276_739, 1_053_825)
    assert trainable(sngan_resnet_generator((32, 32, 3))) == generator
    for spectral_norm in (True, False):
        found = sngan_resnet_discriminator((32, 32, 3), spectral_norm=spectral_norm)
        assert trainable(found) == discriminator


def test_sizes_of_the_blocks():
    generator = sngan_resnet_generator((48, 32, 3), 7, width=4)
    discriminator = sngan_resnet_discriminator((48, 32, 3), 5, width=4)
    assert (generator.input_shape, generator.output_shape) == ((None, 7), (None, 48, 32, 3))
    assert discriminator.output_shape == (None, 5)

    def sums(model):
        return [x.output.shape[1:] for x in model.layers if isinstance(x, layers.Add)]

    assert sums(generator) == [(12, 8, 4), (24, 16, 4), (48, 32, 4)]
    assert sums(discriminator) == [(24, 16, 4), (12, 8, 4), (12, 8, 4), (12, 8, 4)]


def relu(x):
    return np.maximum(x, 0)


def convolved(x, layer):
    """A convolution with zero padding, in float64."""
    kernel, bias = (np.float64(w) for w in layer.get_weights())
    size = kernel.shape[0]
    padded = np.pad(x, ((0, 0), *[(size // 2, size // 2)] * 2, (0, 0)))
    rows, columns = x.shape[1:3]
    return bias + sum(
        padded[:, i : i + rows, j : j + columns] @ kernel[i, j]
        for i in range(size)
        for j in range(size)
    )


def pooled(x):
    batch, rows, columns, channels = x.shape
    return x.reshape(batch, rows // 2, 2, columns // 2, 2, channels).mean((2, 4))


def test_discriminator_by_its_formula():
    """Shortcuts pool after their convolutions here, as in the authors' code from block 2 on."""
    keras.utils.set_random_seed(0)
    model = sngan_resnet_discriminator((8, 8, 2), 3, spectral_norm=False, width=4)
    kernels = [x for x in model.layers if isinstance(x, layers.Conv2D)]
    for layer in kernels:
        layer.bias.assign(np.linspace(-0.5, 0.5, 4))
    main = [x for x in kernels if x.kernel_size == (3, 3)]
    first, second = (x for x in kernels if x.kernel_size == (1, 1))
    images = np.random.default_rng(0).normal(size=(5, 8, 8, 2))
    x = convolved(images, main[0])
    x = pooled(convolved(relu(x), main[1])) + pooled(convolved(images, first))
    inner = convolved(relu(convolved(relu(x), main[2])), main[3])
    x = pooled(inner) + pooled(convolved(x, second))
    for a, b in (main[4:6], main[6:8]):
        x = x + convolved(relu(convolved(relu(x), a)), b)
    head, bias = (np.float64(w) for w in model.layers[-1].get_weights())
    expected = relu(x).sum((1, 2)) @ head + bias
    np.testing.assert_allclose(model(images.astype("float32")), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("spectral_norm", [True, False])
def test_all_or_no_kernels_of_the_discriminator_are_normalised(spectral_norm):
    model = sngan_resnet_discriminator((8, 8, 3), spectral_norm=spectral_norm, width=2)
    kernels = [x for x in model.layers if hasattr(x, "kernel")]
    assert len(kernels) == 11
    spectral = [isinstance(x, (SpectralConv2D, SpectralDense)) for x in kernels]
    assert spectral == [spectral_norm] * 11
    generator = sngan_resnet_generator((8, 8, 3), width=2)
    assert not any(isinstance(x, (SpectralConv2D, SpectralDense)) for x in generator.layers)


def test_initial_weights():
    keras.utils.set_random_seed(0)
    model = sngan_resnet_discriminator((8, 8, 3), width=64)
    gains = {}
    for layer in model.layers:
        if isinstance(layer, SpectralConv2D) and layer.kernel.shape[2] == 64:
            size = layer.kernel_size[0]
            spread = layer.kernel.numpy().std() * np.sqrt(size**2 * 64)
            gains.setdefault(size, []).append(spread)
    np.testing.assert_allclose(gains[3], np.sqrt(2), rtol=0.03)  # Gain sqrt(2), main path.
    np.testing.assert_allclose(gains[1], 1, rtol=0.05)


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16"])
def test_outputs(dtype):
    rng = np.random.default_rng(0)
    generator = sngan_resnet_generator((8, 16, 2), 5, width=4, dtype=dtype)
    images = generator(rng.normal(size=(6, 5)).astype("float32"), training=True)
    assert images.dtype == "float32"
    assert -1 <= np.min(images) < 0 < np.max(images) <= 1
    model = sngan_resnet_discriminator((8, 16, 2), 4, width=4, dtype=dtype)
    values = model(images, training=True)
    assert (values.shape, values.dtype) == ((6, 4), "float32")
    assert model.layers[1].compute_dtype == ("bfloat16" if dtype else "float32")


@pytest.mark.parametrize("build", [sngan_resnet_generator, sngan_resnet_discriminator])
@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 12, 1), (8, 8), (8, 8, 0), (0, 8, 1)])
def test_other_shapes(build, shape):
    with pytest.raises(InputError, match=r"divisible by 8\. Received: \("):
        build(shape)
