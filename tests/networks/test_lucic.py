"""The networks of Lucic et al.: sizes, layers, initial weights."""

import keras
import numpy as np
import pytest
from keras import layers

from kgan.errors import InputError
from kgan.networks import lucic_autoencoder, lucic_discriminator, lucic_generator


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


@pytest.mark.usefixtures("weightless")
@pytest.mark.parametrize(
    ("shape", "generator", "discriminator"),
    [
        ((28, 28, 1), 6_642_241, 6_559_169),
        ((32, 32, 3), 8_616_131, 8_527_297),
        ((64, 64, 3), 33_855_683, 33_693_121),
    ],
)
def test_weights_of_the_published_networks(shape, generator, discriminator):
    assert trainable(lucic_generator(shape)) == generator
    assert trainable(lucic_discriminator(shape)) == discriminator


def test_without_batch_norm_only_its_weights_are_missing():
    with_norm = lucic_discriminator((8, 8, 1), 5)
    without = lucic_discriminator((8, 8, 1), 5, norm="none")
    # Scale and offset of 128 channels and 1024 units.
    assert trainable(with_norm) - trainable(without) == 2 * (128 + 1024)
    assert not any(isinstance(x, layers.BatchNormalization) for x in without.layers)


def test_a_spectral_discriminator_is_the_plain_one_but_for_its_layers():
    plain = lucic_discriminator((8, 8, 1), 5, norm="none")
    spectral = lucic_discriminator((8, 8, 1), 5, norm="spectral")
    assert kinds(plain) == ["Conv2D", "LeakyReLU"] * 2 + ["Dense", "LeakyReLU", "Dense"]
    assert kinds(spectral) == [
        f"Spectral{kind}" if kind in ("Conv2D", "Dense") else kind for kind in kinds(plain)
    ]
    shapes = [[v.shape for v in model.trainable_variables] for model in (plain, spectral)]
    assert shapes[0] == shapes[1]
    assert spectral.output_shape == (None, 5)


@pytest.mark.parametrize(
    ("norm", "kind", "after_convolution", "after_dense"),
    [
        ("batch", "", "BatchNormalization", "BatchNormalization"),
        ("batch_convolution", "", "BatchNormalization", None),
        ("spectral_batch", "Spectral", "BatchNormalization", "BatchNormalization"),
        ("spectral_batch_convolution", "Spectral", "BatchNormalization", None),
        ("layer", "", "GroupNormalization", "GroupNormalization"),
    ],
)
def test_where_a_discriminator_has_its_norms(norm, kind, after_convolution, after_dense):
    def followed(name, norm):
        return [name, *([norm] if norm else []), "LeakyReLU"]

    model = lucic_discriminator((8, 8, 1), 5, norm=norm)
    assert kinds(model) == [
        *followed(f"{kind}Conv2D", None),
        *followed(f"{kind}Conv2D", after_convolution),
        *followed(f"{kind}Dense", after_dense),
        f"{kind}Dense",
    ]
    assert model(np.ones((2, 8, 8, 1))).dtype == "float32"


def test_layer_norm_is_of_a_whole_example():
    model = lucic_discriminator((8, 8, 1), norm="layer")
    images = np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype(np.float32)
    (first, _) = (x for x in model.layers if isinstance(x, layers.GroupNormalization))
    maps = keras.Model(model.input, [first.input, first.output])
    before, after = (np.asarray(x) for x in maps(images))
    axes = {"axis": (1, 2, 3), "keepdims": True}
    expected = (before - before.mean(**axes)) / np.sqrt(before.var(**axes) + 1e-5)
    np.testing.assert_allclose(after, expected, atol=1e-4)
    assert [v.shape for v in first.trainable_variables] == [(128,), (128,)]


def test_an_unknown_norm_is_told():
    with pytest.raises(InputError, match=r"norm must be one of \('none', .*Received: 'instance'"):
        lucic_discriminator((8, 8, 1), norm="instance")


def kinds(model):
    skipped = (layers.InputLayer, layers.Reshape, layers.Flatten)
    return [type(x).__name__ for x in model.layers if not isinstance(x, skipped)]


