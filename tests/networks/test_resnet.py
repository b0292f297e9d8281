"""InvertGAN's residual networks: sizes by its tables 3 and 4, layers, shapes."""

import keras
import numpy as np
import pytest
from keras import layers

from kgan.errors import InputError
from kgan.networks import resnet
from kgan.networks.resnet import resnet_encoder, resnet_generator

RNG = np.random.default_rng(0)


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def conv(inputs, outputs, side=3):
    """Weights of a convolution with its biases."""
    return side * side * inputs * outputs + outputs


def shortcut(inputs, outputs):
    """Weights of a 1x1 convolution, which has no biases."""
    return inputs * outputs


# The rows of the tables, in their order.
TABLE_3 = (
    conv(3, 64)
    + (conv(64, 64) + conv(64, 64))
    + (conv(64, 64) + conv(64, 128) + shortcut(64, 128))
    + (conv(128, 128) + conv(128, 256) + shortcut(128, 256))
    + (conv(256, 256) + conv(256, 512) + shortcut(256, 512))
    + (4 * 4 * 512 * 20 + 20)
)
TABLE_4 = (
    (20 * 8192 + 8192)
    + (conv(512, 256) + conv(256, 256) + shortcut(512, 256))
    + (conv(256, 128) + conv(128, 128) + shortcut(256, 128))
    + (conv(128, 64) + conv(64, 64) + shortcut(128, 64))
    + (conv(64, 64) + conv(64, 64))
    + conv(64, 3)
)


def test_weights_of_the_published_networks():
    assert trainable(resnet_encoder((32, 32, 3))) == TABLE_3
    assert trainable(resnet_encoder((32, 32, 3), 1)) == TABLE_3 - 19 * (4 * 4 * 512 + 1)
    assert trainable(resnet_generator((32, 32, 3))) == TABLE_4


def outputs_of(model, kind):
    """`(height, channels)` of the outputs of the layers of a kind, in order."""
    return [(x.output.shape[1], x.output.shape[-1]) for x in model.layers if isinstance(x, kind)]


def test_rows_of_the_tables():
    inverse, generator = resnet_encoder((32, 32, 3)), resnet_generator((32, 32, 3))
    assert outputs_of(inverse, layers.Add) == [(32, 64), (16, 128), (8, 256), (4, 512)]
    assert outputs_of(inverse, layers.AveragePooling2D) == [(16, 64), (8, 128), (4, 256)]
    for layer in inverse.layers:
        if isinstance(layer, layers.AveragePooling2D):
            assert (layer.pool_size, layer.strides) == ((3, 3), (2, 2))
    assert outputs_of(generator, layers.Add) == [(4, 256), (8, 128), (16, 64), (32, 64)]
    assert outputs_of(generator, layers.UpSampling2D) == [(8, 256), (16, 128), (32, 64)]
    kernels = {x.kernel_size for m in (inverse, generator) for x in m.layers if is_conv(x)}
    assert kernels == {(1, 1), (3, 3)}
    for model, last in ((inverse, "linear"), (generator, "tanh")):
        assert model.layers[-1].activation is keras.activations.get(last)
        assert {x.activation for x in model.layers if is_conv(x)} == {keras.activations.linear}


def is_conv(layer):
    return isinstance(layer, layers.Conv2D)


def test_blocks_are_of_leaky_pre_activation_and_scaled_residuals():
    generator, inverse = resnet_generator((8, 8, 1)), resnet_encoder((8, 8, 1))
    for model in (generator, inverse):
        assert not any(isinstance(x, layers.BatchNormalization) for x in model.layers)
        slopes = {x.negative_slope for x in model.layers if isinstance(x, layers.LeakyReLU)}
        assert slopes == {0.2}
        scales = {x.scale for x in model.layers if isinstance(x, layers.Rescaling)}
        assert scales == {0.1}