def test_order_of_layers():
    norm = ["BatchNormalization", "LeakyReLU"]
    assert kinds(lucic_generator((8, 8, 1))) == [
        *("Dense", *norm, "Dense", *norm),
        *("Conv2DTranspose", *norm, "Conv2DTranspose", "Activation"),
    ]
    assert kinds(lucic_discriminator((8, 8, 1))) == [
        *("Conv2D", "LeakyReLU", "Conv2D", *norm),
        *("Dense", *norm, "Dense"),
    ]


def test_options_of_layers():
    for model in (lucic_generator((8, 8, 1)), lucic_discriminator((8, 8, 1))):
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                assert (layer.momentum, layer.epsilon, layer.synchronized) == (0.99, 1e-3, True)
            if isinstance(layer, layers.LeakyReLU):
                assert layer.negative_slope == 0.2
            if isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose)):
                assert (layer.kernel_size, layer.strides, layer.padding, layer.use_bias) == (
                    *((4, 4), (2, 2), "same", True),
                )


def test_initial_weights():
    keras.utils.set_random_seed(0)
    for model in (lucic_generator((16, 16, 3)), lucic_discriminator((16, 16, 3))):
        kernels = [v for v in model.trainable_variables if v.path.endswith("kernel")]
        assert len(kernels) == 4
        for kernel in kernels:
            values, truncated = kernel.numpy(), model.name == "discriminator" and kernel.ndim == 4
            # A normal cut off at two standard deviations has 0.880 of its own.
            stddev = 0.02 * (0.880 if truncated else 1)
            assert values.std() == pytest.approx(stddev, rel=0.08)
            assert (np.abs(values).max() <= 0.0401) == truncated
        for bias in (v for v in model.trainable_variables if v.path.endswith("bias")):
            assert not bias.numpy().any()
    first, second = (lucic_generator((8, 8, 1)).get_weights()[0] for _ in range(2))
    assert (first != second).all()


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16", "mixed_float16"])
def test_outputs_are_float32_of_the_stated_shapes(dtype):
    generator = lucic_generator((12, 8, 3), 5, dtype=dtype)
    assert generator.input_shape == (None, 5)
    images = generator(np.random.default_rng(0).normal(0, 50, (4, 5)).astype("float32")).numpy()
    assert images.shape == (4, 12, 8, 3)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1
    assert images.std() > 0.01
    embeddings = lucic_discriminator((12, 8, 3), 7, dtype=dtype)(images).numpy()
    assert embeddings.shape == (4, 7)
    assert embeddings.dtype == np.float32
    half = [x for x in generator.layers if x.compute_dtype != "float32"]
    assert bool(half) == (dtype is not None)
    assert all(v.dtype == "float32" for v in generator.variables)


def test_the_autoencoder():
    model = lucic_autoencoder((12, 8, 3), 5, dtype="mixed_bfloat16")
    inside = 3 * 2 * 128
    encoder = (16 * 3 * 64 + 64) + (16 * 64 * 128 + 128) + (inside * 5 + 5)
    decoder = (5 * inside + inside) + (16 * 128 * 64 + 64) + (16 * 64 * 3 + 3)
    assert trainable(model) == encoder + decoder
    found = model(np.random.default_rng(0).uniform(0, 1, (4, 12, 8, 3)).astype("float32")).numpy()
    assert found.shape == (4, 12, 8, 3)
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1
    assert 5 in [layer.units for layer in model.layers if isinstance(layer, layers.Dense)]


def test_the_autoencoder_has_as_many_weights_as_the_published_code_says():
    # 1.3 million beside the 8.5 of their discriminator, on images of 32 x 32 x 3.
    assert round(trainable(lucic_autoencoder((32, 32, 3))) / 1e6, 1) == 1.3
    assert round(trainable(lucic_discriminator((32, 32, 3))) / 1e6, 1) == 8.5


@pytest.mark.parametrize("shape", [(30, 28, 1), (28, 30, 1), (28, 28), (28, 28, 0), (0, 4, 1)])
@pytest.mark.parametrize("builder", [lucic_generator, lucic_discriminator, lucic_autoencoder])
def test_bad_shapes(builder, shape):
    with pytest.raises(InputError, match=r"divisible by 4. Received: \("):
        builder(shape)