@pytest.mark.parametrize(
    ("shape", "start"),
    [
        ((28, 28, 1), (7, 7, 256)),
        ((32, 32, 3), (4, 4, 512)),
        ((48, 48, 3), (6, 6, 512)),
        ((96, 96, 3), (6, 6, 512)),
        ((192, 192, 3), (6, 6, 512)),
        ((8, 8, 2), (4, 4, 128)),
        ((16, 8, 3), (4, 2, 256)),
    ],
)
def test_shapes(shape, start):
    # Widths of 8 in the place of 64, for speed; the starts are of 64.
    generator, inverse = resnet_generator(shape, 5, width=8), resnet_encoder(shape, 6, width=8)
    (reshape,) = (x for x in generator.layers if isinstance(x, layers.Reshape))
    assert reshape.output.shape == (None, start[0], start[1], start[2] // 8)
    assert generator.input_shape == (None, 5)
    assert generator.output_shape == (None, *shape)
    assert inverse.input_shape == (None, *shape)
    assert inverse.output_shape == (None, 6)
    # What the last block sees is of the generator's start, and as wide; but for the larger limit
    # that the published code has there.
    last = [x for x in inverse.layers if isinstance(x, layers.Add)][-1]
    widest = 1024 if shape[0] >= 96 else start[2]
    assert last.output.shape == (None, start[0], start[1], widest // 8)
    most = max(v.shape[-1] for m in (generator, inverse) for v in m.weights if len(v.shape) == 4)
    assert most == widest // 8


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16", "mixed_float16"])
def test_outputs_are_float32_in_their_ranges(dtype):
    latents = RNG.normal(0, 20, (4, 5)).astype("float32")
    generator = resnet_generator((8, 8, 3), 5, width=4, dtype=dtype)
    images = generator(latents).numpy()
    assert images.shape == (4, 8, 8, 3)
    assert images.dtype == np.float32
    assert -1 <= images.min() < -0.1
    assert 0.1 < images.max() <= 1
    inverse = resnet_encoder((8, 8, 3), 5, width=4, dtype=dtype)
    found = inverse(images).numpy()
    assert found.shape == (4, 5)
    assert found.dtype == np.float32
    assert found.std() > 0.01
    for model in (generator, inverse):
        assert bool([x for x in model.layers if x.compute_dtype != "float32"]) == bool(dtype)
        assert all(v.dtype == "float32" for v in model.variables)


def test_averages_begin_one_pixel_outside_and_count_its_zeros():
    """Of `AvgPool2d(3, stride=2, padding=1)`, by hand."""
    image = np.arange(1.0, 17.0, dtype="float32").reshape(1, 4, 4, 1)
    found = resnet._halved(image).numpy()[0, :, :, 0]
    # 1 + 2 + 5 + 6, 2 + 3 + 4 + 6 + 7 + 8, 5 + 6 + 9 + 10 + 13 + 14, and the nine to the right.
    np.testing.assert_allclose(found, np.array([[14, 30], [57, 99]]) / 9, rtol=1e-6)
    inverse = resnet_encoder((8, 8, 1), 2, width=2)
    pool = next(x for x in inverse.layers if isinstance(x, layers.AveragePooling2D))
    seen = keras.Model(inverse.get_layer(index=1).output, pool.input)
    assert seen.output.shape[1:3] == (9, 9)


@pytest.mark.parametrize(("filters", "hidden"), [(3, 2), (2, 2)])
def test_a_block_by_hand(filters, hidden):
    """`x_s + 0.1 conv_1(actvn(conv_0(actvn(x))))`; of one pixel convolutions are matrices."""
    inputs = keras.Input((1, 1, 2))
    model = keras.Model(inputs, resnet._block(inputs, filters))
    kernels = [x for x in model.layers if is_conv(x)]
    shortcuts = [x for x in kernels if x.kernel_size == (1, 1)]
    first, second = (x for x in kernels if x.kernel_size == (3, 3))
    assert first.filters == hidden
    assert [x.use_bias for x in shortcuts] == [False] * (filters != 2)

    def through(layer, x):
        kernel, *bias = layer.get_weights()
        return x @ kernel[kernel.shape[0] // 2, kernel.shape[1] // 2] + sum(bias)

    def active(x):
        return np.where(x > 0, x, 0.2 * x)

    x = np.array([[1.5, -2.0], [-0.3, 0.4]], "float32")
    expected = 0.1 * through(second, active(through(first, active(x))))
    expected = expected + (through(shortcuts[0], x) if shortcuts else x)
    found = model(x.reshape(2, 1, 1, 2)).numpy().reshape(2, filters)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_weights_and_biases_are_drawn_as_in_pytorch():
    """U(-1/sqrt(n), 1/sqrt(n)), of n inputs, each on its own."""
    keras.utils.set_random_seed(0)
    generator, inverse = resnet_generator((16, 16, 3), 50, width=16), resnet_encoder((16, 16, 3))
    drawn = []
    for layer in (*generator.layers, *inverse.layers):
        for weight in layer.get_weights():
            kernel = layer.get_weights()[0]
            bound = 1 / np.sqrt(np.prod(kernel.shape[:-1]))
            assert np.abs(weight).max() <= bound
            if weight.size > 500:
                assert weight.std() == pytest.approx(bound / np.sqrt(3), rel=0.1)
            drawn.append(weight.flat[0] / bound)
    assert len(set(np.float32(drawn))) == len(drawn)


def test_blocks_of_one_width_are_the_identity_without_their_convolutions():
    keras.utils.set_random_seed(0)
    inverse = resnet_encoder((8, 8, 2), 3, width=4)
    inside = keras.Model(
        inverse.input,
        [
            next(x for x in inverse.layers if is_conv(x)).output,
            next(x for x in inverse.layers if isinstance(x, layers.Add)).output,
        ],
    )
    images = RNG.normal(size=(3, 8, 8, 2)).astype("float32")
    before, after = inside(images)
    assert np.abs(before - after).max() > 0.01
    _, first, second, *_ = (x for x in inverse.layers if is_conv(x))
    for layer in (first, second):
        layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    before, after = inside(images)
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    "shape",
    [
        (30, 30, 1),
        (7, 7, 1),
        (28, 30, 1),
        (64, 8, 3),
        (32, 32),
        (32, 32, 0),
        (0, 8, 3),
        (36, 36, 1),
    ],
)
@pytest.mark.parametrize("builder", [resnet_encoder, resnet_generator])
def test_bad_shapes(builder, shape):
    with pytest.raises(InputError, match=r"28, 32, 48 and 96 are\. Received: \("):
        builder(shape)
